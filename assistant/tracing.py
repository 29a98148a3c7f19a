"""How an answer came about, passage by passage: what ``assistant why`` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant import records
from assistant.answering import Assistant, merge
from assistant.decision import Rule
from assistant.features import features_of
from assistant.types import Answer, Quote
from index.analysis import matched_terms
from index.passages import retrieval_text
from index.types import Hit


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A passage, the words of the question that it holds, and the best that the reader saw in it."""

    hit: Hit
    matched: tuple[str, ...]
    quote: Quote | None
    evidence: float  # of the quote: its margin and what its passage's rank and its sentence add; -inf without one


@dataclass(frozen=True, slots=True)
class Trace:
    """The passages in the order of the search, which of them decided, and by what rule."""

    question: str
    passages: tuple[TracedPassage, ...]
    chosen: int | None  # position in ``passages``
    rule: Rule
    probability: float | None
    parts: Mapping[str, float]  # what each feature adds to the log odds of the probability; empty without one
    answered: bool


def trace(assistant: Assistant, question: str) -> Trace:
    """Search and read as ``assistant`` does, keeping every step. ``question`` is normalised."""
    hits = assistant.searcher.search([question], k=assistant.settings.k)[0]
    readings = assistant.reader.read([(question, hit.passage.text) for hit in hits]) if hits else []
    ranked = merge(question, hits, readings, assistant.weights)
    passages, chosen = [], None
    for number, hit in enumerate(hits):
        best = next((candidate for candidate in ranked if candidate.hit is hit), None)
        passages.append(
            TracedPassage(
                hit,
                matched_terms(question, retrieval_text(hit.passage)),
                assistant.quote(best) if best else None,
                best.evidence if best else float("-inf"),
            )
        )
        if best and best is ranked[0]:
            chosen = number
    result = assistant.decide(question, hits, readings)
    shown = result.quote if isinstance(result, Answer) else result.best_rejected
    features = features_of(question, ranked, hits, readings) if ranked else {}
    return Trace(
        question=question,
        passages=tuple(passages),
        chosen=chosen,
        rule=assistant.rule,
        probability=shown.probability if shown else None,
        parts=assistant.calibration.parts(features) if assistant.calibration and ranked else {},
        answered=isinstance(result, Answer),
    )


def trace_record(trace: Trace) -> dict[str, Any]:
    """The trace for ``--json``."""
    return {
        "question": trace.question,
        "answered": trace.answered,
        "threshold": trace.rule.margin,
        "least_probability": trace.rule.probability,
        "probability": trace.probability,
        "parts": dict(trace.parts),
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
