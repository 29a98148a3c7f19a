"""Which candidate to show, and whether to show any: pure functions of the evidence, and nothing else.

The reader decides whether there is an answer: by a calibrated probability where one has been fitted for it, else by its
margin. Retrieval only helps to choose between candidates. Similarity scores never decide: they say that a passage is
about the subject, not that it answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assistant.types import Confidence

_HIGH = 0.9
_MEDIUM = 0.7


@dataclass(frozen=True, slots=True)
class Weights:
    """What else counts in choosing among the candidates of one question, in units of reader score."""

    rank: float = 1.0  # what the first passage gains over one of infinite rank: by itself, enough to break a near tie
    cover: float = 0.0  # what a sentence that holds every word of the question gains over one that holds none


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Rule:
    """When a candidate is shown as the answer: from a probability or, where there is none, above a margin."""

    margin: float
    probability: float | None = None

    def answers(self, margin: float, probability: float | None) -> bool:
        """Whether a candidate of that margin, and of that probability if one is known, is shown."""
        if self.probability is None or probability is None:
            return margin > self.margin
        return probability >= self.probability


def evidence(margin: float, rank: int, cover: float, weights: Weights) -> float:
    """How good a candidate is among those of one question, in units of reader score.

    Args:
        margin: of the span over "this passage does not answer".
        rank: of its passage in the search, from 1.
        cover: share of the question's words that the span's sentence holds, 0 … 1.
        weights: of the last two.
    """
    return margin + weights.rank / rank + weights.cover * cover


def confidence(margin: float, threshold: float, probability: float | None = None) -> Confidence:
    """The word for how sure the answer is.

    Where no probability has been calibrated, the logistic function of the margin over the threshold stands in for
    it: both are differences of log odds, and 0.5 falls on the threshold.
    """
    sure = probability if probability is not None else 1 / (1 + math.exp(-min(max(margin - threshold, -50), 50)))
    if sure >= _HIGH:
        return "alta"
    return "media" if sure >= _MEDIUM else "baja"
