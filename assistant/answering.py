"""From a question to an answer with its citation, or to an abstention: search, read, decide, cite.

Batches all the way: the questions are searched together and every (question, passage) pair is read in one call.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant import decision
from assistant.calibration import Calibration
from assistant.citing import quote_of
from assistant.decision import DEFAULT_WEIGHTS, Rule, Weights
from assistant.features import features_of, sentence_cover
from assistant.missing import what_is_missing
from assistant.settings import Settings
from assistant.types import Abstention, Answer, Quote, Reason
from index.types import Hit, Searcher
from reader.types import Reader, Reading, Span

MAX_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that the reader proposes, with the passage it is in and the evidence for it."""

    hit: Hit
    rank: int  # of the passage in the search, from 1
    span: Span
    null_score: float
    cover: float  # share of the question's words that the span's sentence holds
    evidence: float  # what it is ranked by among the candidates of its question

    @property
    def start(self) -> int:
        """Offset in ``Document.text``."""
        return self.hit.passage.start + self.span.start

    @property
    def end(self) -> int:
        """Offset in ``Document.text``."""
        return self.hit.passage.start + self.span.end

    @property
    def margin(self) -> float:
        return self.span.score - self.null_score

    def overlaps(self, other: Candidate) -> bool:
        same_document = self.hit.passage.document == other.hit.passage.document
        return same_document and self.start < other.end and other.start < self.end


class Assistant:
    """Answers questions from a searchable collection with a reader. Holds no state between questions."""

    def __init__(
        self, searcher: Searcher, reader: Reader, settings: Settings, calibration: Calibration | None = None
    ) -> None:
        """``calibration``: the one fitted for ``reader``; without it the reader's margin decides."""
        self.searcher = searcher
        self.reader = reader
        self.settings = settings
        self.calibration = calibration
        self.weights = calibration.weights if calibration else DEFAULT_WEIGHTS
        self.rule = rule_of(reader, settings, calibration)

    def ask(self, question: str) -> Answer | Abstention:
        """The answer to one question."""
        return self.ask_many([question])[0]

    def ask_many(self, questions: Sequence[str]) -> list[Answer | Abstention]:
        """The answer to each question, in order. Searched and read as one batch: callers bound its size."""
        questions = [normalise(question) for question in questions]
        asked = [question for question in questions if question]
        found = self.searcher.search(asked, k=self.settings.k) if asked else []
        pairs = [(q, hit.passage.text) for q, hits in zip(asked, found, strict=True) for hit in hits]
        readings = iter(self.reader.read(pairs) if pairs else [])
        hits_of = iter(found)
        return [
            self.decide(question, hits := next(hits_of), [next(readings) for _ in hits])
            if question
            else Abstention(question, "empty_question")
            for question in questions
        ]

    def decide(self, question: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> Answer | Abstention:
        """The answer, or the abstention, that the readings of these passages lead to.

        ``question`` is normalised; ``readings`` are those of ``hits``, in order.
        """
        ranked = merge(question, hits, readings, self.weights)
        if not ranked:
            reason: Reason = "not_answered" if hits else "no_passages"
            return Abstention(question, reason, tuple(hits), missing=what_is_missing(question, hits, self.searcher))
        probability = None
        if self.calibration:
            probability = self.calibration.probability(features_of(question, ranked, hits, readings))
        best = self.quote(ranked[0], probability)
        if not self.rule.answers(best.margin, probability):
            missing = what_is_missing(question, hits, self.searcher)
            return Abstention(question, "not_answered", tuple(hits), best, missing)
        return Answer(
            question=question,
            quote=best,
            confidence=decision.confidence(best.margin, self.rule.margin, probability),
            alternatives=self._alternatives(best, ranked[1:]),
            hits=tuple(hits),
        )

    def _alternatives(self, best: Quote, ranked: Sequence[Candidate]) -> tuple[Quote, ...]:
        """Up to three other quotes, each with words and a sentence that none of those before it has.

        Only what the reader would give as an answer by itself: weaker candidates are nearly all noise.
        """
        shown = [best]
        for candidate in ranked:
            if len(shown) > MAX_ALTERNATIVES:
                break
            if candidate.margin <= self.rule.margin:
                continue
            quote = self.quote(candidate)
            if not any(_says_the_same(quote, other) for other in shown):
                shown.append(quote)
        return tuple(shown[1:])

    def quote(self, candidate: Candidate, probability: float | None = None) -> Quote:
        """The candidate's words with their sentence and citation."""
        return quote_of(
            self.searcher.document(candidate.hit.passage.document),
            candidate.hit.passage,
            candidate.start,
            candidate.end,
            score=candidate.span.score,
            null_score=candidate.null_score,
            probability=probability,
        )


def rule_of(reader: Reader, settings: Settings, calibration: Calibration | None) -> Rule:
    """When to answer: above the person's own margin if there is one, else as the person's prudence asks."""
    if settings.threshold is not None:
        return Rule(settings.threshold)
    return Rule(reader.threshold, calibration.thresholds[settings.prudencia] if calibration else None)


def normalise(question: str) -> str:
    """The question as it is searched and read: NFC, as every document is, with its white space made single."""
    return " ".join(unicodedata.normalize("NFC", question).split())


def merge(
    question: str, hits: Sequence[Hit], readings: Sequence[Reading], weights: Weights = DEFAULT_WEIGHTS
) -> list[Candidate]:
    """The n-best list across passages, best evidence first, with no two spans on the same words of a document.

    Passages overlap, so the same words may be proposed twice, or with and without a neighbour: the best stays.
    """
    candidates = sorted(
        _candidates(question, hits, readings, weights), key=lambda candidate: candidate.evidence, reverse=True
    )
    kept: list[Candidate] = []
    for candidate in candidates:
        if not any(candidate.overlaps(other) for other in kept):
            kept.append(candidate)
    return kept


def _candidates(
    question: str, hits: Sequence[Hit], readings: Sequence[Reading], weights: Weights
) -> Iterator[Candidate]:
    for rank, (hit, reading) in enumerate(zip(hits, readings, strict=True), start=1):
        for span in reading.spans:
            cover = sentence_cover(question, hit.passage.text, span.start, span.end)
            evidence = decision.evidence(span.score - reading.null_score, rank, cover, weights)
            yield Candidate(hit, rank, span, reading.null_score, cover, evidence)


def _says_the_same(quote: Quote, other: Quote) -> bool:
    if quote.text.casefold() == other.text.casefold():
        return True
    same_sentence = quote.sentence_start < other.sentence_end and other.sentence_start < quote.sentence_end
    return quote.document == other.document and same_sentence
