"""What a question file holds, and what two files share: the check that nothing measured was trained on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from reader.slices import DIMENSIONS
from reader.squad import Answer, QuestionSet, Report

_SHINGLE = 8  # words in a row; two texts of different origin hardly ever share eight
_WORD = re.compile(r"\w+")
_MONTHS = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
_DATE = re.compile(rf"\b(?:{_MONTHS}|siglos? [ivxl]+|1[0-9]\d\d|20\d\d)\b", re.IGNORECASE)
_CONNECTORS = frozenset("de del la las el los y e en von van der di da do".split())
ANSWER_TYPES = ("fecha", "cifra", "nombre propio", "sintagma", "oración")
_PHRASE_WORDS = 8  # longer answers are clauses or sentences


@dataclass(frozen=True, slots=True)
class Lengths:
    """Quantiles of a count of words."""

    smallest: int
    median: float
    mean: float
    p95: float
    largest: int


@dataclass(frozen=True, slots=True)
class Description:
    """Counts of one file, after reading has repaired or dropped what it must (``report``)."""

    report: Report
    articles: int
    contexts: int
    questions: int
    impossible: int
    answers: int
    lengths: dict[str, Lengths]  # "pregunta", "texto", "respuesta": words
    answer_types: dict[str, int]
    slices: dict[str, dict[str, int]]  # the dimensions of the evaluation: questions in each slice


@dataclass(frozen=True, slots=True)
class Overlap:
    """What ``second`` shares with ``first``: counts of its questions and contexts."""

    first: str
    second: str
    ids: int
    questions: int  # same question on the same context
    contexts: int
    near_contexts: int  # at least half of their runs of eight words occur in the other file

    @property
    def contaminated(self) -> bool:
        return bool(self.ids or self.contexts or self.near_contexts)


def describe(questions: QuestionSet) -> Description:
    """Count what a file holds."""
    contexts = list(dict.fromkeys(question.context for question in questions))
    answers = [answer for question in questions for answer in question.answers]
    texts = {
        "pregunta": [question.question for question in questions],
        "texto": contexts,
        "respuesta": [answer.text for answer in answers],
    }
    types = Counter(answer_type(answer) for answer in answers)
    slices = {}
    for title, (slice_of, order) in DIMENSIONS.items():
        found = Counter(map(slice_of, questions))
        slices[title] = {name: found[name] for name in order if found[name]}
    return Description(
        report=questions.report,
        articles=len({question.title for question in questions}),
        contexts=len(contexts),
        questions=len(questions),
        impossible=sum(question.is_impossible for question in questions),
        answers=len(answers),
        lengths={name: _lengths(group) for name, group in texts.items() if group},
        answer_types={name: types[name] for name in ANSWER_TYPES if types[name]},
        slices=slices,
    )


def answer_type(answer: Answer) -> str:
    """A rough type by the look of the words: one of ``ANSWER_TYPES``."""
    words = answer.text.split()
    if len(words) > _PHRASE_WORDS:
        return "oración"
    if _DATE.search(answer.text):
        return "fecha"
    if any(character.isdigit() for character in answer.text):
        return "cifra"
    content = [word for word in _WORD.findall(answer.text) if word.lower() not in _CONNECTORS]
    return "nombre propio" if content and all(word[0].isupper() for word in content) else "sintagma"


def overlap(first: QuestionSet, second: QuestionSet) -> Overlap:
    """What the questions and contexts of ``second`` share with ``first``, whatever the case and the punctuation."""
    ids = {question.id for question in first}
    asked = {(_words(question.question), _words(question.context)) for question in first}
    contexts = {context: _words(context) for context in {question.context for question in first}}
    known, shingles = set(contexts.values()), {run for words in contexts.values() for run in _shingles(words)}
    others = {_words(context) for context in {question.context for question in second}}
    return Overlap(
        first.report.path,
        second.report.path,
        ids=sum(question.id in ids for question in second),
        questions=sum((_words(question.question), _words(question.context)) in asked for question in second),
        contexts=len(others & known),
        near_contexts=sum(_is_near(words, shingles) for words in others - known),
    )


def _is_near(words: Sequence[str], shingles: set[int]) -> bool:
    runs = _shingles(words)
    return bool(runs) and sum(run in shingles for run in runs) * 2 >= len(runs)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def _shingles(words: Sequence[str]) -> list[int]:
    return [hash(tuple(words[i : i + _SHINGLE])) for i in range(len(words) - _SHINGLE + 1)]


def _lengths(texts: Iterable[str]) -> Lengths:
    counts = np.array([len(text.split()) for text in texts])
    return Lengths(
        int(counts.min()),
        float(np.median(counts)),
        float(counts.mean()),
        float(np.quantile(counts, 0.95)),
        int(counts.max()),
    )
