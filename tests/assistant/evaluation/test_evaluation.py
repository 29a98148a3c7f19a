"""The whole path measured on questions whose figures can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.answering import Assistant
from assistant.evaluation.figures import Evaluation, Setup
from assistant.evaluation.gold import read_questions
from assistant.evaluation.observing import observe
from assistant.evaluation.outcomes import Outcome, outcome_of
from assistant.evaluation.report import html_report
from assistant.evaluation.run import evaluate, rule_text
from assistant.evaluation.summary import text_report
from assistant.settings import Settings
from index.types import Hit
from tests.assistant.fakes import FakeReader, FakeSearcher, document_of, passage_of

LEAVE = document_of(
    "permisos.pdf", "Las vacaciones son de 22 días.", "El permiso por mudanza es de 1 día. Lo firma Ana."
)
TRAVEL = document_of("viajes.pdf", "La dieta por viaje es de 45 euros.")
DOCUMENTS = (LEAVE, TRAVEL)

# question → the words that the reader finds, with their score; the threshold is 2
READ = {
    "¿Vacaciones?": ("22 días", 6.0),  # right
    "¿Mudanza?": ("1 día", 1.0),  # right, but too unsure to be shown
    "¿Dieta?": ("22 días", 5.0),  # wrong, shown
    "¿Quién firma?": ("Ana", 4.0),  # asked of a folder that lacks its document: shown, wrong
    "¿Piscina?": ("45 euros", -3.0),  # no answer, silent: right
}


def qa(question: str, context: str, answer: str) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": context.index(answer)}] if answer else []
    return {
        "context": context,
        "qas": [{"id": question, "question": question, "is_impossible": not answer, "answers": answers}],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    first, second = (LEAVE.text[block.start : block.end] for block in LEAVE.blocks)
    data = [
        {
            "document": LEAVE.path,
            "paragraphs": [qa("¿Vacaciones?", first, "22 días"), qa("¿Mudanza?", second, "1 día")],
        },
        {
            "document": TRAVEL.path,
            "paragraphs": [qa("¿Dieta?", TRAVEL.text, "45 euros"), qa("¿Piscina?", TRAVEL.text, "")],
        },
        {"document": "otra.pdf", "paragraphs": [qa("¿Quién firma?", second, "Ana")]},
    ]
    path = tmp_path / "preguntas.json"
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


@pytest.fixture
def assistant() -> Assistant:
    def find(question: str, passage: str) -> list[tuple[int, int, float]]:
        words, score = READ.get(question, ("", 0.0))
        start = passage.find(words)
        return [(start, start + len(words), score)] if words and start >= 0 else []

    passages = [passage_of(document, block.start, block.end) for document in DOCUMENTS for block in document.blocks]
    return Assistant(FakeSearcher(DOCUMENTS, passages), FakeReader(find, threshold=2.0), Settings())


@pytest.fixture
def measured(assistant: Assistant, file: Path) -> Evaluation:
    setup = Setup("carpeta", 2, 3, "lector", "codificador", 8, rule_text(assistant))
    questions = read_questions(file, assistant.searcher.document)
    return evaluate(assistant, questions, setup, variants=True, shown=False)


def outcomes(assistant: Assistant, file: Path) -> dict[str, Outcome]:
    questions = read_questions(file, assistant.searcher.document).questions
    made = [outcome_of(assistant, one) for one in observe(assistant, questions, shown=False)]
    return {outcome.question.question: outcome for outcome in made}


def test_what_became_of_each_question(assistant: Assistant, file: Path) -> None:
    found = outcomes(assistant, file)
    verdicts = {
        question: (one.answered, one.right, one.same_document, one.same_place, one.same_sentence, one.f1)
        for question, one in found.items()
    }
    assert verdicts == {
        "¿Vacaciones?": (True, True, True, True, True, 1.0),
        "¿Mudanza?": (False, True, True, True, True, 0.0),
        "¿Dieta?": (True, False, False, False, False, 0.0),
        "¿Piscina?": (False, False, False, False, False, 1.0),
        "¿Quién firma?": (True, False, False, False, False, 0.0),
    }
    ranks = found["¿Dieta?"].observation.ranks
    assert ranks is not None and (ranks.lexical, ranks.dense, ranks.hybrid) == (3, None, 3)
    given = found["¿Mudanza?"].given
    assert given is not None and given.f1 == 1.0  # the right passage was read, whatever was decided
    assert found["¿Quién firma?"].observation.ranks is None


def test_the_right_words_at_the_wrong_place_are_cited_wrongly(assistant: Assistant, file: Path) -> None:
    copy = document_of("copia.pdf", "Hay 22 días.")
    assert isinstance(assistant.searcher, FakeSearcher)
    assistant.searcher.documents[copy.path] = copy
    assistant.searcher.hits = [
        Hit(passage_of(copy, 0, len(copy.text)), 1, None, 1.0, 0.0, 1.0),
        *assistant.searcher.hits,
    ]
    one = outcomes(assistant, file)["¿Vacaciones?"]
    assert one.right and not one.same_document and not one.same_place


def figures(evaluation: Evaluation) -> dict[str, float | None]:
    return {
        f"{group.key}.{figure.key}": figure.interval and figure.interval.value
        for group in evaluation.groups
        for figure in group.figures
    }


def test_figures_by_hand(measured: Evaluation) -> None:
    found = figures(measured)
    assert found["retrieval_lexical.recall_at_1"] == pytest.approx(100 / 3)
    assert found["retrieval_lexical.recall_at_5"] == 100
    assert found["retrieval_lexical.mrr"] == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert found["retrieval_dense.recall_at_20"] == 0
    assert found["reader.f1"] == pytest.approx(200 / 3)  # nothing was read in the passage of the allowance
    assert found["end_to_end.f1"] == pytest.approx(40)
    assert found["end_to_end.has_answer_f1"] == pytest.approx(100 / 3)
    assert found["end_to_end.no_answer"] == 50
    assert found["end_to_end.forced_right"] == pytest.approx(200 / 3)
    assert found["citations.document"] == 50
    assert found["abstention.answered"] == pytest.approx(60)
    assert found["abstention.wrong_shown"] == pytest.approx(200 / 3)
    assert (found["abstention.precision"], found["abstention.recall"]) == (50, 50)
    assert found["confidence.calibration_error"] is None
    # by falling margin: right, wrong, wrong (foreign), right, wrong
    assert found["confidence.aurc"] == pytest.approx(100 * (0 + 1 / 2 + 2 / 3 + 2 / 4 + 3 / 5) / 5)
    assert found["confidence.coverage_at_90"] == pytest.approx(20)


def test_every_report_tells_the_same(measured: Evaluation, assistant: Assistant) -> None:
    text, page = text_report(measured), html_report(measured, assistant.searcher)
    for group in measured.groups:
        for figure in group.figures:
            assert figure.label in text and figure.label in page
    record = json.loads(json.dumps(measured.as_json(), allow_nan=False))
    assert record["end_to_end"]["f1"]["value"] == pytest.approx(40)
    assert record["questions"]["foreign"] == 1
    assert set(record["variants"]) == {one.name for one in measured.variants}
    assert "margen mayor que 2,000" in text


def test_the_page_shows_errors_in_their_documents_and_fetches_nothing(
    measured: Evaluation, assistant: Assistant
) -> None:
    page = html_report(measured, assistant.searcher)
    assert "La dieta por viaje es de <mark class=gold>45 euros</mark>." in page
    assert "Las vacaciones son de <mark class=said>22 días</mark>." in page
    assert "http" not in page and "src=" not in page and "<svg" in page


def test_variants_of_a_question_that_is_then_not_understood_fall(measured: Evaluation) -> None:
    by_name = {one.name: one for one in measured.variants}
    # the reader knows each question only as it was asked
    assert by_name["en mayúsculas"].fall.value == pytest.approx(40 - 40)  # silent five times: two are right
    assert by_name["en mayúsculas"].answered == 0
    forced = by_name["en mayúsculas"].forced_fall
    assert forced is not None and forced.value == pytest.approx(200 / 3)  # two of three were found before
