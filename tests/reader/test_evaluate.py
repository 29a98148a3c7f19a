"""The evaluation of a scripted reader: figures by hand, slices, calibration, comparison, files of predictions."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from reader.errors import DataProblem
from reader.evaluate import calibrate, check_disjoint, compare, evaluate
from reader.predictions import Prediction, PredictionSet, load_predictions, predict, save_predictions
from reader.report import html_report, marked_context
from reader.summary import aligned, comparison_text, text_report
from tests.reader.scripted import CONTEXT, QUESTIONS, SCRIPT, ScriptedReader, make_question, make_set

SET = make_set(*QUESTIONS)
MADE = predict(ScriptedReader(SCRIPT), QUESTIONS, "preguntas.json", shown=False)


def test_predictions_are_the_best_spans_in_one_pass_of_chunks() -> None:
    reader = ScriptedReader(SCRIPT)
    many = [replace(QUESTIONS[i % 5], id=str(i)) for i in range(600)]
    made = predict(reader, many, "muchas.json", shown=False)
    assert sum(reader.calls) == 600 and max(reader.calls) <= 256
    assert list(made.predictions) == [str(i) for i in range(600)]
    start = CONTEXT.index("las 9")
    assert made.predictions["0"] == Prediction("0", "las 9", start, start + 5, 5.0)
    assert made.predictions["4"] == Prediction("4", "", 0, 0, -math.inf)
    assert (made.model, made.data, made.threshold) == ("de prueba", "muchas.json", 0.0)


def test_figures_by_hand() -> None:
    found = evaluate(SET, MADE)
    # abre: "las 9" against "a las 9" ("a" is an English article): exact. quien: answered, wrong. telefono: silent.
    assert found.figures["exact"] == 100.0 * (1 + 1 + 0 + 0 + 1) / 5
    assert found.figures["HasAns_f1"] == 100.0 * 2 / 3
    assert found.figures["NoAns_f1"] == 50.0
    # Answering telefono as well, and not quien, cannot be had by one threshold; answering all but cuanto can.
    assert (found.figures["best_f1"], found.figures["best_f1_thresh"]) == (80.0, -3.0)
    # In Spanish "las" is an article and "a" is not: "9" and "a 9".
    assert found.spanish["exact"] == 100.0 * (1 + 1 + 0 + 0 + 1) / 5  # its gold "9" matches
    assert found.intervals["f1"].low <= found.figures["f1"] <= found.intervals["f1"].high
    assert set(found.intervals) == {f"{part}{name}" for part in ("", "HasAns_", "NoAns_") for name in ("exact", "f1")}
    assert [outcome.answered for outcome in found.outcomes] == [True, True, False, True, False]
    for name, interval in found.intervals.items():
        assert interval.value == pytest.approx(found.figures[name])


def test_a_margin_at_the_threshold_is_an_abstention_in_every_figure() -> None:
    found = evaluate(SET, replace(MADE, threshold=3.0))
    assert [outcome.answered for outcome in found.outcomes] == [True, False, False, False, False]
    assert found.figures["exact"] == 100.0 * (1 + 0 + 0 + 1 + 1) / 5
    assert found.figures["exact"] == pytest.approx(found.intervals["exact"].value)


@pytest.mark.parametrize("threshold", [-math.inf, math.inf])
def test_thresholds_that_answer_all_or_nothing(threshold: float) -> None:
    found = evaluate(SET, replace(MADE, threshold=threshold))
    expected = {-math.inf: 100.0 * 4 / 5, math.inf: 100.0 * 2 / 5}
    assert found.figures["exact"] == expected[threshold]
    json.dumps(found.as_json(), allow_nan=False)


def test_slices_cover_every_question_once() -> None:
    found = evaluate(SET, MADE)
    for parts in found.slices.values():
        assert sum(part.total for part in parts) == 5
    asked = {part.name: part for part in found.slices["Lo que pregunta"]}
    assert set(asked) == {"qué", "cuándo", "sin interrogativo", "quién", "cuánto"}
    assert (asked["quién"].f1.value, asked["quién"].answered) == (0.0, 100.0)
    assert asked["sin interrogativo"].answered == 0.0


def test_spans_are_also_scored_as_if_silence_were_not_allowed() -> None:
    found = evaluate(SET, replace(MADE, threshold=math.inf)).forced
    assert found is not None and (found.exact, found.f1) == (100.0, 100.0)  # telefono is right, though unsure
    assert evaluate(make_set(QUESTIONS[4]), replace(MADE, threshold=0.0)).forced is None


def test_selective_figures() -> None:
    found = evaluate(SET, MADE).selective
    assert found is not None
    # By margin: abre right, cierra right, quien wrong, telefono right, cuanto wrong (there is nothing to find).
    assert found.curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 4, 2 / 5])
    assert found.aurc.value == pytest.approx((0 + 0 + 1 / 3 + 1 / 4 + 2 / 5) / 5)
    assert found.aurc.low <= found.aurc.value <= found.aurc.high
    assert found.coverage_at_accuracy(0.9) == pytest.approx(0.4)
    assert found.coverage_at_accuracy(0.75) == pytest.approx(0.8)


def test_sentences() -> None:
    found = evaluate(SET, MADE)
    assert found.sentence_accuracy == 100.0
    assert found.floor_accuracy == 100.0
    wrong = predict(ScriptedReader({QUESTIONS[0].question: ("lunes", 1.0)}), QUESTIONS, "", shown=False)
    assert evaluate(SET, wrong).sentence_accuracy == 0.0


def test_a_threshold_is_fitted_on_other_data() -> None:
    other = "El archivo abre los martes. La sala de lectura está en la planta 2."
    questions = make_set(
        make_question("a", "¿Qué días abre el archivo?", other, "los martes"),
        make_question("b", "¿Quién lo dirige?", other),
        make_question("c", "¿En qué planta está la sala?", other, "planta 2"),
    )
    script = {
        "¿Qué días abre el archivo?": ("los martes", 4.0),
        "¿Quién lo dirige?": ("El archivo", 2.0),
        "¿En qué planta está la sala?": ("los martes", 1.0),
    }
    fitted = calibrate(questions, predict(ScriptedReader(script), questions.questions, "", shown=False))
    assert (fitted.value, fitted.score) == (3.0, 2 / 3)
    check_disjoint(questions, SET)
    with pytest.raises(DataProblem, match="comparten 1 textos"):
        check_disjoint(make_set(make_question("x", "¿Qué?", CONTEXT, "9")), SET)


def test_two_systems_are_compared_question_by_question() -> None:
    silent = evaluate(SET, replace(MADE, threshold=math.inf))
    found = compare(evaluate(SET, MADE), silent)
    assert (found["f1"].a, found["f1"].b) == pytest.approx((60.0, 40.0))
    assert found["exact"].difference.value == pytest.approx(20.0)
    assert found["exact"].p_value > 0.05
    text = comparison_text(evaluate(SET, MADE), silent, found)
    assert "5 preguntas; bootstrap pareado" in text and "20,00" in text


def test_predictions_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    save_predictions(path, replace(MADE, threshold=-math.inf))
    assert load_predictions(path) == replace(MADE, threshold=-math.inf)
    json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_official_predictions_of_another_system(tmp_path: Path) -> None:
    path = tmp_path / "otro.json"
    path.write_text(json.dumps({q.id: SCRIPT[q.question][0] for q in QUESTIONS}), encoding="utf-8")
    found = evaluate(SET, load_predictions(path))
    assert (found.model, found.figures["exact"]) == ("otro", 80.0)
    assert "best_f1" not in found.figures
    assert found.selective is None and found.sentence_accuracy is None
    assert "80,00" in text_report(found)
    assert "Saber callar" not in html_report(found)


@pytest.mark.parametrize("content", ["[1, 2]", "{}", '{"predictions": [{"id": "a"}]}', '{"a": 1}', '{"a": '])
def test_what_is_no_file_of_predictions_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "roto.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataProblem, match=r"roto\.json"):
        load_predictions(path)


def test_missing_predictions_are_named() -> None:
    some = PredictionSet("m", "d", 0.0, {"abre": MADE.predictions["abre"]})
    with pytest.raises(DataProblem, match=r"no contestan 4 de las preguntas \(cierra, telefono, quien…\)"):
        evaluate(SET, some)


def test_no_questions_are_refused() -> None:
    with pytest.raises(DataProblem, match="no queda ninguna pregunta"):
        evaluate(make_set(), MADE)


def test_reports_tell_the_same_figures() -> None:
    found = evaluate(SET, MADE, "ajustado con otro.json")
    text, page = text_report(found), html_report(found)
    for shown in ("60,00", "HasAns_exact", "66,67", "ajustado con otro.json", "sin interrogativo"):
        assert shown in text and shown in page
    assert page.count("<svg") == 6
    assert "http" not in page.replace("http-equiv", "")
    assert "Contestó lo que el texto no dice (1 de 5)" in page
    assert "<mark class=said>La piscina</mark>" in page
    assert "Calló y el texto lo decía (1 de 5)" in page
    assert "<mark class=both>555 123</mark>" in page


def test_texts_are_escaped_in_the_page() -> None:
    context = "Pulse <b>Guardar</b> & salga."
    questions = make_set(make_question("x&y", "¿Qué <pulso>?", context, "Guardar"))
    made = predict(ScriptedReader({"¿Qué <pulso>?": ("<b>", 1.0)}), questions.questions, "", shown=False)
    page = html_report(evaluate(questions, made))
    assert "¿Qué &lt;pulso&gt;?" in page and "<b>" not in page and "x&amp;y" in page


def test_marks_overlap_and_far_text_is_cut() -> None:
    context = "x" * 500 + " abc def ghi " + "y" * 500
    question = make_question("q", "¿?", context, "abc def")
    made = predict(ScriptedReader({"¿?": ("def ghi", 1.0)}), [question], "", shown=False)
    shown = marked_context(evaluate(make_set(question), made).outcomes[0])
    assert "<mark class=gold>abc </mark><mark class=both>def</mark><mark class=said> ghi</mark>" in shown
    assert shown.startswith("… x") and shown.endswith("y …")
    assert len(shown) < 700


def test_aligned() -> None:
    assert aligned([("a", "10"), ("bbb", "7")]) == ["a    10", "bbb   7"]
    assert aligned([]) == []
