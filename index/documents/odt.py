"""OpenDocument text: headings, paragraphs, lists, tables, notes, and the pages where LibreOffice recorded them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.documents.archive import open_archive, parse_part
from index.documents.builder import DocumentBuilder
from index.documents.tables import table_rows
from index.documents.text import clean
from index.types import BlockKind, Place

_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_SPACES = {f"{_T}s", f"{_T}tab", f"{_T}line-break"}
_SKIPPED = {
    f"{_T}tracked-changes",
    f"{_T}note",
    f"{_OFFICE}annotation",
    f"{_T}table-of-content",
    f"{_T}alphabetical-index",
}
_MAX_REPEATED = 64  # columns; a cell repeated more often only fills the sheet


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the blocks of an ODT file."""
    with open_archive(data, builder) as archive:
        if "META-INF/manifest.xml" in archive.namelist():
            manifest = parse_part(archive, "META-INF/manifest.xml")
            if next(manifest.iter(f"{_MANIFEST}encryption-data"), None) is not None:
                raise builder.problem(
                    "está protegido con contraseña.", "Ábralo, quite la contraseña al guardarlo y vuelva a indexar."
                )
        content = parse_part(archive, "content.xml")
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise builder.problem("no es un documento de texto ODT.", "Guárdelo de nuevo como ODT.")
    _Reader(builder, paged=next(body.iter(f"{_T}soft-page-break"), None) is not None).walk(body)


class _Reader:
    """One walk through the body, counting soft page breaks."""

    def __init__(self, builder: DocumentBuilder, *, paged: bool) -> None:
        self.builder = builder
        self.paged = paged
        self.page = 1

    def walk(self, parent: Any, kind: BlockKind = "paragraph") -> None:
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
        return Place(page=self.page if self.paged else None)

    def paragraph(self, paragraph: Any, kind: BlockKind) -> None:
        place = self.place()
        later: list[Any] = []
        text = clean("".join(self.text(paragraph, later)))
        if paragraph.tag == f"{_T}h":
            level = paragraph.get(f"{_T}outline-level") or "1"
            self.builder.heading(text, int(level) if level.isdecimal() else 1, place)
        elif text and paragraph.get(f"{_T}style-name") == "Title":
            self.builder.title = self.builder.title or text
            self.builder.heading(text, 0, place)
        else:
            self.builder.add(text, kind, place)
        for element in later:
            if element.tag == f"{_T}note":
                body = element.find(f"{_T}note-body")
                if body is not None:
                    self.builder.add(" ".join(body.itertext()), "note", place)
            else:
                self.walk(element)

    def text(self, element: Any, later: list[Any]) -> Iterator[str]:
        """The pieces of a paragraph's text; notes and text boxes met on the way are put in ``later``."""
        yield element.text or ""
        for child in element:
            tag = child.tag
            if tag in _SPACES:
                yield " "
            elif tag == f"{_T}soft-page-break":
                self.page += 1
            elif tag in (f"{_T}note", f"{_DRAW}frame", f"{_DRAW}text-box", f"{_DRAW}custom-shape"):
                later.append(child)
            elif tag not in _SKIPPED:
                yield from self.text(child, later)
            yield child.tail or ""

    def table(self, table: Any) -> None:
        headers = table.find(f"{_TABLE}table-header-rows") is not None
        rows: list[list[str]] = []
        places: list[Place] = []
        for row in table.iter(f"{_TABLE}table-row"):
            places.append(self.place())
            rows.append(self.cells(row))
        for number, text in table_rows(rows, header=headers or None):
            self.builder.add(text, "table_row", places[number])

    def cells(self, row: Any) -> list[str]:
        cells: list[str] = []
        for cell in row:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            notes: list[Any] = []
            paragraphs = ("".join(self.text(paragraph, notes)) for paragraph in cell.iter(f"{_T}p", f"{_T}h"))
            times = cell.get(f"{_TABLE}number-columns-repeated") or "1"
            cells += [clean(" ".join(paragraphs))] * (min(int(times), _MAX_REPEATED) if times.isdecimal() else 1)
        while cells and not cells[-1]:
            cells.pop()
        return cells
