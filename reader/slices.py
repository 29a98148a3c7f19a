"""The kinds of question by which figures are broken down: what is asked, how long the answer and the passage are."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from statistics import median_low

from reader.squad import Question

OTHER = "sin interrogativo"
UNANSWERABLE = "sin respuesta"

_ASKING = {
    "por qué": "por qué|por que",
    "para qué": "para qué|para que",
    "qué": "qué|que",
    "quién": "quién(?:es)?|quien(?:es)?",
    "cuál": "cuál(?:es)?|cual(?:es)?",
    "cuándo": "cuándo|cuando",
    "dónde": "a?dónde|a?donde",
    "cómo": "cómo|como",
    "cuánto": "cuánt[oa]s?|cuant[oa]s?",
}
QUESTION_WORDS = tuple(_ASKING)
_ACCENTED = re.compile("|".join(rf"\b({forms.split('|')[0]})\b" for forms in _ASKING.values()))
# Without its accent a word asks only near the start: "que opcion uso", "¿en que año", but not "el libro que leí".
_BARE = re.compile(r"(?:^|¿)\W*(?:\w+\s+)??(?:" + "|".join(f"({forms})" for forms in _ASKING.values()) + r")\b")

ANSWER_BOUNDS, CONTEXT_BOUNDS = (2, 4, 8, 16), (100, 150, 200, 300, 500)


def question_word(question: Question) -> str:
    """The interrogative on which the question turns."""
    return asked_word(question.question)


def asked_word(text: str) -> str:
    """The interrogative on which a question turns, however it is spelt: ``"que"`` and ``"¿QUÉ"`` are one."""
    text = unicodedata.normalize("NFC", text).lower()
    match = _ACCENTED.search(text) or _BARE.search(text)
    return QUESTION_WORDS[(match.lastindex or 0) - 1] if match else OTHER


def answer_length(question: Question) -> str:
    """Words of the gold answer; of several, the middle one."""
    if not question.answers:
        return UNANSWERABLE
    return _band(median_low(len(answer.text.split()) for answer in question.answers), ANSWER_BOUNDS)


def context_length(question: Question) -> str:
    """Words of the context."""
    return _band(len(question.context.split()), CONTEXT_BOUNDS)


def _band(count: int, bounds: tuple[int, ...]) -> str:
    return _bands(bounds)[bisect_right(bounds, count)]


def _bands(bounds: tuple[int, ...]) -> list[str]:
    """Names of the bands of word counts between ``bounds``: ``1 palabra``, ``2–3 palabras`` … ``16 o más``."""
    first = "1 palabra" if bounds[0] == 2 else f"menos de {bounds[0]} palabras"
    middle = [f"{low}–{high - 1} palabras" for low, high in pairwise(bounds)]
    return [first, *middle, f"{bounds[-1]} o más palabras"]


# What to break down by: title → the slice of a question, and the order in which the slices are shown.
DIMENSIONS: dict[str, tuple[Callable[[Question], str], tuple[str, ...]]] = {
    "Lo que pregunta": (question_word, (*QUESTION_WORDS, OTHER)),
    "Longitud de la respuesta": (answer_length, (*_bands(ANSWER_BOUNDS), UNANSWERABLE)),
    "Longitud del texto": (context_length, tuple(_bands(CONTEXT_BOUNDS))),
}
