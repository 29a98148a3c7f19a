"""The official SQuAD 2.0 figures, and a Spanish normalisation beside them.

Definitions: Rajpurkar, Jia and Liang, "Know What You Don't Know" (arXiv 1806.03822) and the evaluation that goes with
it; Spanish articles and Unicode punctuation as in MLQA (Lewis et al., arXiv 1910.07475). Sums run in the order of the
questions, so that a figure equals the official one to the last digit.
"""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from reader.squad import Question

Normalize = Callable[[str], str]

_ENGLISH_ARTICLES = re.compile(r"\b(a|an|the)\b")
_SPANISH_ARTICLES = re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b")
_ASCII_PUNCTUATION = str.maketrans("", "", string.punctuation)


@cache
def _unicode_punctuation() -> dict[int, None]:
    """Deletes ASCII punctuation and all of Unicode's P categories: «», ¿ ¡ and dashes too."""
    signs = (chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)).startswith("P"))
    return dict.fromkeys(map(ord, signs)) | dict.fromkeys(map(ord, string.punctuation))


def squad_normalize(text: str) -> str:
    """SQuAD's own: lower case, no ASCII punctuation, no English articles, single spaces."""
    return " ".join(_ENGLISH_ARTICLES.sub(" ", text.lower().translate(_ASCII_PUNCTUATION)).split())


def spanish_normalize(text: str) -> str:
    """MLQA's for Spanish: lower case, no Unicode punctuation, no Spanish articles, single spaces. Accents stay."""
    return " ".join(_SPANISH_ARTICLES.sub(" ", text.lower().translate(_unicode_punctuation())).split())


def exact_match(gold: str, predicted: str, normalize: Normalize = squad_normalize) -> int:
    """1 when both texts are the same once normalised."""
    return int(normalize(gold) == normalize(predicted))


def f1_score(gold: str, predicted: str, normalize: Normalize = squad_normalize) -> float:
    """Harmonic mean of the precision and recall of the words, counted with repetition; 1 when both are empty."""
    gold_words, predicted_words = normalize(gold).split(), normalize(predicted).split()
    if not gold_words or not predicted_words:
        return float(gold_words == predicted_words)
    common = (Counter(gold_words) & Counter(predicted_words)).total()
    if not common:
        return 0.0
    precision, recall = common / len(predicted_words), common / len(gold_words)
    return (2 * precision * recall) / (precision + recall)


@dataclass(frozen=True, slots=True)
class Score:
    """How good one predicted text is against the gold answer it fits best, whatever the decision to answer."""

    exact: float
    f1: float


def score_text(question: Question, predicted: str, normalize: Normalize = squad_normalize) -> Score:
    """The best score over the gold answers; the only right text for an unanswerable question is the empty one."""
    golds = [answer.text for answer in question.answers if normalize(answer.text)] or [""]
    return Score(
        max(exact_match(gold, predicted, normalize) for gold in golds),
        max(f1_score(gold, predicted, normalize) for gold in golds),
    )


def official_figures(
    questions: Sequence[Question],
    predictions: Mapping[str, str],
    no_answer: Mapping[str, float] | None = None,
    threshold: float = 1.0,
    normalize: Normalize = squad_normalize,
) -> dict[str, float]:
    """The figures of the official script under its names, in percent.

    Args:
        questions: the gold answers.
        predictions: question id → text, empty to abstain. Questions without a prediction are left out of the
            overall figures, as the official script does with a warning; see :func:`missing_predictions`.
        no_answer: question id → the higher, the likelier that there is no answer (a probability or a score difference).
            With it come ``best_exact``, ``best_f1`` and their thresholds, chosen on these very questions: optimistic.
        threshold: an answer is taken back where ``no_answer`` is greater than this.
    """
    answered = [question for question in questions if question.id in predictions]
    raw = {question.id: score_text(question, predictions[question.id], normalize) for question in answered}
    scores = {
        question.id: Score(right := float(question.is_impossible), right)
        if no_answer is not None and no_answer[question.id] > threshold
        else raw[question.id]
        for question in answered
    }
    figures = _means(scores, scores)
    for prefix, impossible in (("HasAns", False), ("NoAns", True)):
        ids = [question.id for question in answered if question.is_impossible == impossible]
        if ids:
            figures |= {f"{prefix}_{name}": value for name, value in _means(scores, ids).items()}
    if no_answer is not None and answered:
        for name, values in (
            ("exact", {key: score.exact for key, score in raw.items()}),
            ("f1", {key: score.f1 for key, score in raw.items()}),
        ):
            best, at = _best_threshold(answered, predictions, values, no_answer)
            figures |= {f"best_{name}": best, f"best_{name}_thresh": at}
    return figures


def missing_predictions(questions: Iterable[Question], predictions: Container[str]) -> list[str]:
    """Ids of the questions that have no prediction."""
    return [question.id for question in questions if question.id not in predictions]


def _means(scores: Mapping[str, Score], ids: Iterable[str]) -> dict[str, float]:
    chosen = [scores[key] for key in ids]
    if not chosen:
        return {"exact": 0.0, "f1": 0.0, "total": 0}
    return {
        "exact": 100.0 * sum(score.exact for score in chosen) / len(chosen),
        "f1": 100.0 * sum(score.f1 for score in chosen) / len(chosen),
        "total": len(chosen),
    }


def _best_threshold(
    questions: Sequence[Question],
    predictions: Mapping[str, str],
    scores: Mapping[str, float],
    no_answer: Mapping[str, float],
) -> tuple[float, float]:
    """Start from abstaining everywhere and answer in the order of falling confidence; the official sweep.

    An answered unanswerable question costs one point, an unanswerable one whose prediction is empty costs none.
    """
    current = best = float(sum(question.is_impossible for question in questions))
    at = 0.0
    for question in sorted(questions, key=lambda question: no_answer[question.id]):
        if question.is_impossible:
            current -= bool(predictions[question.id])
        else:
            current += scores[question.id]
        if current > best:
            best, at = current, no_answer[question.id]
    return 100.0 * best / len(questions), at
