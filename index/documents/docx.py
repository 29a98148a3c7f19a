"""Word documents: headings, paragraphs, numbered lists, tables, notes and text boxes, with the rendered pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsmap, qn

from index.documents.archive import check_office
from index.documents.builder import DocumentBuilder
from index.documents.docx_numbering import Numbering, value
from index.documents.tables import table_rows
from index.documents.text import clean, is_list_item, without_bullet
from index.types import BlockKind, Place

_HEADING_NAME = re.compile(r"(?:heading|t[ií]tulo|encabezado) (\d)$", re.IGNORECASE)
_BOLD_LEVEL = 10  # the level of a heading made with bold type only: below all styled ones
_MAX_BOLD_HEADING = 120  # characters
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SKIPPED = {_FALLBACK, *(qn(tag) for tag in ("w:del", "w:moveFrom", "w:instrText", "w:pPr", "w:rPr"))}
_SPACES = {qn(tag) for tag in ("w:tab", "w:ptab", "w:br", "w:cr")}
_NOTE_REFERENCES = {qn("w:footnoteReference"): "footnote", qn("w:endnoteReference"): "endnote"}


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the blocks of a Word document. Pages are those of Word's last rendering, when the file records them."""
    check_office(data, builder)
    _Reader(docx.Document(io.BytesIO(data)), builder).read()


class _Reader:
    """One walk through the body, counting rendered pages and list items."""

    def __init__(self, document: Any, builder: DocumentBuilder) -> None:
        self.builder = builder
        self.body = document.element.body
        self.paged = next(self.body.iter(qn("w:lastRenderedPageBreak")), None) is not None
        self.page = 1
        self.styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
        self.notes = {kind: _notes(document.part, kind) for kind in ("footnote", "endnote")}
        self.numbering = Numbering(_related(document.part, RELATIONSHIP_TYPE.NUMBERING))

    def read(self) -> None:
        self.walk(self.body)

    def walk(self, parent: Any) -> None:
        """Append the blocks of a container: the body, a text box, a content control, the only cell of a table."""
        for child in parent:
            if child.tag == qn("w:p"):
                self.paragraph(child)
            elif child.tag == qn("w:tbl"):
                self.table(child)
            elif child.tag not in _SKIPPED:
                self.walk(child)

    def place(self, page: int) -> Place:
        return Place(page=page if self.paged else None)

    def paragraph(self, paragraph: Any) -> None:
        boxes: list[Any] = []
        notes: list[str] = []
        before = self.page
        text = clean("".join(self.text(paragraph, boxes, notes)))
        # A break before the first word moves the whole paragraph; one further on, only its end.
        place = self.place(before + _breaks_before_text(paragraph))
        level, label, kind = self.style(paragraph, text)
        if text and level is not None:
            if level == 0 and not self.builder.title:
                self.builder.title = text
            self.builder.heading(f"{label} {text}", level, place)
        elif text:
            self.builder.add(f"{label} {text}" if label else without_bullet(text), kind, place)
        for note in notes:
            self.builder.add(note, "note", place)
        for box in boxes:
            self.walk(box)

    def text(self, element: Any, boxes: list[Any], notes: list[str]) -> Iterator[str]:
        """The pieces of a paragraph's text. Text boxes and foot notes met on the way are put in the lists."""
        for child in element:
            tag = child.tag
            if tag == qn("w:t") or tag == _MATH:
                yield child.text or ""
            elif tag in _SPACES:
                yield " "
            elif tag == qn("w:noBreakHyphen"):
                yield "-"
            elif tag == qn("w:lastRenderedPageBreak"):
                self.page += 1
            elif tag == qn("w:txbxContent"):
                boxes.append(child)
            elif tag in _NOTE_REFERENCES:
                notes.append(self.notes[_NOTE_REFERENCES[tag]].get(child.get(qn("w:id")), ""))
            elif tag not in _SKIPPED:
                yield from self.text(child, boxes, notes)

    def style(self, paragraph: Any, text: str) -> tuple[int | None, str, BlockKind]:
        """The heading level (0 for the title, None for body text), the list label and the kind of a paragraph."""
        level: int | None = None
        list_id, list_level = None, 0
        for properties, name in self.inherited(paragraph):
            if level is None:
                outline = value(properties, "w:outlineLvl")
                named = _HEADING_NAME.match(name)
                if outline and outline.isdigit() and int(outline) < 9:
                    level = int(outline) + 1
                elif named or name.lower() in ("title", "título"):
                    level = int(named[1]) if named else 0
            numbered = properties.find(qn("w:numPr"))
            if list_id is None and numbered is not None:
                list_id = value(numbered, "w:numId")
                list_level = int(value(numbered, "w:ilvl") or 0)
        listed = list_id not in (None, "0")
        label = self.numbering.next(list_id, list_level) if listed and list_id and text else ""
        if level is None and not listed and _all_bold(paragraph, text):
            level = _BOLD_LEVEL
        return level, label, "list_item" if listed or is_list_item(text) else "paragraph"

    def inherited(self, paragraph: Any) -> Iterator[tuple[Any, str]]:
        """The properties of a paragraph and of its styles, nearest first, with the style's name ("" for its own)."""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            return
        yield properties, ""
        style = self.styles.get(value(properties, "w:pStyle"))
        for _ in range(10):  # a broken file may have styles based on one another
            if style is None:
                return
            found = style.find(qn("w:pPr"))
            yield (style if found is None else found), value(style, "w:name") or ""
            style = self.styles.get(value(style, "w:basedOn"))

    def table(self, table: Any) -> None:
        rows = list(_direct(table, "w:tr"))
        if all(len(list(_direct(row, "w:tc"))) == 1 for row in rows):  # a frame around text
            for row in rows:
                self.walk(next(_direct(row, "w:tc")))
            return
        texts: list[list[str]] = []
        places: list[Place] = []
        for row in rows:
            places.append(self.place(self.page + _breaks_before_text(row)))
            texts.append(self.cells(row, texts[-1] if texts else []))
        header = True if rows and _is_header(rows[0]) else None
        for number, text in table_rows(texts, header=header):
            self.builder.add(text, "table_row", places[number])

    def cells(self, row: Any, above: list[str]) -> list[str]:
        """The texts of a row, by grid column: a cell merged downwards repeats its text, one merged across has "" ."""
        cells: list[str] = []
        first = last = self.page
        for cell in _direct(row, "w:tc"):
            self.page = first  # each cell that a page break cuts records the break
            notes: list[str] = []
            paragraphs = ("".join(self.text(p, [], notes)) for p in cell.iter(qn("w:p")))
            text = clean(" ".join([*paragraphs, *notes]))
            last = max(last, self.page)
            merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merged is not None and merged.get(qn("w:val")) != "restart" and not text and len(cells) < len(above):
                text = above[len(cells)]
            properties = cell.find(qn("w:tcPr"))
            span = value(properties, "w:gridSpan") if properties is not None else None
            cells += [text] + [""] * (min(int(span), 64) - 1 if span and span.isdigit() else 0)
        self.page = last
        return cells


