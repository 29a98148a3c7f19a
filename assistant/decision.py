"""Which candidate to show, and whether to show any: pure functions of the evidence, and nothing else.

The reader's margin decides whether there is an answer; retrieval only breaks near ties between passages. Similarity
scores never decide: they say that a passage is about the subject, not that it answers.
"""

from __future__ import annotations

import math

from assistant.types import Confidence

RANK_WEIGHT = 1.0
"""Units of reader score that the first passage gains over one of infinite rank: enough to break a near tie."""

ALTERNATIVE_SLACK = 2.0
"""How far below the threshold another candidate may fall and still be worth showing beside an answer."""

_HIGH = 0.9
_MEDIUM = 0.7


def evidence(margin: float, rank: int) -> float:
    """How good a candidate is among those of one question. ``rank`` is its passage's place in the search, from 1."""
    return margin + RANK_WEIGHT / rank


def answers(margin: float, threshold: float) -> bool:
    """Whether a candidate of that margin is shown as the answer."""
    return margin > threshold


def is_alternative(margin: float, threshold: float) -> bool:
    """Whether a candidate of that margin is shown beside the answer."""
    return margin > threshold - ALTERNATIVE_SLACK


def confidence(margin: float, threshold: float, probability: float | None = None) -> Confidence:
    """The word for how sure the answer is.

    Where no probability has been calibrated, the logistic function of the margin over the threshold stands in for
    it: both are differences of log odds, and 0.5 falls on the threshold.
    """
    sure = probability if probability is not None else 1 / (1 + math.exp(-min(max(margin - threshold, -50), 50)))
    if sure >= _HIGH:
        return "alta"
    return "media" if sure >= _MEDIUM else "baja"
