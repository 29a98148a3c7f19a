"""Lines of a PDF joined to paragraphs, with the words that line ends cut made whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from index.documents.text import clean

_WORD = re.compile(r"[\w-]+")
_WORD_END, _WORD_START = re.compile(r"[^\W_][\w-]*$"), re.compile(r"[\w-]*\w")


class Line(Protocol):
    """A row of a paragraph, or a segment of a table's cell."""

    @property
    def text(self) -> str: ...

    @property
    def hyphen(self) -> bool: ...


class Joiner:
    """Joins lines to paragraphs. A word cut at a line's end is rejoined without its hyphen, unless the hyphen is
    its own: before a digit or a capital ("E-101"), or when the document also writes the word with a hyphen."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts
        self._words: frozenset[str] | None = None

    def join(self, rows: Sequence[Line]) -> str:
        text = rows[0].text
        for above, row in pairwise(rows):
            text += (self._hyphen(text, row.text) if above.hyphen else " ") + row.text
        return clean(text + "-" if rows[-1].hyphen else text)

    def _hyphen(self, left: str, right: str) -> str:
        head, tail = _WORD_END.search(left), _WORD_START.match(right)
        if not head or not tail or not tail[0][0].islower() or any(char.isdigit() for char in head[0]):
            return "-"
        if self._words is None:
            self._words = frozenset(word.lower() for text in self._texts for word in _WORD.findall(text))
        whole, parted = (head[0] + tail[0]).lower(), f"{head[0]}-{tail[0]}".lower()
        return "-" if parted in self._words and whole not in self._words else ""
