"""Fit the calibration of a reader to questions that it was not trained on. Needs scikit-learn, and only here.

Everything that is reported, and every threshold, comes from cross-validation by document: a question is judged by a
model fitted to questions about other documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answering import merge
from assistant.calibration import RISKS, Calibration, Term
from assistant.decision import Weights, evidence
from assistant.errors import AssistantProblem
from assistant.evaluation.observing import Observation
from assistant.evaluation.reliability import reliability
from assistant.evaluation.rightness import is_right
from assistant.features import NAMES, features_of
from assistant.settings import Prudence
from reader.bootstrap import Interval
from reader.risk import risk_coverage

FOLDS = 5
LEAST = 50
"""Documents below which nothing can be said of how it does on others."""

RANK_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
COVER_WEIGHTS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
_STRENGTH = 0.03  # inverse of the L2 penalty on standardised features

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a prudence would have done, by cross-validation."""

    threshold: float
    answered: float  # share of the questions
    wrong: float  # share of those answered


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration and what cross-validation says of it."""

    calibration: Calibration
    questions: int
    documents: int
    right: float  # share of answerable questions whose candidate is right, chosen by the fitted weights
    right_by_margin: float  # chosen by the margin alone
    error: Interval  # calibration error
    aurc: float
    aurc_by_margin: float
    trials: dict[Prudence, Trial]


def fit(observations: Sequence[Observation], *, reader: str, fingerprint: str, source: dict[str, Any]) -> Fit:
    """Fit to what the path did with these questions. ``source`` is recorded with the calibration.

    Raises AssistantProblem where they are about too few documents, or all right or all wrong.
    """
    seen = [one for one in observations if one.hits and any(reading.spans for reading in one.readings)]
    groups = np.array([_group(one) for one in seen])
    if len(set(groups.tolist())) < LEAST:
        raise AssistantProblem(
            f"Las preguntas son sobre {len(set(groups.tolist()))} documentos, y hacen falta al menos {LEAST}.",
            "Una calibración con menos no diría nada de otros documentos.",
        )
    candidates = [Candidates.of(one) for one in seen]
    answerable = np.array([one.asked.answerable for one in seen])
    memory: dict[Weights, tuple[FloatArray, NDArray[np.bool_]]] = {}

    def data(weights: Weights) -> tuple[FloatArray, NDArray[np.bool_]]:
        if weights not in memory:
            memory[weights] = _features(seen, candidates, weights)
        return memory[weights]

    predicted, right = np.empty(len(seen)), np.empty(len(seen), dtype=bool)
    for training, held in folds_of(groups):
        rows, verdicts = data(best_weights(candidates, answerable, training))
        model = _Logistic.fit(rows[training], verdicts[training])
        predicted[held], right[held] = model.predict(rows[held]), verdicts[held]
    trials = {name: _trial(predicted, right, risk) for name, risk in RISKS.items()}
    weights = best_weights(candidates, answerable, np.arange(len(seen)))
    final = _Logistic.fit(*data(weights))
    error = reliability(predicted, right.tolist()).error
    calibration = Calibration(
        reader=reader,
        fingerprint=fingerprint,
        weights=weights,
        bias=final.bias,
        terms=final.terms,
        thresholds={name: round(trial.threshold, 4) for name, trial in trials.items()},
        fitted=source | {"questions": len(seen), "right": int(right.sum()), "calibration_error": round(error.value, 4)},
    )
    plain = np.array([one.best(Weights(0.0, 0.0)) for one in candidates])
    plain_right = np.array([one.right[row] for one, row in zip(candidates, plain, strict=True)])
    plain_margin = np.array([one.margin[row] for one, row in zip(candidates, plain, strict=True)])
    return Fit(
        calibration=calibration,
        questions=len(seen),
        documents=len(set(groups.tolist())),
        right=float(right[answerable].mean()),
        right_by_margin=float(plain_right[answerable].mean()),
        error=error,
        aurc=risk_coverage(predicted, 1.0 - right).aurc,
        aurc_by_margin=risk_coverage(plain_margin, 1.0 - plain_right).aurc,
        trials=trials,
    )


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every span proposed for one question: arrays of one length."""

    margin: FloatArray
    rank: NDArray[np.int64]
    cover: FloatArray
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, one: Observation) -> Candidates:
        ranked = merge(one.asked.text, one.hits, one.readings, Weights(0.0, 0.0))
        return cls(
            np.array([candidate.margin for candidate in ranked]),
            np.array([candidate.rank for candidate in ranked]),
            np.array([candidate.cover for candidate in ranked]),
            np.array([one.asked.answerable and is_right(one.asked.question, c.span.text) for c in ranked]),
        )

    def best(self, weights: Weights) -> int:
        rows = zip(self.margin.tolist(), self.rank.tolist(), self.cover.tolist(), strict=True)
        return int(np.argmax([evidence(margin, rank, cover, weights) for margin, rank, cover in rows]))


