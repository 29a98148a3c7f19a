"""What is known of a proposed answer, as a few numbers that a person can read: the inputs of the calibration.

Nothing here depends on the size of the folder. Words are compared as the lexical index compares them: without accents
and by their stems, leaving out those that carry no meaning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from index.analysis import analyze, fold
from index.passages import retrieval_text
from index.sentences import sentences
from index.types import Hit
from reader.metrics import spanish_normalize
from reader.slices import OTHER, QUESTION_WORDS, asked_word
from reader.types import Reading

if TYPE_CHECKING:
    from assistant.answering import Candidate

FAR = 10.0
"""Units of reader score from which a difference counts as settled; also where there is nothing to differ from."""

_NUMBERS = frozenset(
    "un una uno dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta "
    "sesenta setenta ochenta noventa cien ciento mil millon millones medio media mitad doble tercio cuarto".split()
)
_QUANTITIES = ("cuánto", "cuándo")
# Words that a question needs and its answer's sentence does not repeat.
_IDLE = frozenset(
    analyze(
        "cuál cuáles quién quiénes dónde adónde cuándo cuánto cuánta cuántos cuántas qué cómo ser es son soy era fue "
        "sido hay haber he ha tengo tiene tienen tener puedo puede pueden poder debo debe deben deber me te le si este "
        "esta ese esa dice decir llama según"
    )
)
_TYPES = (*QUESTION_WORDS, OTHER)

NAMES: dict[str, str] = {
    "margin": "margen del lector sobre «sin respuesta»",
    "lead": "ventaja sobre la mejor respuesta distinta",
    "sharpness": "ventaja sobre el segundo tramo de su pasaje",
    "agreement": "otros pasajes que dicen lo mismo",
    "rank": "puesto de su pasaje",
    "lexical": "puesto por palabras",
    "dense": "puesto por significado",
    "passage_cover": "palabras de la pregunta en el pasaje",
    "sentence_cover": "palabras de la pregunta en la frase",
    "cover_lead": "frase frente a la que más palabras tiene",
    "hits_cover": "palabras de la pregunta en todo lo leído",
    "echo": "respuesta que repite la pregunta",
    "length": "longitud de la respuesta",
    "no_number": "se pide una cantidad o fecha y no hay ninguna",
    **{f"asks_{word}": f"pregunta por «{word}»" for word in _TYPES},
}
"""Every feature, in order, with what it means in Spanish."""


def features_of(
    question: str, ranked: Sequence[Candidate], hits: Sequence[Hit], readings: Sequence[Reading]
) -> dict[str, float]:
    """The features of ``ranked[0]``, under the names of :data:`NAMES`. ``readings`` are those of ``hits``, in order."""
    best = ranked[0]
    own = next(reading for hit, reading in zip(hits, readings, strict=True) if hit is best.hit)
    words, passage_words = stems(question), [stems(retrieval_text(hit.passage)) for hit in hits]
    covers = [cover(words, sentence) for hit in hits for sentence in _sentence_stems(hit.passage.text)]
    said, kind = spanish_normalize(best.span.text), asked_word(question)
    answer = stems(best.span.text)
    values = {
        "margin": best.margin,
        "lead": _lead(best.margin, [c.margin for c in ranked[1:] if spanish_normalize(c.span.text) != said]),
        "sharpness": _lead(best.span.score, [span.score for span in own.spans if span.score < best.span.score]),
        "agreement": float(
            sum(
                spanish_normalize(reading.spans[0].text) == said
                for hit, reading in zip(hits, readings, strict=True)
                if hit is not best.hit and reading.spans
            )
        ),
        "rank": 1 / best.rank,
        "lexical": 1 / best.hit.lexical_rank if best.hit.lexical_rank else 0.0,
        "dense": 1 / best.hit.dense_rank if best.hit.dense_rank else 0.0,
        "passage_cover": cover(words, stems(retrieval_text(best.hit.passage))),
        "sentence_cover": best.cover,
        "cover_lead": best.cover - max(covers, default=0.0),
        "hits_cover": cover(words, frozenset().union(*passage_words)),
        "echo": cover(answer, words),
        "length": math.log(len(best.span.text.split()) or 1),
        "no_number": float(kind in _QUANTITIES and not _has_number(best.span.text)),
    }
    return values | {f"asks_{word}": float(word == kind) for word in _TYPES}


@lru_cache(maxsize=1 << 14)
def stems(text: str) -> frozenset[str]:
    """What words a text holds, as compared here: the stem of each, numbers and codes as they are."""
    tokens = analyze(text)
    return frozenset(token for token in tokens if token[0] in "~0123456789" or len(token) < 3) - _IDLE


def cover(asked: frozenset[str], found: frozenset[str]) -> float:
    """Share of ``asked`` that is in ``found``; 0 where nothing is asked."""
    return len(asked & found) / len(asked) if asked else 0.0


def sentence_cover(question: str, passage: str, start: int, end: int) -> float:
    """Share of the question's words that the sentences of ``passage[start:end]`` hold."""
    touched = [passage[a:b] for a, b in _sentences(passage) if a < end and start < b]
    return cover(stems(question), stems(" ".join(touched)))


@lru_cache(maxsize=1 << 12)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentences(text))


@lru_cache(maxsize=1 << 12)
def _sentence_stems(text: str) -> tuple[frozenset[str], ...]:
    return tuple(stems(text[start:end]) for start, end in _sentences(text))


def _lead(score: float, others: Sequence[float]) -> float:
    """How far ``score`` is ahead of the best of the others, within ±``FAR``."""
    return min(max(score - max(others, default=-math.inf), -FAR), FAR)


def _has_number(text: str) -> bool:
    return any(character.isdigit() for character in text) or not _NUMBERS.isdisjoint(fold(text).split())
