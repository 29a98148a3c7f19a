"""How an answer came about, passage by passage: what ``assistant why`` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant import decision, records
from assistant.answering import threshold_of
from assistant.citing import quote_of
from assistant.settings import Settings
from assistant.types import Quote
from index.types import Document, Hit
from reader.types import Reader


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A passage, the words of the question that it holds, and the best that the reader saw in it."""

    hit: Hit
    matched: tuple[str, ...]
    quote: Quote | None
    evidence: float  # of the quote: its margin and what its passage's rank adds; minus infinity without one


@dataclass(frozen=True, slots=True)
class Trace:
    """The passages in the order of the search, which of them decided, and against what threshold."""

    question: str
    passages: tuple[TracedPassage, ...]
    chosen: int | None  # position in ``passages``
    threshold: float
    answered: bool


class _Match(Protocol):
    @property
    def hit(self) -> Hit: ...
    @property
    def matched(self) -> tuple[str, ...]: ...


class ExplainingSearcher(Protocol):
    """A searcher that can also say which words matched."""

    def explain(self, question: str, k: int = 8) -> Sequence[_Match]: ...
    def document(self, path: str) -> Document: ...


def trace(searcher: ExplainingSearcher, reader: Reader, settings: Settings, question: str) -> Trace:
    """Search and read as :class:`assistant.answering.Assistant` does, keeping every step."""
    matches = searcher.explain(question, settings.k)
    readings = reader.read([(question, match.hit.passage.text) for match in matches]) if matches else []
    passages = []
    for rank, (match, reading) in enumerate(zip(matches, readings, strict=True), start=1):
        passage, quote = match.hit.passage, None
        if reading.spans:
            best = reading.spans[0]
            quote = quote_of(
                searcher.document(passage.document),
                passage,
                passage.start + best.start,
                passage.start + best.end,
                score=best.score,
                null_score=reading.null_score,
            )
        evidence = decision.evidence(reading.margin, rank)
        passages.append(TracedPassage(match.hit, match.matched, quote, evidence))
    threshold = threshold_of(reader, settings)
    read = [number for number, passage in enumerate(passages) if passage.quote]
    chosen = max(read, key=lambda number: passages[number].evidence, default=None)
    quote = passages[chosen].quote if chosen is not None else None
    answered = quote is not None and decision.answers(quote.margin, threshold)
    return Trace(question, tuple(passages), chosen, threshold, answered)


def trace_record(trace: Trace) -> dict[str, Any]:
    """The trace for ``--json``."""
    return {
        "question": trace.question,
        "answered": trace.answered,
        "threshold": trace.threshold,
        "chosen": trace.chosen,
        "passages": [
            hit
            | {
                "matched": list(passage.matched),
                "quote": records.quote_record(passage.quote) if passage.quote else None,
                "evidence": passage.evidence if passage.quote else None,
            }
            for hit, passage in zip(records.hit_records([p.hit for p in trace.passages]), trace.passages, strict=True)
        ],
    }