def best_weights(candidates: Sequence[Candidates], answerable: NDArray[np.bool_], rows: NDArray[np.intp]) -> Weights:
    """Those that choose a right candidate most often among the answerable questions of ``rows``; ties: the smaller."""
    chosen = [candidates[row] for row in rows if answerable[row]]
    grid = [Weights(rank, cover) for rank, cover in product(RANK_WEIGHTS, COVER_WEIGHTS)]
    return max(grid, key=lambda weights: sum(bool(one.right[one.best(weights)]) for one in chosen))


def _features(
    seen: Sequence[Observation], candidates: Sequence[Candidates], weights: Weights
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Rows of features (n, features) of the candidates that these weights choose, and whether each is right."""
    rows, right = [], []
    for one in seen:
        ranked = merge(one.asked.text, one.hits, one.readings, weights)
        features = features_of(one.asked.text, ranked, one.hits, one.readings)
        rows.append([features[name] for name in NAMES])
        right.append(one.asked.answerable and is_right(one.asked.question, ranked[0].span.text))
    return np.array(rows), np.array(right)


@dataclass(frozen=True, slots=True)
class _Logistic:
    bias: float
    terms: tuple[Term, ...]

    @classmethod
    def fit(cls, rows: FloatArray, right: NDArray[np.bool_]) -> _Logistic:
        try:
            from sklearn.linear_model import LogisticRegression
        except ImportError as error:
            raise AssistantProblem(
                "Para calibrar hace falta scikit-learn.", "Instálelo con: pip install 'asistente-documentos[train]'"
            ) from error
        if right.all() or not right.any():
            raise AssistantProblem(
                "Todas las respuestas de una parte de las preguntas son correctas, o ninguna lo es.",
                "Calibre con más preguntas, unas con respuesta en la carpeta y otras sin ella.",
            )
        mean, scale = rows.mean(axis=0), rows.std(axis=0)
        scale[scale < 1e-6] = 1.0  # the same for all: it tells nothing
        model = LogisticRegression(C=_STRENGTH, max_iter=1000).fit((rows - mean) / scale, right)
        columns = zip(NAMES, model.coef_[0], mean, scale, rows.min(axis=0), rows.max(axis=0), strict=True)
        terms = tuple(Term(name, *(round(float(value), 5) for value in values)) for name, *values in columns)
        return cls(round(float(model.intercept_[0]), 5), terms)

    def predict(self, rows: FloatArray) -> FloatArray:
        odds = self.bias + sum(
            np.array([term.part(value) for value in rows[:, column].tolist()]) for column, term in enumerate(self.terms)
        )
        return np.asarray(1 / (1 + np.exp(-odds)))


def folds_of(groups: NDArray[np.str_]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to fit to and rows held out, by document: a document is wholly on one side."""
    names = sorted(set(groups.tolist()))
    np.random.default_rng(0).shuffle(names)
    fold_of = {name: number % FOLDS for number, name in enumerate(names)}
    folds = np.array([fold_of[name] for name in groups])
    return [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(FOLDS)]


def _group(one: Observation) -> str:
    """What a question is about: its document or, where that is not in the folder, its context."""
    return one.asked.document or one.asked.question.context


def _trial(predicted: FloatArray, right: NDArray[np.bool_], risk: float) -> Trial:
    """The least threshold whose answers are wrong at most ``risk`` of the time.

    Where there is none, 1 - ``risk``: there the model itself expects as much.
    """
    curve = risk_coverage(predicted, 1 - right.astype(np.float64))
    allowed = np.flatnonzero(curve.risk <= risk)
    threshold = float(curve.confidences[allowed[-1]]) if len(allowed) else 1 - risk
    shown = predicted >= threshold
    wrong = float(1 - right[shown].mean()) if shown.any() else 0.0
    return Trial(threshold, float(shown.mean()), wrong)
