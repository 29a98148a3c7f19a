"""The one rule by which an answer counts as right: enough of the same words, and the same numbers.

«30 días» shares half of its words with «3 días», and is wrong all the same. Whatever learns from verdicts (evaluation,
calibration, the person's own corrections) asks here.
"""

from __future__ import annotations

import re
from decimal import Decimal

from index.analysis import fold
from reader.evaluate import RIGHT
from reader.metrics import f1_score, spanish_normalize
from reader.squad import Question

# With thousands marked by stops or hard spaces, or with decimals; «12/03/2024» and «E-101» are runs of plain ones.
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_WORDS = {
    word: Decimal(value)
    for value, word in enumerate(
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
        "dieciocho diecinueve veinte".split()
    )
    if value != 1  # an article as often as a number
} | {
    word: Decimal(value)
    for word, value in (
        *zip(
            "treinta cuarenta cincuenta sesenta setenta ochenta noventa cien".split(), range(30, 101, 10), strict=True
        ),
        ("mil", 1000),
    )
}


def numbers(text: str) -> frozenset[Decimal]:
    """The numbers of a text, whether in figures or in words: 1.500 = 1500, 2,50 = 2.5, tres = 3."""
    figures = {_value(match[0]) for match in _NUMBER.finditer(text)}
    return frozenset(figures | {_WORDS[word] for word in re.findall(r"\w+", fold(text)) if word in _WORDS})


def same_answer(said: str, expected: str) -> bool:
    """Whether ``said`` says what ``expected`` does: Spanish F1 of :data:`RIGHT` or more, and the same numbers."""
    return f1_score(expected, said, spanish_normalize) >= RIGHT and numbers(said) == numbers(expected)


def is_right(question: Question, text: str) -> bool:
    """Whether ``text`` is one of the right answers; where there is none, whether it is empty."""
    golds = [answer.text for answer in question.answers if spanish_normalize(answer.text)] or [""]
    return any(same_answer(text, gold) for gold in golds)


def _value(figures: str) -> Decimal:
    plain = re.sub(r"[\u00a0\u202f]", "", figures)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", plain):
        plain = plain.replace(".", "")
    return Decimal(plain.replace(",", "."))