def _direct(parent: Any, tag: str) -> Iterator[Any]:
    """Children of this tag, also inside content controls and tracked insertions, but not in nested tables."""
    for child in parent:
        if child.tag == qn(tag):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _direct(child, tag)


def _breaks_before_text(element: Any) -> int:
    for breaks, child in enumerate(element.iter(qn("w:t"), qn("w:lastRenderedPageBreak"))):
        if child.tag == qn("w:t"):
            return breaks
    return 0


def _is_header(row: Any) -> bool:
    """Whether a first row says that it is repeated as header, or is all in bold."""
    properties = row.find(qn("w:trPr"))
    if properties is not None and properties.find(qn("w:tblHeader")) is not None:
        return True
    paragraphs = [p for p in row.iter(qn("w:p")) if any(t.text for t in p.iter(qn("w:t")))]
    return len(paragraphs) > 1 and all(_runs_bold(p) for p in paragraphs)


def _all_bold(paragraph: Any, text: str) -> bool:
    """Whether a paragraph is a heading made with bold type: short, one line, and no sentence."""
    short = 2 < len(text) <= _MAX_BOLD_HEADING and not text.endswith((".", ":", ";", ",", "?", "!"))
    return short and not text[0].islower() and _runs_bold(paragraph)


def _runs_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.iter(qn("w:r")) if any((t.text or "").strip() for t in run.iter(qn("w:t")))]
    bolds = [run.find(f"{qn('w:rPr')}/{qn('w:b')}") for run in runs]
    return bool(bolds) and all(b is not None and b.get(qn("w:val")) not in ("0", "false", "off") for b in bolds)


def _related(part: Any, relationship: str) -> Any | None:
    """The root element of a related part, None without one."""
    try:
        return parse_xml(part.part_related_by(relationship).blob)
    except KeyError:
        return None


def _notes(part: Any, kind: str) -> dict[str, str]:
    relationship = RELATIONSHIP_TYPE.FOOTNOTES if kind == "footnote" else RELATIONSHIP_TYPE.ENDNOTES
    root = _related(part, relationship)
    if root is None:
        return {}
    found = root.iterfind(f"w:{kind}", {"w": nsmap["w"]})
    return {note.get(qn("w:id")): clean(" ".join(t.text or "" for t in note.iter(qn("w:t")))) for note in found}
