"""The probability of being right: fitted, kept with its reader, refused for any other, applied, and decided by."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering import Assistant
from assistant.calibrating import LEAST, Fit, fit
from assistant.calibration import FILE, RISKS, Calibration, Term, fingerprint, load_calibration, save_calibration
from assistant.decision import Weights
from assistant.errors import AssistantProblem
from assistant.evaluation.gold import FolderQuestion
from assistant.evaluation.observing import Observation, observe
from assistant.features import NAMES
from assistant.settings import Settings
from assistant.types import Abstention, Answer
from reader.squad import Answer as GoldAnswer
from reader.squad import Question
from tests.assistant.fakes import FakeReader, FakeSearcher, document_of, finder, passage_of


def calibration_of(folder: Path, *, media: float = 0.5) -> Calibration:
    """Right with probability 0.5 at a margin of 3, more above."""
    return Calibration(
        reader="lector",
        fingerprint=fingerprint(folder),
        weights=Weights(0.5, 2.0),
        bias=0.0,
        terms=(Term("margin", 1.0, 3.0, 1.0, -5.0, 8.0),),
        thresholds={"baja": 0.2, "media": media, "alta": 0.99},
        fitted={"questions": 100},
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "lector"
    folder.mkdir()
    (folder / "network.safetensors").write_bytes(b"weights")
    return folder


def test_it_is_kept_with_its_reader(model: Path) -> None:
    assert load_calibration(model) is None
    calibration = calibration_of(model)
    save_calibration(model, calibration)
    assert load_calibration(model) == calibration
    assert [file.name for file in model.iterdir() if "partial" in file.name] == []


def test_it_is_refused_for_other_weights(model: Path) -> None:
    save_calibration(model, calibration_of(model))
    (model / "network.safetensors").write_bytes(b"other weights")
    with pytest.raises(AssistantProblem) as caught:
        load_calibration(model)
    assert "otro lector" in caught.value.message and "assistant calibrate" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "reader": "x"}'])
def test_a_damaged_file_is_named(model: Path, content: str) -> None:
    (model / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(AssistantProblem) as caught:
        load_calibration(model)
    assert str(model / FILE) in caught.value.message


def test_a_feature_of_another_version_is_refused(model: Path) -> None:
    unknown = (Term("astrology", 1.0, 0.0, 1.0, 0.0, 1.0),)
    save_calibration(model, replace(calibration_of(model), terms=unknown))
    with pytest.raises(AssistantProblem, match="astrology"):
        load_calibration(model)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_probabilities_rise_with_the_margin_within_what_was_seen(one: float, other: float) -> None:
    calibration = calibration_of(Path("/nonexistent").parent)
    low, high = sorted((one, other))
    first, second = (calibration.probability({"margin": margin}) for margin in (low, high))
    assert 0 <= first <= second <= 1
    assert calibration.probability({"margin": 1e6}) == calibration.probability({"margin": 8.0})


LEAVE = document_of("permisos.pdf", "Las vacaciones anuales son de 22 días.")


def assistant_with(model: Path, score: float, **chosen: object) -> Assistant:
    searcher = FakeSearcher([LEAVE], [passage_of(LEAVE, 0, len(LEAVE.text))])
    reader = FakeReader(finder({"22 días": score}), threshold=100.0)
    return Assistant(searcher, reader, Settings(**chosen), calibration_of(model))  # type: ignore[arg-type]


def test_the_probability_decides_and_is_told(model: Path) -> None:
    answer = assistant_with(model, 6.0).ask("¿Cuántas vacaciones?")
    assert isinstance(answer, Answer)  # though its margin is under the reader's own threshold
    assert answer.quote.probability == pytest.approx(0.9526, abs=1e-4)
    assert answer.confidence == "alta"
    silence = assistant_with(model, 2.0).ask("¿Cuántas vacaciones?")
    assert isinstance(silence, Abstention) and silence.best_rejected is not None
    assert silence.best_rejected.probability == pytest.approx(0.2689, abs=1e-4)


def test_prudence_sets_how_sure_to_be(model: Path) -> None:
    results = {name: type(assistant_with(model, 3.5, prudencia=name).ask("¿Cuántas vacaciones?")) for name in RISKS}
    assert results == {"baja": Answer, "media": Answer, "alta": Abstention}
    assert isinstance(assistant_with(model, 2.0, prudencia="baja").ask("¿Cuántas?"), Answer)


def test_the_persons_own_margin_wins(model: Path) -> None:
    assert isinstance(assistant_with(model, 6.0, threshold=7.0).ask("¿Cuántas?"), Abstention)
    assert isinstance(assistant_with(model, 1.0, threshold=0.0).ask("¿Cuántas?"), Answer)


def observations(count: int) -> list[Observation]:
    """Documents of one question each, answered right when the margin is large, wrong when small, with some noise."""
    random.seed(0)
    made = []
    for number in range(count):
        days, margin = f"{number + 2} días", random.uniform(-4, 4)
        is_right = margin + random.gauss(0, 1.5) > 0
        document = document_of(f"{number}.txt", f"Las vacaciones son de {days}. El aviso es de {number + 900} horas.")
        said = days if is_right else f"{number + 900} horas"
        searcher = FakeSearcher([document], [passage_of(document, 0, len(document.text))])
        assistant = Assistant(searcher, FakeReader(finder({said: margin})), Settings())
        start = document.text.index(days)
        gold = GoldAnswer(days, start)
        question = Question(
            str(number), "¿Cuántos días de vacaciones hay?", document.text, (gold,), False, document.path
        )
        asked = FolderQuestion(question, document.path, ((start, gold.end),))
        made += observe(assistant, [asked], shown=False)
    return made


@pytest.fixture(scope="module")
def fitted() -> Fit:
    pytest.importorskip("sklearn")
    return fit(observations(240), reader="lector", fingerprint="f", source={"k": 8})


def test_fitting_finds_what_tells_right_from_wrong(fitted: Fit) -> None:
    weights = {term.name: term.weight for term in fitted.calibration.terms}
    assert list(weights) == list(NAMES)
    assert weights["margin"] > 0.25  # in standard deviations
    assert fitted.documents == fitted.questions == 240
    assert fitted.error.value < 0.12
    assert fitted.aurc <= fitted.aurc_by_margin + 0.02


def test_thresholds_keep_their_promise_where_they_were_fitted(fitted: Fit) -> None:
    trials = fitted.trials
    for prudence, risk in RISKS.items():
        assert trials[prudence].wrong <= risk + 1e-9
        assert fitted.calibration.thresholds[prudence] == pytest.approx(trials[prudence].threshold, abs=1e-4)
    assert trials["baja"].answered >= trials["media"].answered >= trials["alta"].answered


def test_a_fitted_calibration_survives_its_file(fitted: Fit, model: Path) -> None:
    calibration = replace(fitted.calibration, fingerprint=fingerprint(model))
    save_calibration(model, calibration)
    assert load_calibration(model) == calibration
    assert json.loads((model / FILE).read_text())["fitted"]["questions"] == 240


def test_too_few_documents_say_nothing_of_others() -> None:
    with pytest.raises(AssistantProblem) as caught:
        fit(observations(LEAST - 1), reader="lector", fingerprint="f", source={})
    assert str(LEAST) in caught.value.message
