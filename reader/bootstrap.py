"""How sure a figure is: percentile bootstrap over questions (Efron, 1979) and the paired test between two systems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

RESAMPLES = 2000
_CHUNK = 1 << 20  # drawn indices held at once: bounds the memory on files of 100,000 questions


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it would fall in 95 of 100 samples of as many questions."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """System A against system B on the same questions: mean difference A - B, its interval, and the p-value."""

    a: float
    b: float
    difference: Interval
    p_value: float


def mean_interval(
    values: Sequence[float] | FloatArray, *, resamples: int = RESAMPLES, level: float = 0.95, seed: int = 0
) -> Interval:
    """The mean of one value per question, with its percentile bootstrap interval. Raises ValueError on no values."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        raise ValueError("no values to resample")
    return _interval(float(array.mean()), _resampled_means(array, resamples, seed), level)


def statistic_interval(
    statistic: Callable[[IntArray], float], size: int, *, resamples: int = 500, level: float = 0.95, seed: int = 0
) -> Interval:
    """The same for any figure that is not a mean: ``statistic`` takes indices of questions, with repetition."""
    if not size:
        raise ValueError("no values to resample")
    random = np.random.default_rng(seed)
    values = [statistic(random.integers(size, size=size)) for _ in range(resamples)]
    return _interval(statistic(np.arange(size)), np.array(values), level)


def paired_bootstrap(
    a: Sequence[float] | FloatArray,
    b: Sequence[float] | FloatArray,
    *,
    resamples: int = 10_000,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare two systems question by question (Berg-Kirkpatrick et al., 2012).

    The p-value is two-sided: how often resampling alone moves the mean difference at least as far as it is from zero.
    The added one keeps it above zero, since the observed sample is one of those that could have been drawn.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape or not len(first):
        raise ValueError("the two systems must answer the same questions, at least one")
    differences = first - second
    observed = float(differences.mean())
    means = _resampled_means(differences, resamples, seed)
    # The tolerance counts as "as far" what only rounding holds apart.
    extreme = int(np.count_nonzero(np.abs(means - observed) >= abs(observed) - 1e-12))
    return Comparison(
        float(first.mean()),
        float(second.mean()),
        _interval(observed, means, level),
        (extreme + 1) / (resamples + 1),
    )


def _resampled_means(values: FloatArray, resamples: int, seed: int) -> FloatArray:
    random = np.random.default_rng(seed)
    rows = max(1, _CHUNK // len(values))
    chunks = [
        values[random.integers(len(values), size=(min(rows, resamples - done), len(values)))].mean(axis=1)
        for done in range(0, resamples, rows)
    ]
    return np.concatenate(chunks)


def _interval(value: float, samples: FloatArray, level: float) -> Interval:
    low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    # The means of resamples of equal values differ from the mean in the last digit.
    return Interval(value, min(float(low), value), max(float(high), value))
