"""What became of one question: whether the answer, its sentence, its place and the silence were right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from assistant.answering import Assistant
from assistant.evaluation.observing import Observation
from assistant.evaluation.rightness import is_right
from assistant.types import Answer, Quote
from index.types import Block, Document
from reader.metrics import Score, score_text
from reader.squad import Question
from reader.types import Reading


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question with its verdicts. ``exact`` and ``f1`` are official scores, in 0 … 1."""

    observation: Observation
    quote: Quote | None  # what was shown, or what fell short
    answered: bool
    exact: float  # of the decision: silence is right where there is no answer
    f1: float
    right: bool  # the quote, whatever the decision, by assistant.evaluation.rightness
    same_sentence: bool  # a sentence shown holds a gold answer at its place
    same_document: bool
    same_place: bool  # the same document, and page, slide or sheet
    confidence: float  # what the decision orders by: probability, or margin without one; -inf without a quote
    plain_margin: float  # the largest margin of all passages, as SQuAD 2.0 decides
    plain_right: bool  # whether the span of that margin is right
    given: Score | None  # of the best span of the gold passage; None without gold passage

    @property
    def question(self) -> Question:
        return self.observation.asked.question

    @property
    def answerable(self) -> bool:
        return self.observation.asked.answerable


def outcome_of(assistant: Assistant, observation: Observation) -> Outcome:
    """Judge what the path did with one question."""
    asked, result = observation.asked, observation.result
    question = asked.question
    answered = isinstance(result, Answer)
    quote = result.quote if isinstance(result, Answer) else result.best_rejected
    silent = Score(float(not asked.answerable), float(not asked.answerable))
    decided = score_text(question, quote.text) if quote and answered else silent
    document = assistant.searcher.document(asked.document) if asked.answerable and asked.document else None
    same_document = quote is not None and document is not None and quote.document == document.path
    margin, text = _plain(observation.readings)
    given = observation.given
    return Outcome(
        observation=observation,
        quote=quote,
        answered=answered,
        exact=decided.exact,
        f1=decided.f1,
        right=asked.answerable and quote is not None and is_right(question, quote.text),
        same_sentence=same_document and quote is not None and _holds(quote, asked.spans),
        same_document=same_document,
        same_place=same_document
        and quote is not None
        and document is not None
        and _placed(quote, document, asked.spans),
        confidence=-inf if quote is None else quote.margin if quote.probability is None else quote.probability,
        plain_margin=margin,
        plain_right=asked.answerable and is_right(question, text),
        given=score_text(question, given.spans[0].text if given.spans else "") if given else None,
    )


def _plain(readings: Sequence[Reading]) -> tuple[float, str]:
    best = max((reading for reading in readings if reading.spans), key=lambda reading: reading.margin, default=None)
    return (best.margin, best.spans[0].text) if best else (-inf, "")


def _holds(quote: Quote, spans: Sequence[tuple[int, int]]) -> bool:
    return any(quote.sentence_start <= start and end <= quote.sentence_end for start, end in spans)


def _placed(quote: Quote, document: Document, spans: Sequence[tuple[int, int]]) -> bool:
    def where(block: Block) -> tuple[object, ...]:
        return block.place.page, block.place.slide, block.place.sheet

    shown = (quote.place.page, quote.place.slide, quote.place.sheet)
    return any(
        where(block) == shown
        for start, end in spans
        for block in document.blocks
        if block.start < end and start < block.end
    )
