"""Score a reader on a file of questions: official figures, how sure they are, where they come from, when to abstain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reader.bootstrap import Comparison, Interval, mean_interval, paired_bootstrap, statistic_interval
from reader.errors import DataProblem
from reader.metrics import Score, official_figures, score_text, spanish_normalize
from reader.predictions import Prediction, PredictionSet
from reader.risk import RiskCoverage, Threshold, best_aurc, fit_threshold, risk_coverage
from reader.sentences import SentenceReader, sentence_of
from reader.slices import DIMENSIONS
from reader.squad import Question, QuestionSet

RIGHT = 0.5  # an answer counts as right from this F1 (Spanish normalisation), where only right or wrong is asked


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. ``exact`` and ``f1`` are the official scores of the decision, in 0 … 1."""

    question: Question
    prediction: Prediction
    answered: bool
    exact: float
    f1: float
    span: Score  # of the best span, whatever the decision; 0 where there is no answer to find
    right: bool  # the span, not the decision: Spanish F1 >= RIGHT
    same_sentence: bool  # the span starts in the sentence of a gold answer


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of a part of the questions, in percent."""

    name: str
    total: int
    answered: float
    exact: Interval
    f1: Interval


@dataclass(frozen=True, slots=True)
class Selective:
    """What abstaining gains: risk is the share of wrong answers (span F1 < RIGHT) among those given."""

    curve: RiskCoverage
    aurc: Interval
    best_aurc: float  # of a reader that knew which of its spans are right

    def coverage_at_accuracy(self, accuracy: float) -> float:
        """The largest share of questions that can be answered with at least this share of right answers."""
        return self.curve.coverage_at(1 - accuracy)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that the text, JSON and HTML reports tell. Figures and intervals are in percent."""

    model: str
    data: str
    threshold: float
    threshold_source: str  # in Spanish
    figures: dict[str, float]  # the official names
    spanish: dict[str, float]  # the same, with MLQA's Spanish normalisation
    intervals: dict[str, Interval]  # 95 %, for the means among ``figures``
    slices: dict[str, tuple[Slice, ...]]
    selective: Selective | None  # None where the predictions carry no margins
    forced: Score | None  # mean of the best spans of answerable questions, as if abstaining were not allowed
    sentence_accuracy: float | None  # share of answerable questions whose span is in a gold sentence
    floor_accuracy: float | None  # the same for the lexical floor
    outcomes: tuple[Outcome, ...]

    def as_json(self) -> dict[str, Any]:
        """The evaluation without the texts, as plain JSON values."""
        selective = self.selective
        return {
            "model": self.model,
            "data": self.data,
            "threshold": _json_number(self.threshold),
            "threshold_source": self.threshold_source,
            "figures": {name: _json_number(value) for name, value in self.figures.items()},
            "spanish": {name: _json_number(value) for name, value in self.spanish.items()},
            "intervals": {name: [interval.low, interval.high] for name, interval in self.intervals.items()},
            "slices": {title: [_slice_json(part) for part in parts] for title, parts in self.slices.items()},
            "selective": selective
            and {
                "aurc": selective.aurc.value,
                "aurc_interval": [selective.aurc.low, selective.aurc.high],
                "best_aurc": selective.best_aurc,
                "coverage_at_80": selective.coverage_at_accuracy(0.8),
                "coverage_at_90": selective.coverage_at_accuracy(0.9),
            },
            "forced": self.forced and {"HasAns_exact": self.forced.exact, "HasAns_f1": self.forced.f1},
            "sentence_accuracy": self.sentence_accuracy,
            "floor_sentence_accuracy": self.floor_accuracy,
        }


def evaluate(questions: QuestionSet, made: PredictionSet, threshold_source: str = "el del modelo") -> Evaluation:
    """Score ``made`` on ``questions``, answering where the margin is greater than ``made.threshold``.

    ``threshold_source`` says in Spanish where that threshold comes from; :func:`calibrate` fits one on other data.

    Raises DataProblem on no questions, or where a question has no prediction.
    """
    if not len(questions):
        raise DataProblem(f"{questions.report.path}: no queda ninguna pregunta que evaluar.", "Revise el fichero.")
    predictions = made.matched(questions.questions)
    threshold = made.threshold
    outcomes = tuple(_outcome(*pair, threshold) for pair in zip(questions, predictions, strict=True))
    texts = {prediction.id: prediction.text for prediction in predictions}
    has_margins = any(math.isfinite(prediction.margin) for prediction in predictions)
    no_answer = {prediction.id: prediction.no_answer for prediction in predictions} if has_margins else None
    # "margin <= threshold" abstains; the official script abstains where na_prob > its threshold.
    limit = float(np.nextafter(-threshold, -math.inf))
    return Evaluation(
        model=made.model,
        data=questions.report.path,
        threshold=threshold,
        threshold_source=threshold_source,
        figures=official_figures(questions.questions, texts, no_answer, limit),
        spanish=official_figures(questions.questions, texts, no_answer, limit, spanish_normalize),
        intervals=_intervals(outcomes),
        slices={title: _slices(outcomes, *dimension) for title, dimension in DIMENSIONS.items()},
        selective=_selective(outcomes) if has_margins else None,
        forced=_forced(outcomes) if has_margins else None,
        sentence_accuracy=_sentence_accuracy(outcomes) if has_margins else None,
        floor_accuracy=floor_accuracy(questions.questions),
        outcomes=outcomes,
    )


