"""Plain text: paragraphs rebuilt from lines, each with the number of its first line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.text import clean, is_list_item, starts_item, without_bullet
from index.errors import DocumentProblem
from index.types import Place

_WRAPPED = 0.7  # a line shorter than this part of the longest one ends its paragraph
_MIN_WIDTH, _MAX_WIDTH = 50, 120  # characters; outside, lines are not prose wrapped by hand: each stands alone
_LINE_END = re.compile(r"\r\n|\r|\n")  # what editors count; str.splitlines() also breaks at form feeds and others


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the paragraphs, list items and headings of a text file."""
    text = decode(data)
    if text is None:
        raise not_text(builder)
    add_lines(split_lines(text), builder)


def split_lines(text: str) -> list[str]:
    """The lines of a text, numbered as editors number them."""
    return _LINE_END.split(text)


def not_text(builder: DocumentBuilder) -> DocumentProblem:
    """The error for a text format whose bytes are no text."""
    return builder.problem("no es un archivo de texto.", "Compruebe su extensión o quítelo de la carpeta.")


def add_lines(lines: Sequence[str], builder: DocumentBuilder, *, numbered: bool = True) -> None:
    """Append lines as paragraphs and list items; ``numbered`` puts the line number in their places."""
    for number, text, underlined in paragraphs(lines):
        place = Place(line=number) if numbered else Place()
        if underlined:
            builder.heading(text, underlined, place)
        elif is_list_item(text):
            builder.add(without_bullet(text), "list_item", place)
        else:
            builder.add(text, "paragraph", place)


def paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Paragraphs as ``(number of the first line, text, heading level or 0)``.

    Lines of a paragraph that was wrapped by hand are joined; a line well short of the margin, a list item, an
    indented line after a full stop or an empty line starts another. A line underlined with === or --- is a heading.
    """
    start, held = 0, list[str]()
    width = max((len(line.rstrip()) for line in lines), default=0)
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip()
        text = clean(line)
        if _is_rule(text):
            if len(held) == 1 and len(text) * 2 >= len(held[0]):
                yield start, held[0], 1 if text[0] in "=#*" else 2
            elif held:
                yield start, " ".join(held), 0
            held = []
            continue
        if held and (not text or not _goes_on(lines[number - 2].rstrip(), line, width)):
            yield start, " ".join(held), 0
            held = []
        if text:
            if not held:
                start = number
            held.append(text)
    if held:
        yield start, " ".join(held), 0


def _is_rule(text: str) -> bool:
    return len(text) >= 3 and text[0] in "=-_*#~" and text == text[0] * len(text)


def _goes_on(line: str, following: str, width: int) -> bool:
    """Whether ``following`` is the same paragraph as the line above it."""
    if not _MIN_WIDTH <= width <= _MAX_WIDTH or starts_item(clean(following), line):
        return False
    indented = len(following) - len(following.lstrip()) > len(line) - len(line.lstrip())
    if indented and line.endswith((".", ":", "?", "!")):
        return False
    return len(line) >= width * _WRAPPED
