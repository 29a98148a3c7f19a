"""The official figures, on a set worked out by hand from the definitions of SQuAD 2.0."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.metrics import (
    exact_match,
    f1_score,
    missing_predictions,
    official_figures,
    score_text,
    spanish_normalize,
    squad_normalize,
)
from reader.squad import Answer, Question


def question(name: str, *golds: str) -> Question:
    return Question(name, "¿?", "contexto", tuple(Answer(gold, 0) for gold in golds), not golds, "")


# id: gold answers, prediction, no-answer score, and what the definitions say of the raw prediction.
#   multi: the best gold, "the year 1998", is "year 1998" without its English article: 1 word of 2 and of 2 → F1 1/2
#   exact: "9:00," and "9:00." both normalise to "900"
#   accent: SQuAD's normalisation keeps accents and Spanish articles: "la estación" ≠ "estacion"; no word in common
#   article: "el registro" against "registro civil": precision 1/2, recall 1/2
#   repeat: "no no no" against "no no": 2 common words, precision 2/2, recall 2/3 → 4/5
#   sign: the gold "¿…?" is ¿ and … after ASCII punctuation goes, the prediction "?" is empty: 0
#   emptied: the gold "." normalises to nothing, so the right text is "": the prediction "-" is as empty
#   silent: an answerable question, nothing predicted: 0
#   none_right, none_wrong: unanswerable; right only where nothing is predicted
SET = {
    "multi": (("1998 year", "the year 1998"), "in 1998", 0.30, 0.0, 1 / 2),
    "exact": (("9:00,",), "9:00.", 0.10, 1.0, 1.0),
    "accent": (("la estación",), "estacion", 0.20, 0.0, 0.0),
    "article": (("el registro",), "Registro civil", 0.60, 0.0, 1 / 2),
    "repeat": (("no no no",), "no no", 0.05, 0.0, 4 / 5),
    "sign": (("¿…?",), "?", 0.70, 0.0, 0.0),
    "emptied": ((".",), "-", 0.40, 1.0, 1.0),
    "silent": (("14",), "", 0.95, 0.0, 0.0),
    "none_right": ((), "", 0.90, 1.0, 1.0),
    "none_wrong": ((), "algo", 0.80, 0.0, 0.0),
}
QUESTIONS = [question(name, *row[0]) for name, row in SET.items()]
PREDICTIONS = {name: row[1] for name, row in SET.items()}
NO_ANSWER = {name: row[2] for name, row in SET.items()}


@pytest.mark.parametrize("name", SET)
def test_raw_scores_by_hand(name: str) -> None:
    golds, predicted, _, exact, f1 = SET[name]
    score = score_text(question(name, *golds), predicted)
    assert (score.exact, score.f1) == (exact, f1)


def test_figures_by_hand_without_no_answer_scores() -> None:
    assert official_figures(QUESTIONS, PREDICTIONS) == {
        "exact": 100.0 * 3 / 10,
        "f1": 100.0 * (1 / 2 + 1 + 0 + 1 / 2 + 4 / 5 + 0 + 1 + 0 + 1 + 0) / 10,
        "total": 10,
        "HasAns_exact": 100.0 * 2 / 8,
        "HasAns_f1": 100.0 * (1 / 2 + 1 + 0 + 1 / 2 + 4 / 5 + 0 + 1 + 0) / 8,
        "HasAns_total": 8,
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
        "NoAns_total": 2,
    }


def test_figures_by_hand_with_a_threshold() -> None:
    # Above 0.5: article, sign, silent and the two unanswerable ones are taken back.
    figures = official_figures(QUESTIONS, PREDICTIONS, NO_ANSWER, 0.5)
    assert figures["exact"] == 100.0 * (0 + 1 + 0 + 0 + 0 + 0 + 1 + 0 + 1 + 1) / 10
    assert figures["f1"] == 100.0 * (1 / 2 + 1 + 0 + 0 + 4 / 5 + 0 + 1 + 0 + 1 + 1) / 10
    assert (figures["NoAns_exact"], figures["HasAns_exact"]) == (100.0, 100.0 * 2 / 8)
    # The sweep does not see the threshold. It starts at 2 (both unanswerable ones right by silence) and answers by
    # rising score. exact: repeat 2, exact 3, accent 3, multi 3, emptied 4, then nothing gains.
    assert (figures["best_exact"], figures["best_exact_thresh"]) == (40.0, 0.40)
    # f1: repeat 2.8, exact 3.8, accent, multi 4.3, emptied 5.3, article 5.8, sign 5.8, none_wrong 4.8 …
    assert figures["best_f1"] == pytest.approx(58.0, abs=1e-9)
    assert figures["best_f1_thresh"] == 0.60
    assert list(figures) == [
        *(
            "exact",
            "f1",
            "total",
            "HasAns_exact",
            "HasAns_f1",
            "HasAns_total",
            "NoAns_exact",
            "NoAns_f1",
            "NoAns_total",
        ),
        *("best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh"),
    ]


def test_a_score_at_the_threshold_is_still_answered() -> None:
    figures = official_figures([question("a", "sí")], {"a": "sí"}, {"a": 0.5}, 0.5)
    assert figures["exact"] == 100.0


def test_best_figures_when_silence_is_best() -> None:
    figures = official_figures([question("a"), question("b")], {"a": "x", "b": "y"}, {"a": 0.1, "b": 0.2})
    assert (figures["exact"], figures["best_exact"], figures["best_exact_thresh"]) == (0.0, 100.0, 0.0)


def test_questions_without_prediction_are_left_out_and_named() -> None:
    questions = [question("a", "sí"), question("b", "no")]
    assert official_figures(questions, {"a": "sí"})["total"] == 1
    assert missing_predictions(questions, {"a": "sí"}) == ["b"]


def test_no_questions_of_a_kind() -> None:
    assert "NoAns_f1" not in official_figures([question("a", "sí")], {"a": "sí"})
    assert official_figures([], {}) == {"exact": 0.0, "f1": 0.0, "total": 0}


@pytest.mark.parametrize(
    ("text", "squad", "spanish"),
    [
        ("  La  Estación, de «Atocha» ", "la estación de «atocha»", "estación de atocha"),
        ("¿Unos 9.000 €?", "¿unos 9000 €", "9000 €"),
        ("The end — el fin", "end — el fin", "the end fin"),
        ("A las 14:30", "las 1430", "a 1430"),
        ("¡¿…?!", "¡¿…", ""),
    ],
)
def test_both_normalisations(text: str, squad: str, spanish: str) -> None:
    assert (squad_normalize(text), spanish_normalize(text)) == (squad, spanish)


def test_the_spanish_normalisation_forgives_articles_and_signs_but_no_accents() -> None:
    assert exact_match("la estación", "«Estación»", spanish_normalize) == 1
    assert exact_match("la estación", "estacion", spanish_normalize) == 0
    assert f1_score("el registro civil", "registro", spanish_normalize) == pytest.approx(2 / 3)


texts = st.text(alphabet="ab el.¿", max_size=12)


@given(gold=texts, predicted=texts)
def test_f1_is_symmetric_bounded_and_above_exact(gold: str, predicted: str) -> None:
    for normalize in (squad_normalize, spanish_normalize):
        f1 = f1_score(gold, predicted, normalize)
        assert 0 <= exact_match(gold, predicted, normalize) <= f1 <= 1
        assert f1 == f1_score(predicted, gold, normalize)


def reference_best(
    scores: Mapping[str, float], answerable: Mapping[str, bool], no_answer: Mapping[str, float]
) -> float:
    """The best mean over all thresholds, by trying every one of them."""
    cuts = [-math.inf, *no_answer.values()]
    return max(
        sum(scores[key] if no_answer[key] <= cut else float(not answerable[key]) for key in scores) / len(scores)
        for cut in cuts
    )


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["uno", "uno dos", "tres"]), st.integers(-3, 3)),
        min_size=1,
        max_size=8,
    )
)
def test_the_best_threshold_beats_every_other(rows: list[tuple[bool, str, int]]) -> None:
    # Distinct scores: among equal ones the official sweep may stop half-way, which no threshold can do.
    rows = [(answerable, text, score * 100 + i) for i, (answerable, text, score) in enumerate(rows)]
    questions = [question(str(i), *(["uno dos"] if row[0] else [])) for i, row in enumerate(rows)]
    predictions = {str(i): row[1] for i, row in enumerate(rows)}
    no_answer = {str(i): float(row[2]) for i, row in enumerate(rows)}
    figures = official_figures(questions, predictions, no_answer)
    for name in ("exact", "f1"):
        scores = {q.id: getattr(score_text(q, predictions[q.id]), name) for q in questions}
        best = reference_best(scores, {q.id: not q.is_impossible for q in questions}, no_answer)
        assert figures[f"best_{name}"] == pytest.approx(100 * best)
        at = official_figures(questions, predictions, no_answer, figures[f"best_{name}_thresh"])
        if figures[f"best_{name}_thresh"] != 0.0:
            assert at[name] == pytest.approx(100 * best)
