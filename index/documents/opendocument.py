"""OpenDocument of LibreOffice: text by heading and rendered page, spreadsheets by sheet and row, slides by number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.documents.archive import open_archive, parse_part
from index.documents.builder import DocumentBuilder
from index.documents.tables import table_rows
from index.documents.text import clean
from index.documents.xlsx import add_sheet
from index.types import BlockKind, Place

_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_SPACES = {f"{_T}s", f"{_T}tab", f"{_T}line-break"}
_APART = {f"{_T}note", f"{_DRAW}frame", f"{_DRAW}text-box", f"{_DRAW}custom-shape"}
_SKIPPED = {f"{_OFFICE}annotation"} | {
    f"{_T}{name}" for name in ("tracked-changes", "note", "table-of-content", "alphabetical-index")
}
_SLIDE_FURNITURE = {"page-number", "footer", "date-time", "header"}
_MAX_REPEATED = 64  # cells or rows; those repeated more often only fill the sheet


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the blocks of an ODT, ODS or ODP file."""
    with open_archive(data, builder) as archive:
        if "META-INF/manifest.xml" in archive.namelist():
            manifest = parse_part(archive, "META-INF/manifest.xml")
            if next(manifest.iter(f"{_MANIFEST}encryption-data"), None) is not None:
                raise builder.problem(
                    "está protegido con contraseña.", "Ábralo, quite la contraseña al guardarlo y vuelva a indexar."
                )
        content = parse_part(archive, "content.xml")
    body = next(content.iterfind(f"{_OFFICE}body/*"), None)
    reader = _Reader(builder, content)
    if body is None:
        raise builder.problem("no es un documento de OpenDocument.", "Guárdelo de nuevo desde LibreOffice.")
    if body.tag == f"{_OFFICE}spreadsheet":
        for sheet in body.iterfind(f"{_TABLE}table"):
            add_sheet(clean(sheet.get(f"{_TABLE}name") or ""), reader.sheet_rows(sheet), builder)
    elif body.tag == f"{_OFFICE}presentation":
        for number, slide in enumerate(body.iterfind(f"{_DRAW}page"), start=1):
            reader.slide(slide, Place(slide=number))
    else:
        reader.walk(body)


class _Reader:
    """One walk through a document, counting soft page breaks."""

    def __init__(self, builder: DocumentBuilder, content: Any) -> None:
        self.builder = builder
        self.paged = next(content.iter(f"{_T}soft-page-break"), None) is not None
        self.page = 1
        self.slide_place: Place | None = None
        self.titles = {"Title"} | {
            style.get(f"{_STYLE}name")
            for style in content.iter(f"{_STYLE}style")
            if style.get(f"{_STYLE}parent-style-name") == "Title"
        }

    def walk(self, parent: Any, kind: BlockKind = "paragraph") -> None:
        """Append the blocks of a container: the body, a section, a list, a text box."""
        for child in parent:
            tag = child.tag
            if tag in (f"{_T}h", f"{_T}p"):
                self.paragraph(child, kind)
            elif tag == f"{_T}soft-page-break":
                self.page += 1
            elif tag == f"{_TABLE}table":
                self.table(child)
            elif tag not in _SKIPPED:
                self.walk(child, "list_item" if tag == f"{_T}list-item" else kind)

    def place(self) -> Place:
        return self.slide_place or Place(page=self.page if self.paged else None)

    def paragraph(self, paragraph: Any, kind: BlockKind) -> None:
        place = self.place()
        apart: list[Any] = []
        text = clean("".join(self.text(paragraph, apart)))
        if paragraph.tag == f"{_T}h":
            level = paragraph.get(f"{_T}outline-level") or "1"
            self.builder.heading(text, int(level) if level.isdecimal() else 1, place)
        elif text and paragraph.get(f"{_T}style-name") in self.titles:
            self.builder.title = self.builder.title or text
            self.builder.heading(text, 0, place)
        else:
            self.builder.add(text, kind, place)
        for element in apart:
            if element.tag == f"{_T}note":
                body = element.find(f"{_T}note-body")
                if body is not None:
                    self.builder.add(" ".join(body.itertext()), "note", place)
            else:
                self.walk(element)

    def text(self, element: Any, apart: list[Any]) -> Iterator[str]:
        """The pieces of a paragraph's text; notes and text boxes met on the way are put in ``apart``."""
        yield element.text or ""
        for child in element:
            tag = child.tag
            if tag in _SPACES:
                yield " "
            elif tag == f"{_T}soft-page-break":
                self.page += 1
            elif tag in _APART:
                apart.append(child)
            elif tag not in _SKIPPED:
                yield from self.text(child, apart)
            yield child.tail or ""

    def table(self, table: Any) -> None:
        headers = table.find(f"{_TABLE}table-header-rows") is not None
        rows: list[list[str]] = []
        places: list[Place] = []
        for element in table.iter(f"{_TABLE}table-row", f"{_T}soft-page-break"):
            if next(element.iterancestors(f"{_TABLE}table")) is not table:
                continue  # of a table within a cell, whose text is the cell's
            if element.tag == f"{_TABLE}table-row":
                places.append(self.place())
                rows.append(self.cells(element))
            elif element.getparent().tag.startswith(_TABLE):  # between rows; those in cells count with their text
                self.page += 1
        for number, text in table_rows(rows, header=headers or None):
            self.builder.add(text, "table_row", places[number])

    def cells(self, row: Any) -> list[str]:
        cells: list[str] = []
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            paragraphs = ("".join(self.text(paragraph, [])) for paragraph in cell.iter(f"{_T}p", f"{_T}h"))
            cells += [clean(" ".join(paragraphs))] * _repeated(cell, "columns")
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def sheet_rows(self, sheet: Any) -> Iterator[tuple[int, list[str]]]:
        """The rows of a spreadsheet as they are shown, with their numbers."""
        number = 1
        for row in sheet.iter(f"{_TABLE}table-row"):
            cells = self.cells(row)
            times = _repeated(row, "rows")
            for repeated in range(times if cells else 1):
                yield number + repeated, cells
            number += int(row.get(f"{_TABLE}number-rows-repeated") or 1)

    def slide(self, slide: Any, place: Place) -> None:
        self.slide_place = place
        self.builder.close(1)
        frames = [f for f in slide if f.get(f"{_PRESENTATION}class") not in _SLIDE_FURNITURE]
        titles = [frame for frame in frames if frame.get(f"{_PRESENTATION}class") == "title"]
        for frame in titles:
            self.builder.heading(" ".join(frame.itertext()), 1, place)
        for frame in frames:
            if frame.tag == f"{_PRESENTATION}notes":
                for paragraph in frame.iter(f"{_T}p"):
                    self.builder.add("".join(self.text(paragraph, [])), "note", place)
            elif frame not in titles:
                self.walk(frame)


def _repeated(element: Any, what: str) -> int:
    times = element.get(f"{_TABLE}number-{what}-repeated") or "1"
    return min(int(times), _MAX_REPEATED) if times.isdecimal() else 1
