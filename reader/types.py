"""What a reader takes and gives. Shared by the BERT reader and the recurrent one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Span:
    """A candidate answer: ``passage[start:end]`` in characters of the passage text that was given."""

    start: int
    end: int
    text: str
    score: float  # start logit + end logit, not normalised: comparable across passages of one question


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one passage for one question.

    ``null_score`` is the score of "the passage does not answer" on the same scale as ``Span.score`` (for BERT the
    start + end logits of [CLS]; the minimum over windows, as the official SQuAD 2.0 code does).
    ``spans`` is the n-best list: best first, no two overlapping; empty for an empty passage.
    """

    spans: tuple[Span, ...]
    null_score: float

    @property
    def margin(self) -> float:
        """Best span score minus null score: the higher, the likelier that the passage answers."""
        return self.spans[0].score - self.null_score if self.spans else float("-inf")


class Reader(Protocol):
    """Extractive question answering over (question, passage) pairs: a pure function of the batch."""

    name: str  # what `assistant models` shows: "mini", "beto", a folder or hub id
    threshold: float  # fitted on data set aside: answer when margin > threshold
    device: str  # "cpu", "cuda", "mps"

    def read(self, pairs: Sequence[tuple[str, str]], *, n_best: int = 5, max_answer_words: int = 30) -> list[Reading]:
        """One reading for each ``(question, passage)``, in the order given."""
        ...
