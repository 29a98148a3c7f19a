"""The words of a PDF page as PDFium places them: segments of lines with their boxes and type."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from index.documents.pdf_strokes import Stroke

_LINE = re.compile(r"[^\r\n\ufffe]+")
_WORD = re.compile(r"\S+")
_MARKER = re.compile(r"[^\w\s]|(?:\d{1,3}|\w)[.)]-?")
_BOLD = re.compile(rb"bold|black|heavy|semibd|demi", re.IGNORECASE)
_FORCE_BOLD = 1 << 18  # PDF 32000-1:2008, table 123
_GAP = 0.9  # of the line's height; wider than any space of justified text: a table cell or a column gutter
_HYPHEN = "\ufffe"  # what PDFium returns for a hyphen that ends a line, without a line end after it


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that stand together on a line. Points (1/72 inch), y upwards from the foot of the page."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    bold: bool
    hyphen: bool = False  # ended in a hyphen at the line's end, which is not in ``text``
    table: Table | None = None  # the table that the segment stands for; then it has no text of its own

    @property
    def height(self) -> float:
        """Ascent plus descent of the type: stands for its size, which PDF producers hide in matrices."""
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row and column, each the segments of its lines from top to bottom."""

    rows: tuple[tuple[tuple[Segment, ...], ...], ...]

    @property
    def header(self) -> bool:
        """Whether the first row is set in bold and the second is not."""
        bold = [all(s.bold for cell in row for s in cell) for row in self.rows[:2]]
        return len(bold) == 2 and bold[0] and not bold[1]


def page_segments(page: Any, walls: Sequence[Stroke] = ()) -> list[Segment]:
    """The segments of a page in the order of its content stream. A vertical line drawn between words parts them."""
    textpage = page.get_textpage()
    try:
        return list(_segments(textpage.raw, walls))
    finally:
        textpage.close()


def _segments(raw: Any, walls: Sequence[Stroke]) -> Iterator[Segment]:
    text = _characters(raw)
    measure = _Measure(raw)
    for line in _LINE.finditer(text):
        words = [measure.word(*word.span()) for word in _WORD.finditer(text, line.start(), line.end())]
        hyphen = text[line.end() : line.end() + 1] == _HYPHEN
        first = 0
        for number in range(1, len(words) + 1):
            if number == len(words) or _parted(text, words[first], words[number - 1], words[number], walls):
                yield _segment(text, words[first:number], measure, hyphen and number == len(words))
                first = number


@dataclass(slots=True)
class _Word:
    """Where a word stands in the text and on the page."""

    start: int
    end: int
    left: float
    right: float
    bottom: float
    top: float


def _parted(text: str, first: _Word, last: _Word, word: _Word, walls: Sequence[Stroke]) -> bool:
    """Whether a word starts another segment than the words before it on its line."""
    gap = word.left - last.right
    height = max(last.top - last.bottom, word.top - word.bottom)
    if gap < _GAP * height and gap > -height:
        if not walls:
            return False
        middle = (last.top + last.bottom) / 2
        return any(last.right - 1 <= wall.at <= word.left + 1 and wall.start < middle < wall.end for wall in walls)
    # a list mark belongs to its item, however far that is indented
    return not _MARKER.fullmatch(text, first.start, last.end)


def _segment(text: str, words: Sequence[_Word], measure: _Measure, hyphen: bool) -> Segment:
    start, end = words[0].start, words[-1].end
    return Segment(
        text=text[start:end],
        left=min(word.left for word in words),
        right=max(word.right for word in words),
        bottom=words[0].bottom,
        top=max(word.top for word in words),
        bold=measure.bold(start) and measure.bold(end - 1),
        hyphen=hyphen,
    )


class _Measure:
    """Boxes and weight of characters, by index."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._rect = pdfium.FS_RECTF()
        self._font = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def word(self, start: int, end: int) -> _Word:
        """The box from the first character to the last: loose, with the ascent and descent of the font."""
        rect = self._rect
        pdfium.FPDFText_GetLooseCharBox(self._raw, start, rect)
        word = _Word(start, end, rect.left, rect.right, rect.bottom, rect.top)
        if end - start > 1:
            pdfium.FPDFText_GetLooseCharBox(self._raw, end - 1, rect)
            word.right = rect.right
        if word.top < word.bottom:  # upside down
            word.bottom, word.top = word.top, word.bottom
        return word

    def bold(self, index: int) -> bool:
        length = pdfium.FPDFText_GetFontInfo(self._raw, index, self._font, len(self._font), self._flags)
        return bool(length and (_BOLD.search(self._font.value) or self._flags.value & _FORCE_BOLD))


def _characters(raw: Any) -> str:
    """The text of the page, one character for each of PDFium's, so that indices agree."""
    count = pdfium.FPDFText_CountChars(raw)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(raw, 0, count, buffer) - 1
    text = bytes(buffer)[: 2 * written].decode("utf-16-le", "surrogatepass")
    if len(text) == count:
        return text
    # PDFium left characters out of the text, or put some in: ask for each (slower).
    codes = (pdfium.FPDFText_GetUnicode(raw, index) for index in range(count))
    return "".join(_HYPHEN if code == 2 else chr(code) if 0 < code <= 0x10FFFF else " " for code in codes)
