"""How far the probabilities can be believed: expected calibration error, Brier score, and the reliability diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reader.bootstrap import Interval, statistic_interval

BINS = 10
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of neighbouring probabilities."""

    predicted: float  # mean probability
    right: float  # share that was right
    size: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """``error`` is the mean distance between probability and share right, over bins of equal size (Nguyen, 2015)."""

    error: Interval
    brier: float  # mean squared distance between probability and verdict
    bins: tuple[Bin, ...]


def reliability(probabilities: Sequence[float] | FloatArray, right: Sequence[bool]) -> Reliability:
    """Compare one probability and one verdict per question. Raises ValueError on no questions."""
    predicted, verdict = np.asarray(probabilities, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if predicted.shape != verdict.shape or not len(predicted):
        raise ValueError("one probability and one verdict per question, at least one question")
    return Reliability(
        error=statistic_interval(lambda chosen: _error(_bins(predicted[chosen], verdict[chosen])), len(predicted)),
        brier=float(np.mean((predicted - verdict) ** 2)),
        bins=_bins(predicted, verdict),
    )


def _bins(predicted: FloatArray, verdict: FloatArray) -> tuple[Bin, ...]:
    order = np.argsort(predicted, kind="stable")
    return tuple(
        Bin(float(predicted[rows].mean()), float(verdict[rows].mean()), len(rows))
        for rows in np.array_split(order, BINS)
        if len(rows)
    )


def _error(bins: Sequence[Bin]) -> float:
    return sum(one.size * abs(one.predicted - one.right) for one in bins) / sum(one.size for one in bins)
