"""Titles and headings of a PDF, which only its bookmarks name, and its type shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from index.documents.pdf_layout import Page, Row
from index.documents.text import clean

_LARGER = 1.12  # times the height of body text: a heading
_MAX_HEADING, _MAX_BOLD_HEADING = 200, 120  # characters
_MAX_ROWS = 4
_NUMBERING = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)[.)]?\s+\S")
_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[IVXLC]+[.)])\s+")
_GENERATED = re.compile(  # titles that programs put into the metadata
    r"microsoft|untitled|anonymous|sin t[íi]tulo|\.\w{3,4}$|documento?\s?\d*$|presentaci|^\W*$", re.IGNORECASE
)
_ENDS = (".", ":", ";", "?", "!", "…")


class Headings:
    """Which paragraphs are headings: those of the outline where it names them, else larger or bold lines."""

    def __init__(self, pages: Sequence[Page], outline: dict[tuple[int, str], int]) -> None:
        heights, bold = Counter[float](), Counter[bool]()
        for page in pages:
            for row in page.rows:
                heights[round(row.height, 1)] += len(row.text)
                bold[row.bold] += len(row.text)
        self.body = heights.most_common(1)[0][0] if heights else 0.0
        self.bold_body = bold[True] > bold[False]
        larger = {self._size(rows) for page in pages for rows in page.paragraphs} - {0}
        self.ranks = {size: rank for rank, size in enumerate(sorted(larger, reverse=True), start=1)}
        titles = {(page.number, _bare(" ".join(r.text for r in rows))) for page in pages for rows in page.paragraphs}
        self.outline = outline if len(titles & outline.keys()) >= 2 else {}

    def level(self, page: int, rows: Sequence[Row], text: str) -> int:
        """The heading level of a paragraph from 1, or 0 for body text."""
        if self.outline:
            return self.outline.get((page, _bare(text)), 0)
        if len(text) > _MAX_HEADING or len(rows) > _MAX_ROWS or not any(char.isalpha() for char in text):
            return 0
        numbering = _NUMBERING.match(text)
        depth = numbering[1].count(".") if numbering else 0
        size = self._size(rows)
        if size:
            return 10 * self.ranks[size] + depth
        bold = not self.bold_body and all(row.bold for row in rows)
        if bold and len(text) <= _MAX_BOLD_HEADING and not text.endswith(_ENDS) and not text[0].islower():
            return 10 * (len(self.ranks) + 1) + depth
        return 0

    def _size(self, rows: Sequence[Row]) -> int:
        """Height of the type in half points where it is larger than body text, else 0."""
        height = min(row.height for row in rows)
        return round(2 * height) if height > _LARGER * self.body else 0


def outline_of(pdf: Any) -> dict[tuple[int, str], int]:
    """The bookmarks as {(page, bare title): level}, page and level from 1."""
    outline: dict[tuple[int, str], int] = {}
    for bookmark in pdf.get_toc():
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None and index >= 0:
            outline[(index + 1, _bare(bookmark.get_title()))] = bookmark.level + 1
    return outline


def _bare(title: str) -> str:
    """A title without its number, which bookmarks often leave out."""
    return _NUMBER.sub("", clean(title)).casefold()


def largest_of(rows: Sequence[Row]) -> str:
    """The text set in the largest type of a page, when other text is smaller: the title of a cover."""
    text = [row for row in rows if not row.table]
    if not text:
        return ""
    top = max(row.height for row in text)
    large = [row.text for row in text if row.height > top / 1.05]
    return " ".join(large) if len(large) <= 3 and top > _LARGER * min(row.height for row in text) else ""


def title_of(pdf: Any) -> str:
    """The title of the metadata, unless a program put it there."""
    title = clean(pdf.get_metadata_value("Title") or "")
    return "" if _GENERATED.search(title) else title