def check_disjoint(calibration: QuestionSet, evaluated: QuestionSet) -> None:
    """Raise DataProblem where both hold the same contexts: a threshold would be fitted to what is measured."""
    shared = {question.context for question in calibration} & {question.context for question in evaluated}
    if shared:
        raise DataProblem(
            f"{calibration.report.path} y {evaluated.report.path} comparten {len(shared)} textos.",
            "Ajuste el umbral con otros datos: si no, se mide lo mismo que se ajusta.",
        )


def calibrate(questions: QuestionSet, made: PredictionSet) -> Threshold:
    """The threshold with the best mean F1 on ``questions``, whose predictions are ``made``."""
    predictions = made.matched(questions.questions)
    spans = [score_text(question, prediction.text) for question, prediction in zip(questions, predictions, strict=True)]
    return fit_threshold(
        [prediction.margin for prediction in predictions],
        [score.f1 for score in spans],
        [float(question.is_impossible) for question in questions],
    )


def compare(first: Evaluation, second: Evaluation) -> dict[str, Comparison]:
    """Paired bootstrap of the two systems on the same questions: official exact and F1, in percent."""
    return {
        name: paired_bootstrap(
            [100 * getattr(outcome, name) for outcome in first.outcomes],
            [100 * getattr(outcome, name) for outcome in second.outcomes],
        )
        for name in ("exact", "f1")
    }


def floor_accuracy(questions: Sequence[Question]) -> float | None:
    """Share of answerable questions whose gold sentence is the lexically closest one, in percent."""
    answerable = [question for question in questions if question.answers]
    reader = SentenceReader(question.context for question in questions)
    readings = reader.read([(question.question, question.context) for question in answerable], n_best=1)
    found = [
        _in_gold_sentence(question, reading.spans[0].start)
        for question, reading in zip(answerable, readings, strict=True)
    ]
    return _percent(found)


def _outcome(question: Question, prediction: Prediction, threshold: float) -> Outcome:
    answered = bool(prediction.text) and prediction.margin > threshold
    span = score_text(question, prediction.text)
    decided = span if answered else Score(float(question.is_impossible), float(question.is_impossible))
    found = Score(0.0, 0.0) if question.is_impossible else span
    right = not question.is_impossible and score_text(question, prediction.text, spanish_normalize).f1 >= RIGHT
    same = bool(prediction.text) and _in_gold_sentence(question, prediction.start)
    return Outcome(question, prediction, answered, decided.exact, decided.f1, found, right, same)


def _in_gold_sentence(question: Question, start: int) -> bool:
    sentence = sentence_of(question.context, start)
    return any(sentence_of(question.context, answer.start) == sentence for answer in question.answers)


def _intervals(outcomes: Sequence[Outcome]) -> dict[str, Interval]:
    parts = {
        "": outcomes,
        "HasAns_": [outcome for outcome in outcomes if not outcome.question.is_impossible],
        "NoAns_": [outcome for outcome in outcomes if outcome.question.is_impossible],
    }
    return {
        f"{prefix}{name}": _mean(getattr(outcome, name) for outcome in part)
        for prefix, part in parts.items()
        if part
        for name in ("exact", "f1")
    }


def _slices(
    outcomes: Sequence[Outcome], slice_of: Callable[[Question], str], order: Sequence[str]
) -> tuple[Slice, ...]:
    groups: dict[str, list[Outcome]] = {name: [] for name in order}
    for outcome in outcomes:
        groups[slice_of(outcome.question)].append(outcome)
    return tuple(
        Slice(
            name,
            len(group),
            _percent([outcome.answered for outcome in group]) or 0.0,
            _mean(outcome.exact for outcome in group),
            _mean(outcome.f1 for outcome in group),
        )
        for name, group in groups.items()
        if group
    )


def _selective(outcomes: Sequence[Outcome]) -> Selective:
    margins = np.array([outcome.prediction.margin for outcome in outcomes])
    losses = np.array([float(not outcome.right) for outcome in outcomes])
    return Selective(
        risk_coverage(margins, losses),
        statistic_interval(lambda chosen: risk_coverage(margins[chosen], losses[chosen]).aurc, len(outcomes)),
        best_aurc(losses),
    )


def _forced(outcomes: Iterable[Outcome]) -> Score | None:
    spans = [outcome.span for outcome in outcomes if not outcome.question.is_impossible]
    if not spans:
        return None
    return Score(*(100 * sum(getattr(span, name) for span in spans) / len(spans) for name in ("exact", "f1")))


def _sentence_accuracy(outcomes: Iterable[Outcome]) -> float | None:
    return _percent([outcome.same_sentence for outcome in outcomes if not outcome.question.is_impossible])


def _mean(values: Iterable[float]) -> Interval:
    return mean_interval([100 * value for value in values])


def _percent(values: Sequence[bool]) -> float | None:
    return 100 * sum(values) / len(values) if values else None


def _slice_json(part: Slice) -> dict[str, Any]:
    return {
        "name": part.name,
        "total": part.total,
        "answered": part.answered,
        "exact": part.exact.value,
        "f1": part.f1.value,
        "f1_interval": [part.f1.low, part.f1.high],
    }


def _json_number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
