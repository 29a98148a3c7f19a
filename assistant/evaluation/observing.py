"""Send every question down the whole path once, and keep what each stage did: figures are worked out from this."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering import Assistant
from assistant.evaluation.gold import FolderQuestion
from assistant.types import Abstention, Answer
from index.passages import split
from index.types import Hit, Passage
from reader.progress import progress
from reader.types import Reading

DEPTH = 100
"""How deep the rankings are looked at: a gold passage further down counts as not found."""

_BATCH = 64  # questions searched at once for their rankings


@dataclass(frozen=True, slots=True)
class GoldRanks:
    """The rank, from 1, of the first gold passage in each ranking of the search; None where it is not found."""

    lexical: int | None
    dense: int | None
    hybrid: int | None


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one question took, asked by itself."""

    search: float
    read: float
    decide: float

    @property
    def total(self) -> float:
        return self.search + self.read + self.decide


@dataclass(frozen=True, slots=True)
class Observation:
    """What the path did with one question."""

    asked: FolderQuestion
    hits: tuple[Hit, ...]
    readings: tuple[Reading, ...]  # of ``hits``, in order
    result: Answer | Abstention
    ranks: GoldRanks | None  # None where there is no gold passage
    given: Reading | None  # the reading of a gold passage, however it was found; None where there is none
    seconds: Seconds


def observe(assistant: Assistant, questions: Sequence[FolderQuestion], *, shown: bool = True) -> list[Observation]:
    """Ask each question by itself, as a person would, and keep the times; then look for the gold passages."""
    made = []
    with progress("Preguntando", len(questions), shown=shown) as report:
        for first in range(0, len(questions), _BATCH):
            batch = questions[first : first + _BATCH]
            golds = _golds(assistant, batch)
            made += [_ask(assistant, asked, *gold) for asked, gold in zip(batch, golds, strict=True)]
            report(len(made), f"{len(made)} de {len(questions)} preguntas")
    return made


def _ask(assistant: Assistant, asked: FolderQuestion, ranks: GoldRanks | None, given: Reading | None) -> Observation:
    text = asked.text
    began = time.perf_counter()
    hits = assistant.searcher.search([text], k=assistant.settings.k)[0]
    searched = time.perf_counter()
    readings = assistant.reader.read([(text, hit.passage.text) for hit in hits]) if hits else []
    read = time.perf_counter()
    result = assistant.decide(text, hits, readings)
    seconds = Seconds(searched - began, read - searched, time.perf_counter() - read)
    return Observation(asked, tuple(hits), tuple(readings), result, ranks, given, seconds)


def _golds(
    assistant: Assistant, batch: Sequence[FolderQuestion]
) -> list[tuple[GoldRanks, Reading | None] | tuple[None, None]]:
    answerable = [asked for asked in batch if asked.answerable]
    if not answerable:
        return [(None, None)] * len(batch)
    found = assistant.searcher.search([asked.text for asked in answerable], k=DEPTH)
    passages = [_gold_passage(assistant, asked, hits) for asked, hits in zip(answerable, found, strict=True)]
    pairs = [(asked.text, gold.text) for asked, gold in zip(answerable, passages, strict=True) if gold]
    readings = iter(assistant.reader.read(pairs, n_best=1) if pairs else [])
    pieces = iter(
        [
            (_ranks(asked, hits), next(readings) if gold else None)
            for asked, hits, gold in zip(answerable, found, passages, strict=True)
        ]
    )
    return [next(pieces) if asked.answerable else (None, None) for asked in batch]


def _ranks(asked: FolderQuestion, hits: Sequence[Hit]) -> GoldRanks:
    golds = [(rank, hit) for rank, hit in enumerate(hits, start=1) if asked.is_gold(hit.passage)]
    return GoldRanks(
        lexical=min((hit.lexical_rank for _, hit in golds if hit.lexical_rank), default=None),
        dense=min((hit.dense_rank for _, hit in golds if hit.dense_rank), default=None),
        hybrid=golds[0][0] if golds else None,
    )


def _gold_passage(assistant: Assistant, asked: FolderQuestion, hits: Sequence[Hit]) -> Passage | None:
    """A passage with a gold answer: the best one found or, where none is, one of the document cut again."""
    for hit in hits:
        if asked.is_gold(hit.passage):
            return hit.passage
    assert asked.document is not None
    passages = split(assistant.searcher.document(asked.document))
    return next((passage for passage in passages if asked.is_gold(passage)), None)
