"""HTML: the text of a page without its navigation, with headings and the nearest anchor."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.plain import not_text
from index.documents.tables import table_rows
from index.documents.text import clean, without_bullet
from index.types import BlockKind, Place

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_DROPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "head", "iframe", "object"}
    | {"select", "button", "textarea", "dialog"}
)
_DROPPED_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "caption", "center", "details", "div", "fieldset", "figcaption"}
    | {"figure", "form", "hr", "html", "legend", "main", "p", "pre", "section", "summary"}
    | {"dl", "dt", "dd", "li", "ol", "ul", "table", "tbody", "td", "tfoot", "th", "thead", "tr", *_HEADINGS}
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the blocks of an HTML page."""
    declared = _DECLARED.search(data[:2048])
    text = decode(data, declared[1].decode("ascii") if declared else None)
    if text is None:
        raise not_text(builder)
    add_html(text, builder)


def add_html(text: str, builder: DocumentBuilder, *, file: str = "") -> None:
    """Append the blocks of HTML source. ``file``, the chapter of a book, is put before the anchors."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        builder.warn("La página anida demasiados elementos: se ha leído solo hasta donde se pudo.")
    if root is None:
        return
    title = root.find(".//title")
    if title is not None and not builder.title:
        builder.title = clean("".join(title.itertext()))
    _Reader(builder, file).read(root)


class _Reader:
    """One walk over the elements, without recursion: hostile pages nest deep."""

    def __init__(self, builder: DocumentBuilder, file: str) -> None:
        self.builder = builder
        self.file = file
        self.anchor = file or None  # the nearest id
        self.start = self.anchor  # the anchor where the held text started
        self.held: list[str] = []
        self.open: list[str] = []  # tags of the open block elements
        self.goes_on = False  # whether the block before ended in a line break

    def read(self, root: Any) -> None:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self.leave(element)
            elif not isinstance(element.tag, str) or self.drops(element, root) or self.enter(element):
                walk.skip_subtree()

    def enter(self, element: Any) -> bool:
        """Start an element; True when it is dealt with as a whole."""
        tag = element.tag
        if name := element.get("id") or (tag == "a" and element.get("name")):
            self.anchor = f"{self.file}#{clean(name)}" if self.file else clean(name)
        if tag in _BLOCKS:
            if tag != "dd":
                self.flush()
            self.open.append(tag)
        if tag == "table" and _holds_data(element):
            self.table(element)
            return True
        if tag == "pre":
            lines = "".join(element.itertext()).splitlines()
            for number, line in enumerate(lines):
                self.builder.add(line, "paragraph", Place(anchor=self.anchor), goes_on=number > 0)
            return True
        if tag == "br":
            self.line_break()
        self.hold(element.text)
        return False

    def leave(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS and self.open and self.open[-1] == tag:
            if tag == "dt":
                term = "".join(self.held).strip()
                self.held.append(" " if term.endswith((":", "?")) else ": " if term else "")
            else:
                self.flush()
            self.open.pop()
        self.hold(element.tail)

    def hold(self, text: str | None) -> None:
        if text and text.strip() and not any(piece.strip() for piece in self.held):
            self.start = self.anchor
        self.held.append(text or "")

    def line_break(self) -> None:
        """A line of an address or a timetable is a block of its own; in a heading it is white space."""
        if self.open and self.open[-1] in _HEADINGS:
            self.held.append(" ")
        else:
            self.flush()
            self.goes_on = True

    def flush(self) -> None:
        text = clean("".join(self.held))
        self.held = []
        if text:
            place = Place(anchor=self.start)
            level = next((_HEADINGS[tag] for tag in reversed(self.open) if tag in _HEADINGS), 0)
            if level:
                self.builder.heading(text, level, place)
            else:
                kind: BlockKind = "list_item" if "li" in self.open[-2:] else "paragraph"
                self.builder.add(without_bullet(text), kind, place, goes_on=self.goes_on)
        self.goes_on = False

    def table(self, table: Any) -> None:
        caption = table.find("caption")
        if caption is not None:
            self.builder.add("".join(caption.itertext()), "paragraph", Place(anchor=self.anchor))
        rows = list(table.iter("tr"))
        heads = [row for row in rows[:1] if table.find("thead") is not None or row.find("td") is None]
        cells = _grid(rows)
        for number, text in table_rows(cells, header=True if heads and len(cells[0]) > 1 else None):
            self.builder.add(text, "table_row", Place(anchor=rows[number].get("id") or self.anchor))

    def drops(self, element: Any, root: Any) -> bool:
        """Whether an element is no content. A page's header is none, but its heading is when there is no other."""
        if element.tag == "header" and not any(
            e.tag in ("main", "article", "section") for e in element.iterancestors()
        ):
            headings = list(element.iter("h1"))
            if headings and len(headings) == len(list(root.iter("h1"))):
                self.flush()
                self.builder.heading("".join(headings[0].itertext()), 1, Place(anchor=headings[0].get("id")))
            return True
        return (
            element.tag in _DROPPED
            or element.get("hidden") is not None
            or element.get("aria-hidden") == "true"
            or element.get("role") in _DROPPED_ROLES
            or bool(_HIDDEN.search(element.get("style") or ""))
        )


def _holds_data(table: Any) -> bool:
    """Whether a table holds data: several columns, and no tables, headings or lists within (those lay out a page)."""
    several = any(len(row.findall("td")) + len(row.findall("th")) > 1 for row in table.iter("tr"))
    return several and next(table.iterdescendants("table", "h1", "h2", "h3", "ul", "ol"), None) is None


def _grid(rows: list[Any]) -> list[list[str]]:
    """The cells of each row by column; a cell that spans rows is repeated in each."""
    below: dict[int, tuple[int, str]] = {}  # column: (rows still to fill, text)
    grid: list[list[str]] = []
    for row in rows:
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            _fill(cells, below)
            text = clean(" ".join(cell.itertext()))
            rowspan = _span(cell, "rowspan")
            if rowspan > 1:
                below[len(cells)] = (rowspan - 1, text)
            cells += [text] + [""] * (_span(cell, "colspan") - 1)
        _fill(cells, below)
        grid.append(cells)
    return grid


def _fill(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(cells) in below:
        left, text = below.pop(len(cells))
        if left > 1:
            below[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: Any, name: str) -> int:
    span = cell.get(name) or "1"
    return min(int(span), 100) if span.isdecimal() and int(span) else 1
