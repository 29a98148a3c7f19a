"""Word, PowerPoint, Excel and OpenDocument files whose bytes depend on nothing but their source."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

import docx
import openpyxl
import pptx
from docx.shared import Cm
from openpyxl.styles import Font

from demo_builder.source import Element, Source


def build_docx(source: Source) -> bytes:
    """Word document: heading styles, real tables, typed item numbers."""
    document = docx.Document()
    _set_properties(document.core_properties, source)
    document.sections[0].header.paragraphs[0].text = source.fields["running_head"]
    for element in source.elements:
        if element.kind == "heading":
            document.add_heading(element.text, element.level)
        elif element.kind == "table":
            table = document.add_table(0, len(element.rows[0]), style="Table Grid")
            for row in element.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            document.add_paragraph()
        else:
            bullet = element.marker == "•"
            paragraph = document.add_paragraph(style="List Bullet" if bullet else "Normal")
            if element.marker and not bullet:
                paragraph.paragraph_format.left_indent = Cm(0.8)
                paragraph.add_run(f"{element.marker} ")
            for text, bold in element.runs:
                paragraph.add_run(text).bold = bold or None
    return _saved(document)


def build_pptx(source: Source) -> bytes:
    """Slides: every heading opens one, a blockquote is its speaker's notes."""
    deck = pptx.Presentation()
    _set_properties(deck.core_properties, source)
    for element in source.elements:
        if element.kind == "heading":
            slide = deck.slides.add_slide(deck.slide_layouts[0 if element.level == 1 else 1])
            slide.shapes.title.text = element.text
            body = slide.placeholders[1].text_frame
        elif element.kind == "note":
            slide.notes_slide.notes_text_frame.text = element.text
        elif element.kind == "table":
            body._element.getparent().getparent().remove(body._element.getparent())
            size = (len(element.rows), len(element.rows[0]))
            left, top, width = pptx.util.Cm(1.3), pptx.util.Cm(4.5), pptx.util.Cm(22.8)
            table = slide.shapes.add_table(*size, left, top, width, pptx.util.Cm(1.1 * size[0])).table
            for r, row in enumerate(element.rows):
                for c, text in enumerate(row):
                    table.cell(r, c).text = text
        else:
            paragraph = body.add_paragraph() if body.text else body.paragraphs[0]
            paragraph.text = element.text
    return _saved(deck)


def build_xlsx(source: Source) -> bytes:
    """Workbook: every heading opens a sheet; amounts become numbers with their format, as in real workbooks."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    workbook.properties.title, workbook.properties.creator = source.fields["title"], source.fields["author"]
    workbook.properties.created = source.date
    for element in source.elements:
        if element.kind == "heading":
            sheet = workbook.create_sheet(element.text)
        elif element.kind == "table":
            for row in element.rows:
                sheet.append(row)
                for cell in sheet[sheet.max_row]:
                    _as_number(cell)
            for cell in sheet[sheet.max_row - len(element.rows) + 1]:
                cell.font = Font(bold=True)
                sheet.column_dimensions[cell.column_letter].width = 26
        else:
            sheet.append([element.text])
    return _saved(workbook, source.date)


def _as_number(cell: Any) -> None:
    if re.fullmatch(r"\d+", cell.value or ""):
        cell.value = int(cell.value)
    elif amount := re.fullmatch(r"(\d+),(\d\d) €", cell.value or ""):
        cell.value, cell.number_format = float(f"{amount[1]}.{amount[2]}"), '#,##0.00\\ "€"'


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODT_HEAD = (
    " ".join(f'xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "text", "table")) + ' office:version="1.3"'
)


def build_odt(source: Source) -> bytes:
    """OpenDocument text, written by hand: no library with a permissive licence does it."""
    parts: list[str] = []
    for is_item, elements in groupby(source.elements, key=lambda element: element.kind == "item"):
        body = "".join(map(_odt_element, elements))
        parts.append(f"<text:list>{body}</text:list>" if is_item else body)
    mime = "application/vnd.oasis.opendocument.text"
    content = f"<office:body><office:text>{''.join(parts)}</office:text></office:body>"
    entry = '<m:file-entry m:full-path="{}" m:media-type="{}"/>'
    manifest = entry.format("/", mime) + entry.format("content.xml", "text/xml")
    files = {
        "mimetype": mime,
        "content.xml": f"<office:document-content {_ODT_HEAD}>{content}</office:document-content>",
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}manifest:1.0" m:version="1.3">{manifest}</m:manifest>',
    }
    return _packed([(name, text.encode()) for name, text in files.items()])


def _odt_element(element: Element) -> str:
    text = escape(element.text)
    if element.kind == "heading":
        return f'<text:h text:outline-level="{element.level}">{text}</text:h>'
    if element.kind == "item":
        number = "" if element.marker == "•" else f"{element.marker} "
        return f"<text:list-item><text:p>{number}{text}</text:p></text:list-item>"
    if element.kind == "table":
        rows = "".join(
            "<table:table-row>"
            + "".join(f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in row)
            + "</table:table-row>"
            for row in element.rows
        )
        return f"<table:table>{rows}</table:table>"
    return f"<text:p>{text}</text:p>"


def _set_properties(properties: Any, source: Source) -> None:
    properties.title, properties.author, properties.language = source.fields["title"], source.fields["author"], "es-ES"
    properties.last_modified_by, properties.revision = source.fields["author"], 1
    properties.created = properties.modified = source.date


def _saved(document: Any, modified: datetime.datetime | None = None) -> bytes:
    """The archive that a library saves, packed again; ``modified`` replaces the time of saving that openpyxl notes."""
    output = io.BytesIO()
    document.save(output)
    with zipfile.ZipFile(output) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist()]
    if modified:
        stamp = rf"\g<1>{modified:%Y-%m-%dT%H:%M:%SZ}".encode()
        files = [(name, re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", stamp, data)) for name, data in files]
    return _packed(files)


def _packed(files: Sequence[tuple[str, bytes]]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in files:
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return output.getvalue()
