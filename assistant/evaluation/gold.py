"""Questions about a folder: which document each is about, and where in its text the answers stand."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from assistant.answering import normalise
from assistant.errors import AssistantProblem
from index.errors import IndexProblem
from index.types import Document, Passage
from reader.squad import Question, read_squad

_WORD = re.compile(r"\w+")
_NEIGHBOURS = 24  # words compared on each side of a place: enough to tell it from any other
_DOCUMENT_KEYS = ("document", "path", "title")

Offsets = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FolderQuestion:
    """A question, the document of the folder that it is about, and where its answers stand there.

    ``question.answers`` is empty where the right thing is to abstain: the document does not answer it, or is not in
    the folder (``document`` is None). ``spans`` are offsets into ``Document.text``.
    """

    question: Question
    document: str | None
    spans: tuple[Offsets, ...]

    @property
    def answerable(self) -> bool:
        return bool(self.spans)

    @property
    def text(self) -> str:
        """The question as it is searched and read."""
        return normalise(self.question.question)

    def is_gold(self, passage: Passage) -> bool:
        """Whether the passage holds a gold answer at its right place."""
        return passage.document == self.document and any(
            passage.start <= start and end <= passage.end for start, end in self.spans
        )


@dataclass(frozen=True, slots=True)
class FolderQuestions:
    """The usable questions of a file about a folder, and what became of the others."""

    path: str
    questions: tuple[FolderQuestion, ...]
    foreign: int  # of ``questions``, those whose document is not in the folder
    lost: int  # left out: their document is there, but none of their answers is found in it


def read_questions(path: Path, document: Callable[[str], Document], *, foreign: bool = False) -> FolderQuestions:
    """Read a SQuAD file whose entries of ``data`` name their document as ``document``, ``path`` or ``title``.

    Args:
        path: the file.
        document: the document of a path; raises ``IndexProblem`` where the folder has none.
        foreign: the questions are meant to be about other folders, and to find nothing here.

    Raises DataProblem for a file that is not SQuAD, AssistantProblem where no question is about the folder, unless
    ``foreign``.
    """
    read = read_squad(path)
    names = _documents_named(path)
    documents = _Documents(document)
    found = [_place(question, documents.first(names[question.id])) for question in read]
    kept = tuple(one for one in found if one.answerable or not one.question.answers)
    strangers = sum(one.document is None for one in kept)
    if not kept or (strangers == len(kept) and not foreign):
        raise AssistantProblem(
            f"Ninguna de las {len(read)} preguntas de «{path}» es sobre un documento de la carpeta.",
            "Cada entrada de «data» debe nombrar su archivo, relativo a la carpeta, en «document», «path» o «title». "
            "Para medir si calla ante preguntas de otra carpeta, use --ajenas.",
        )
    return FolderQuestions(str(path), kept, strangers, len(found) - len(kept))


def locate(text: str, context: str, start: int, end: int) -> Offsets | None:
    """Where the words ``context[start:end]`` stand in ``text``: of their occurrences, the one with the same neighbours.

    Words are compared whatever their case, and signs and white space not at all: the context may come from another
    rendering of the document. None where the words do not occur.
    """
    words, around = _words(text), _words(context)
    inside = [i for i, (_, a, b) in enumerate(around) if a < end and start < b]
    if not inside:
        place = text.find(context[start:end])
        return (place, place + end - start) if place >= 0 else None
    first, count = inside[0], len(inside)
    wanted = [around[i][0] for i in inside]
    places = [
        place
        for place in _occurrences(text).get(wanted[0], ())
        if [word for word, _, _ in words[place : place + count]] == wanted
    ]
    if not places:
        return None
    place = max(places, key=lambda place: _likeness(words, place, around, first, count))
    return words[place][1], words[place + count - 1][2]


def _place(question: Question, document: Document | None) -> FolderQuestion:
    if document is None:
        return FolderQuestion(replace(question, answers=(), is_impossible=True), None, ())
    spans = [locate(document.text, question.context, answer.start, answer.end) for answer in question.answers]
    return FolderQuestion(question, document.path, tuple(dict.fromkeys(span for span in spans if span)))


class _Documents:
    """The documents of the folder by the names that a question file uses for them."""

    def __init__(self, document: Callable[[str], Document]) -> None:
        self._document = document
        self._found: dict[str, Document | None] = {}

    def first(self, names: Sequence[str]) -> Document | None:
        return next((document for name in names if (document := self._named(name))), None)

    def _named(self, name: str) -> Document | None:
        if name not in self._found:
            try:
                self._found[name] = self._document(unicodedata.normalize("NFC", name))
            except IndexProblem:
                self._found[name] = None
        return self._found[name]


def _documents_named(path: Path) -> dict[str, tuple[str, ...]]:
    """Question id → the names that its entry may give its document. The file has been validated."""
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    return {
        str(qa["id"]): tuple(str(article[key]) for key in _DOCUMENT_KEYS if article.get(key))
        for article in content["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    }


@lru_cache(maxsize=512)
def _words(text: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((match[0].casefold(), match.start(), match.end()) for match in _WORD.finditer(text))


@lru_cache(maxsize=64)
def _occurrences(text: str) -> Mapping[str, Sequence[int]]:
    places: dict[str, list[int]] = {}
    for place, (word, _, _) in enumerate(_words(text)):
        places.setdefault(word, []).append(place)
    return places


def _likeness(
    words: Sequence[tuple[str, int, int]], place: int, around: Sequence[tuple[str, int, int]], first: int, count: int
) -> int:
    """How many neighbours, word by word outwards from both ends, are the same in the text and in the context."""
    same = 0
    for step, one, other in ((-1, place, first), (1, place + count - 1, first + count - 1)):
        for distance in range(1, _NEIGHBOURS + 1):
            i, j = one + step * distance, other + step * distance
            if not (0 <= i < len(words) and 0 <= j < len(around)):
                break
            same += words[i][0] == around[j][0]
    return same
