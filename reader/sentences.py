"""Sentences of a passage by one regular expression, and the lexical floor that any reader must beat.

The floor chooses the sentence with the most idf-weighted stem overlap with the question: no training, no model.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import Stemmer

from reader.recurrent.words import word_keys
from reader.types import Reading, Span

# "Sr. García", "n.º 114", "J. Pérez": the stop ends no sentence.
_ABBREVIATION = re.compile(
    r"\b(?:(?i:sra?|srta|sres|dra?|d|dña|prof|lic|ing|arq|gral|cnel|cap|págs?|pp?|arts?|núm|nº|n|vol|fig|eds?|etc|ej|avd?a?|"
    r"tel|aprox|máx|mín|dp?to|admón|ltda|cía|vs|cf|ss|st|mrs?|ee|uu|[acehimsv])|[A-ZÑ])\.$"
)
_BOUND = re.compile(r"(?:[.!?…]+[\"'»”’)\]]*(?=\s+[\"'«“‘(\[¿¡—-]*[A-ZÁÉÍÓÚÜÑ0-9])|\n)")
_stemmer = Stemmer.Stemmer("spanish")


@lru_cache(maxsize=4096)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets ``(start, end)`` of the sentences of ``text``, without the white space between them."""
    bounds = [0]
    for match in _BOUND.finditer(text):
        if not _ABBREVIATION.search(text[max(0, match.start() - 12) : match.start() + 1]):
            bounds.append(match.end())
    bounds.append(len(text))
    trimmed = (_trim(text, start, end) for start, end in pairwise(bounds))
    return tuple((start, end) for start, end in trimmed if start < end)


def sentence_of(text: str, position: int) -> int:
    """The index of the sentence in which the character at ``position`` stands."""
    return max(0, bisect_right([start for start, _ in sentence_spans(text)], position) - 1)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


class SentenceReader:
    """The floor as a :class:`reader.types.Reader`: its spans are whole sentences, its margin the overlap."""

    name = "suelo léxico"
    threshold = float("-inf")
    device = "cpu"

    def __init__(self, contexts: Iterable[str]) -> None:
        """``contexts``: the passages over which a word is frequent or rare."""
        passages = set(contexts)
        self._frequency = Counter(stem for passage in passages for stem in _stems(passage))
        self._passages = len(passages)

    def read(self, pairs: Sequence[tuple[str, str]], *, n_best: int = 5, max_answer_words: int = 30) -> list[Reading]:
        """One reading for each ``(question, passage)``; a sentence is an answer of any length."""
        return [self._read(question, passage, n_best) for question, passage in pairs]

    def _read(self, question: str, passage: str, n_best: int) -> Reading:
        asked = _stems(question)
        spans = []
        for start, end in sentence_spans(passage):
            sentence = passage[start:end]
            spans.append(Span(start, end, sentence, math.fsum(map(self._idf, asked & _stems(sentence)))))
        spans.sort(key=lambda span: -span.score)
        return Reading(tuple(spans[:n_best]), 0.0)

    def _idf(self, stem: str) -> float:
        return math.log(1 + self._passages / (1 + self._frequency[stem]))


@lru_cache(maxsize=1 << 16)
def _stems(text: str) -> frozenset[str]:
    return frozenset(_stemmer.stemWords([key for key in word_keys(text) if key.isalnum()]))
