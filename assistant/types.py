"""What the application hands to whoever shows it: an answer that quotes its source, or an honest abstention.

Everything here is frozen and checked on construction, so that a terminal, a file of JSON lines and the Textual
screen can all rely on the one promise of this program: ``document.text[quote.start : quote.end] == quote.text``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.types import Hit, Passage, Place

Confidence = Literal["alta", "media", "baja"]
Reason = Literal["empty_question", "no_passages", "not_answered"]


@dataclass(frozen=True, slots=True)
class Quote:
    """The exact words of a document that answer, inside the sentence that holds them, with their citation.

    ``start``, ``end``, ``sentence_start`` and ``sentence_end`` are character offsets into ``Document.text``;
    ``place`` and ``headings`` are those of the block where the words stand, which may lie further down than the
    start of ``passage``.
    """

    text: str
    start: int
    end: int
    sentence: str
    sentence_start: int
    sentence_end: int
    document: str  # Document.path
    title: str
    place: Place
    headings: tuple[str, ...]
    passage: Passage
    score: float  # the reader's score of the span, not normalised
    null_score: float  # the reader's score of "this passage does not answer", on the same scale
    probability: float | None = None  # that the words are a right answer, where a calibrator has been fitted

    def __post_init__(self) -> None:
        if not self.sentence_start <= self.start < self.end <= self.sentence_end:
            raise ValueError(f"span {self.start}:{self.end} outside {self.sentence_start}:{self.sentence_end}")
        before, words, _ = self.in_sentence
        if words != self.text or len(self.sentence) != self.sentence_end - self.sentence_start:
            raise ValueError(f"the sentence does not hold the quote {self.text!r} at {len(before)}")

    @property
    def margin(self) -> float:
        """Span score minus null score: the higher, the likelier that the passage answers."""
        return self.score - self.null_score

    @property
    def in_sentence(self) -> tuple[str, str, str]:
        """The sentence cut in three: what goes before the quoted words, the words, what follows them."""
        start, end = self.start - self.sentence_start, self.end - self.sentence_start
        return self.sentence[:start], self.sentence[start:end], self.sentence[end:]


@dataclass(frozen=True, slots=True)
class Answer:
    """The documents say it: the best quote, and up to three others with different words from other places."""

    question: str
    quote: Quote
    confidence: Confidence
    alternatives: tuple[Quote, ...]
    hits: tuple[Hit, ...]  # the passages that were read, best first


@dataclass(frozen=True, slots=True)
class Missing:
    """Which words of a question, as typed, the nearest passages mention and which they do not."""

    mentioned: tuple[str, ...]
    elsewhere: tuple[str, ...]  # in other passages of the folder only
    nowhere: tuple[str, ...]  # in no document
    suggestions: Mapping[str, tuple[str, ...]]  # for some of ``nowhere``: like words that the documents do use


@dataclass(frozen=True, slots=True)
class Abstention:
    """The documents do not say it, or not clearly enough. ``best_rejected`` is the quote that fell short."""

    question: str
    reason: Reason
    hits: tuple[Hit, ...] = ()  # the nearest passages, best first
    best_rejected: Quote | None = None
    missing: Missing | None = None  # None where nothing was asked
