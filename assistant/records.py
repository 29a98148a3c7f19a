"""Answers and hits as plain dictionaries for ``--json``: everything with offsets and scores, stable names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from assistant.citing import citation
from assistant.types import Abstention, Answer, Quote
from index.types import Hit, Place


def result_record(result: Answer | Abstention) -> dict[str, Any]:
    """An answer or an abstention; ``answered`` tells them apart."""
    hits = hit_records(result.hits)
    if isinstance(result, Answer):
        return {
            "question": result.question,
            "answered": True,
            "answer": result.quote.text,
            "confidence": result.confidence,
            "quote": quote_record(result.quote),
            "alternatives": [quote_record(quote) for quote in result.alternatives],
            "hits": hits,
        }
    return {
        "question": result.question,
        "answered": False,
        "reason": result.reason,
        "best_rejected": quote_record(result.best_rejected) if result.best_rejected else None,
        "missing": asdict(result.missing) if result.missing else None,
        "hits": hits,
    }


def quote_record(quote: Quote) -> dict[str, Any]:
    """A quote; every offset counts characters of the document's canonical text."""
    return {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "sentence": quote.sentence,
        "sentence_start": quote.sentence_start,
        "sentence_end": quote.sentence_end,
        "document": quote.document,
        "title": quote.title,
        "place": _place(quote.place),
        "headings": list(quote.headings),
        "citation": citation(quote.document, quote.place, quote.headings),
        "passage": {"id": quote.passage.id, "start": quote.passage.start, "end": quote.passage.end},
        "score": quote.score,
        "null_score": quote.null_score,
        "margin": quote.margin,
        "probability": quote.probability,
    }


def hit_records(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Passages in order, with the rank and the score of each retriever."""
    return [
        {
            "rank": rank,
            "document": hit.passage.document,
            "place": _place(hit.passage.place),
            "headings": list(hit.passage.headings),
            "citation": citation(hit.passage.document, hit.passage.place, hit.passage.headings),
            "passage": hit.passage.id,
            "start": hit.passage.start,
            "end": hit.passage.end,
            "text": hit.passage.text,
            "lexical_rank": hit.lexical_rank,
            "lexical_score": hit.lexical_score,
            "dense_rank": hit.dense_rank,
            "dense_score": hit.dense_score,
            "score": hit.score,
        }
        for rank, hit in enumerate(hits, start=1)
    ]


def dump(record: object, *, indent: int | None = None) -> str:
    """One JSON text, accents kept; on one line unless ``indent`` is given."""
    return json.dumps(record, ensure_ascii=False, indent=indent, allow_nan=False)


def _place(place: Place) -> dict[str, Any]:
    return {name: value for name, value in asdict(place).items() if value is not None}
