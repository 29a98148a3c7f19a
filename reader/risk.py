"""Answering only when sure: what abstaining costs and gains, and where to put the threshold.

A *risk–coverage curve* (El-Yaniv and Wiener, 2010; Geifman and El-Yaniv, 2017) answers the questions in the order of
falling confidence: coverage is the share answered, risk the mean loss among those. Equal confidences cannot be told
apart by any threshold, so they enter together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """One point for each distinct confidence, coverage rising: answer where confidence >= ``confidences[i]``."""

    coverage: FloatArray  # (points,) in (0, 1]
    risk: FloatArray  # (points,) mean loss among the answered
    confidences: FloatArray  # (points,) falling
    aurc: float  # mean over k of the expected risk of the k surest answers, ties in random order

    def coverage_at(self, risk: float) -> float:
        """The largest coverage whose risk is at most ``risk``; 0 when there is none."""
        return float(self.coverage[self.risk <= risk].max(initial=0.0))

    def risk_at(self, coverage: float) -> float:
        """The risk where at least this share of the questions is answered."""
        return float(self.risk[np.searchsorted(self.coverage, coverage - 1e-12)])


def risk_coverage(confidence: Sequence[float] | FloatArray, loss: Sequence[float] | FloatArray) -> RiskCoverage:
    """The curve of one confidence and one loss (0 right … 1 wrong) per question. Raises ValueError on no questions."""
    confidences, losses = np.asarray(confidence, dtype=np.float64), np.asarray(loss, dtype=np.float64)
    if confidences.shape != losses.shape or not len(confidences):
        raise ValueError("one confidence and one loss per question, at least one question")
    order = np.argsort(-confidences, kind="stable")
    confidences, losses = confidences[order], losses[order]
    ends = np.append(np.flatnonzero(confidences[1:] != confidences[:-1]), len(confidences) - 1)
    sizes = np.diff(ends, prepend=-1)
    sums = np.add.reduceat(losses, ends - sizes + 1)
    total = np.cumsum(sums)
    # In random order the expected loss of each member of a tie is the mean of the tie.
    expected = np.cumsum(np.repeat(sums / sizes, sizes))
    ranks = np.arange(1, len(losses) + 1)
    return RiskCoverage(
        (ends + 1) / len(losses), total / (ends + 1), confidences[ends], float(np.mean(expected / ranks))
    )


def best_aurc(loss: Sequence[float] | FloatArray) -> float:
    """The AURC of a perfect confidence, which answers the right ones first: the floor for these losses."""
    losses = np.asarray(loss, dtype=np.float64)
    return risk_coverage(-losses, losses).aurc


@dataclass(frozen=True, slots=True)
class Threshold:
    """Answer when the margin is greater than ``value``; ``score`` is the mean it reached where it was fitted."""

    value: float
    score: float


def fit_threshold(
    margins: Sequence[float] | FloatArray,
    answered: Sequence[float] | FloatArray,
    abstained: Sequence[float] | FloatArray,
) -> Threshold:
    """The threshold with the highest mean score, of those the one that abstains most.

    It lies halfway between two margins, so that small differences of arithmetic do not move a question across it.

    Args:
        margins: (n,) best span score minus null score; -inf where there is no span.
        answered: (n,) the score of each question if its span is given: for F1, 0 where there is no answer.
        abstained: (n,) its score if nothing is: 1 where there is no answer, else 0.
    """
    margin = np.asarray(margins, dtype=np.float64)
    gain = np.asarray(answered, dtype=np.float64) - np.asarray(abstained, dtype=np.float64)
    if margin.shape != gain.shape or not len(margin):
        raise ValueError("one margin and two scores per question, at least one question")
    gain = np.where(np.isneginf(margin), 0.0, gain)  # without a span, answering is abstaining
    values, member = np.unique(-margin, return_inverse=True)
    values = -values  # distinct margins, falling
    # gains[k]: answering the questions of the k largest distinct margins.
    gains = np.concatenate([[0.0], np.cumsum(np.bincount(member, weights=gain, minlength=len(values)))])
    best = int(np.argmax(gains > gains.max() - 1e-9))
    return Threshold(_between(values, best), float((np.sum(abstained) + gains[best]) / len(margin)))


def _between(values: FloatArray, answered: int) -> float:
    """A threshold that lets exactly the first ``answered`` of the falling ``values`` through."""
    if answered == 0:
        return float(values[0])
    upper = values[answered - 1]
    if answered == len(values):
        return float(np.nextafter(upper, -np.inf))
    lower = values[answered]
    middle = lower / 2 + upper / 2
    return float(middle if lower <= middle < upper else lower)
