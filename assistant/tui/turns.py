"""What the conversation holds: turns, and the sources that a person can look up in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assistant.citing import citation
from assistant.console import one_line
from assistant.errors import Explanation
from assistant.render import NEAREST
from assistant.types import Abstention, Answer, Quote
from index.types import Passage, Place

State = Literal["queued", "running", "answered", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it."""

    number: int  # from 1, in the order asked
    question: str
    state: State = "queued"
    result: Answer | Abstention | None = None  # where ``state`` is "answered"
    problem: Explanation | None = None  # where ``state`` is "failed"


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a document that the conversation cites. ``start:end`` are the words to mark in its text."""

    passage: Passage
    place: Place
    headings: tuple[str, ...]
    start: int
    end: int
    quote: Quote | None = None  # None for a passage that is merely near

    @property
    def document(self) -> str:
        return self.passage.document

    @property
    def words(self) -> str:
        """The words to mark: ``Document.text[start:end]`` of the document that was searched."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def citation(self) -> str:
        return one_line(citation(self.document, self.place, self.headings))

    @property
    def copied(self) -> str:
        """The words and where they stand, as one pastes them into a message."""
        return f"«{one_line(self.words).strip()}» ({self.citation})"


def sources_of(result: Answer | Abstention) -> tuple[Source, ...]:
    """The quote and its alternatives; of an abstention, the quote that fell short and the nearest passages."""
    if isinstance(result, Answer):
        return tuple(_quoted(quote) for quote in (result.quote, *result.alternatives))
    rejected = [_quoted(result.best_rejected)] if result.best_rejected else []
    passages = [hit.passage for hit in result.hits[:NEAREST]]
    return (*rejected, *(Source(p, p.place, p.headings, p.start, p.end) for p in passages))


def _quoted(quote: Quote) -> Source:
    return Source(quote.passage, quote.place, quote.headings, quote.start, quote.end, quote)
