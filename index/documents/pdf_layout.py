"""From segments to paragraphs: columns in reading order, running heads removed, lines joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from index.documents.pdf_lines import Segment, Table
from index.documents.text import clean, is_list_item, starts_item

_MIN_COLUMN_ROWS = 4  # segments on each side of a gutter, to take it for one
_MIN_COLUMN_CHARS = 18  # their median length: the cells of a table are shorter
_FEW_ROWS, _USUAL_LEADING = 6, 1.3  # on a page with few rows the gaps between paragraphs are the median
_EDGE_ROWS = 3  # rows at the head and the foot of a page where running lines are sought
_NUMBER_SIGN = "\0"  # stands for the number of the page
_Signature = tuple[int, str]
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:p[áa]g(?:ina|\.)?\s*)?(\d{1,4}|[ivxlc]{1,6})(?:\s*(?:de|/|of)\s*\d{1,4})?[\W_]*", re.IGNORECASE
)
_FURNITURE = re.compile(r"p[áa]g|[-–—]\s*\d", re.IGNORECASE)  # how a page number starts that can be nothing else
_SENTENCE_END = (".", ":", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class Row:
    """The segments of one line within its column."""

    segments: tuple[Segment, ...]
    column: tuple[float, float]  # left and right edge of the column that it stands in
    text: str

    @property
    def left(self) -> float:
        return self.segments[0].left

    @property
    def right(self) -> float:
        return self.segments[-1].right

    @property
    def bottom(self) -> float:
        return self.segments[0].bottom

    @property
    def height(self) -> float:
        return max(segment.height for segment in self.segments)

    @property
    def bold(self) -> bool:
        return all(segment.bold for segment in self.segments)

    @property
    def hyphen(self) -> bool:
        return self.segments[-1].hyphen

    @property
    def table(self) -> Table | None:
        return self.segments[0].table


@dataclass(slots=True)
class Page:
    """One page on its way to paragraphs."""

    number: int
    rows: list[Row]
    label: str | None = None
    recognised: Sequence[str] = ()  # paragraphs read by OCR, on a page without text
    paragraphs: list[list[Row]] = field(default_factory=list)


def reading_order(segments: Sequence[Segment]) -> list[Row]:
    """Rows in reading order: column after column where the page has columns, else as the content stream has them."""
    gutter = _gutter(segments)
    if gutter is None:
        return _rows(segments)
    # A segment that crosses the gutter (a title, a wide table) parts the columns above it from those below.
    across = [s.middle for s in segments if s.left < gutter < s.right]
    bands: dict[tuple[int, int], list[Segment]] = {}
    for segment in segments:
        band = 2 * sum(middle > segment.middle for middle in across)
        key = (band, 0) if segment.left < gutter < segment.right else (band + 1, 1 if segment.right <= gutter else 2)
        bands.setdefault(key, []).append(segment)
    return [row for key in sorted(bands) for row in (reading_order if key[1] else _rows)(bands[key])]


def _gutter(segments: Sequence[Segment]) -> float | None:
    """The x of a white strip between two columns of prose, or None."""
    best: tuple[int, float] | None = None
    lines = [s for s in segments if not s.table]
    for edge in sorted({round(s.left) for s in lines}):
        x = edge - 2.0
        left = [s for s in lines if s.right <= x]
        right = [s for s in lines if s.left >= x]
        if min(len(left), len(right)) < _MIN_COLUMN_ROWS:
            continue
        top, bottom = min(_top(left), _top(right)), max(_bottom(left), _bottom(right))
        beside = [[s for s in side if bottom <= s.bottom <= top] for side in (left, right)]
        crossing = len(lines) - len(left) - len(right)
        if all(map(_is_prose, beside)) and crossing * 2 <= len(lines) and (best is None or crossing < best[0]):
            best = crossing, x
    return best[1] if best else None


def _is_prose(segments: Sequence[Segment]) -> bool:
    """Whether they are the lines of a column of text: several, long, and most of them as wide as the column."""
    if len(segments) < _MIN_COLUMN_ROWS or median(len(s.text) for s in segments) < _MIN_COLUMN_CHARS:
        return False
    width = max(s.right for s in segments) - min(s.left for s in segments)
    return sum(s.right - s.left > 0.75 * width for s in segments) * 5 >= 2 * len(segments)


def _top(segments: Sequence[Segment]) -> float:
    return max(s.bottom for s in segments)


def _bottom(segments: Sequence[Segment]) -> float:
    return min(s.bottom for s in segments)


def _rows(segments: Sequence[Segment]) -> list[Row]:
    rows: list[list[Segment]] = []
    for segment in segments:
        last = rows[-1][-1] if rows else None
        level = last and abs(segment.bottom - last.bottom) < 0.4 * min(segment.height, last.height)
        if last and level and not (segment.table or last.table) and segment.left >= last.right - 1:
            rows[-1].append(segment)
        else:
            rows.append([segment])
    column = min((s.left for s in segments), default=0.0), max((s.right for s in segments), default=0.0)
    return [Row(tuple(row), column, clean(" ".join(s.text for s in row))) for row in rows]


def drop_running_lines(pages: Sequence[Page]) -> list[tuple[int, str]]:
    """Remove heads, feet and page numbers from the pages, in place; a printed page number becomes the page's label.

    Seen from the edge of a page inwards, a line is a running one when the same text stands at the same height on at
    least a third of the pages (of two or three pages, on all), or on two when the number of its page is in it; or when
    it is that number. Returns those that never change, each once, as ``(first page, text)``: a running foot may hold
    the only telephone number of the document.
    """
    edges = [_edge_rows(page.rows) for page in pages]
    offset = _page_offset(pages, [[row for edge in pair for row in edge] for pair in edges])
    printed = [
        {(page.label or "").lower(), "" if offset is None else str(page.number - offset)} - {""} for page in pages
    ]
    seen: Counter[_Signature] = Counter()
    for pair, own in zip(edges, printed, strict=True):
        seen.update({_signature(row, own) for row in (*pair[0], *pair[1])})
    often = max(2, len(pages) if len(pages) <= 3 else max(3, len(pages) // 3))
    running = {sign for sign, count in seen.items() if count >= (2 if _NUMBER_SIGN in sign[1] else often)}
    constant: dict[_Signature, tuple[int, str]] = {}
    for page, pair, own in zip(pages, edges, printed, strict=True):
        dropped: set[int] = set()
        for edge in pair:
            for row in edge:
                sign = _signature(row, own)
                number = _PAGE_NUMBER.fullmatch(row.text)
                if number and (number[1].lower() in own or _FURNITURE.match(row.text)):
                    page.label = page.label or number[1]
                elif sign not in running:
                    break  # what lies further in is text
                elif _NUMBER_SIGN not in sign[1]:
                    constant.setdefault(sign, (page.number, row.text))
                dropped.add(id(row))
        page.label = page.label or next((token for token in own), None)
        page.rows = [row for row in page.rows if id(row) not in dropped]
    return sorted(constant.values())


def _page_offset(pages: Sequence[Page], edges: Sequence[Sequence[Row]]) -> int | None:
    """Number of the page minus the number printed on it, when at least half of the pages agree."""
    offsets: Counter[int] = Counter()
    for page, rows in zip(pages, edges, strict=True):
        words = {word.strip(".-–—") for row in rows for word in row.text.split()}
        offsets.update({page.number - int(word) for word in words if word.isdecimal() and len(word) < 5})
    offset, count = offsets.most_common(1)[0] if offsets else (0, 0)
    return offset if count >= max(2, len(pages) / 2) else None


def _edge_rows(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows where running lines may stand: those at the head of a page and those at its foot, outermost first."""
    ordered = sorted((row for row in rows if not row.table), key=lambda row: -row.bottom)
    half = min(_EDGE_ROWS, (len(ordered) + 1) // 2)
    return ordered[:half], ordered[len(ordered) - min(_EDGE_ROWS, len(ordered) // 2) :][::-1]


def _signature(row: Row, printed: set[str]) -> _Signature:
    """Height and text of a row, with the number of its page taken out."""
    words = (_NUMBER_SIGN if word.lower() in printed else word for word in row.text.split())
    return round(row.bottom / 4), " ".join(words)


def group_paragraphs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows grouped into paragraphs by leading, indents, short last lines, type size and list marks."""
    steps = [(a.bottom - b.bottom) / a.height for a, b in pairwise(rows) if a.height]
    leading = median([step for step in steps if 0 < step < 3] or [0.0])  # in heights of the type
    if len(steps) < _FEW_ROWS:
        leading = min(leading, _USUAL_LEADING)
    held: list[Row] = []
    for row in rows:
        if held and _starts(held, row, leading):
            yield held
            held = []
        held.append(row)
    if held:
        yield held


def _starts(held: Sequence[Row], row: Row, leading: float) -> bool:
    last = held[-1]
    size = last.height
    if row.table or last.table:
        return True
    if abs(row.height - size) > 0.12 * size or row.bold != last.bold or starts_item(row.text, last.text):
        return True
    step = last.bottom - row.bottom
    if row.column != last.column or step < -size:  # the next column: a new paragraph unless a sentence runs on
        return last.text.endswith(_SENTENCE_END) or not row.text[:1].islower()
    if step > 1.25 * leading * size or step < 0.2 * size:
        return True
    if last.hyphen:
        return False
    width = last.column[1] - last.column[0]
    short = last.right < last.column[1] - 0.12 * width and last.right + _first_word(row) < last.column[1]
    indent = row.left - last.left > 0.6 * size and len(held) > 1 and not is_list_item(held[0].text)
    return (short or indent) and (last.text.endswith(_SENTENCE_END) or not row.text[:1].islower())


def _first_word(row: Row) -> float:
    """The width of the row's first word: had it fitted on the line above, that line ended its paragraph."""
    text = row.segments[0].text
    return (len(text.split(maxsplit=1)[0]) + 1) * (row.segments[0].right - row.left) / max(1, len(text))
