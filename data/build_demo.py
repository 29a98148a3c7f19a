"""Rebuild the binary documents of ``data/demo/documentos`` from the readable sources of ``data/demo_sources``.

    python data/build_demo.py [FOLDER]        (needs the ``dev`` extra)

A source is Markdown named after what it becomes: ``rrhh/teletrabajo.docx.md`` becomes ``rrhh/teletrabajo.docx``. Its
front matter gives title, author, date, running head and, for PDFs, ``columns`` and ``hyphenate``. The text files of the
demo have no source: they are written where they lie. Building twice gives the same bytes: every date is that of the
front matter, every archive is packed again with fixed times.
"""

from __future__ import annotations

import datetime
import io
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import docx
import openpyxl
import pptx
from docx.shared import Cm
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from openpyxl.styles import Font
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table

SOURCES = Path(__file__).parent / "demo_sources"
DOCUMENTS = Path(__file__).parent / "demo" / "documentos"

Run = tuple[str, bool]  # text, bold


@dataclass(frozen=True)
class Element:
    """A heading, paragraph, list item (``marker`` is its bullet or number), table or speaker's note."""

    kind: Literal["heading", "paragraph", "item", "table", "note"]
    runs: tuple[Run, ...] = ()
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


@dataclass(frozen=True)
class Source:
    """One source file: its front matter and its elements in order."""

    fields: dict[str, str]
    elements: tuple[Element, ...] = field(repr=False)

    @property
    def date(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self.fields["date"])


def read_source(path: Path) -> Source:
    """Read a source. Raises ValueError where it has no front matter or holds markup that no renderer knows."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in front.splitlines())
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
    return Source(fields, tuple(element for node in tree.children for element in _elements(node)))


def _elements(node: SyntaxTreeNode) -> list[Element]:
    match node.type:
        case "heading":
            return [Element("heading", _runs(node.children[0]), level=int(node.tag[1]))]
        case "paragraph":
            return [Element("paragraph", _runs(node.children[0]))]
        case "bullet_list":
            return [Element("item", _runs(item.children[0].children[0]), marker="•") for item in node.children]
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            items = enumerate(node.children, start=first)
            return [Element("item", _runs(item.children[0].children[0]), marker=f"{n}.") for n, item in items]
        case "blockquote":
            return [Element("note", _runs(child.children[0])) for child in node.children]
        case "table":
            rows = [row for part in node.children for row in part.children]
            cells = [["".join(text for text, _ in _runs(c.children[0])) for c in row.children] for row in rows]
            return [Element("table", rows=tuple(map(tuple, cells)))]
    raise ValueError(f"unknown markup: {node.type}")


def _runs(inline: SyntaxTreeNode) -> tuple[Run, ...]:
    runs: list[Run] = []
    for child in inline.children:
        if child.type == "strong":
            runs.append((child.children[0].content, True))
        elif child.type == "softbreak":
            runs.append((" ", False))
        elif child.type == "text":
            runs.append((child.content, False))
        else:
            raise ValueError(f"unknown markup: {child.type}")
    return tuple(runs)


# --- PDF ------------------------------------------------------------------------------------------------------------

_VOWEL = "aeiouáéíóúü"
_ONSET = r"(?:[bcfgpt][rl]|dr|ch|ll|rr|qu|gu(?=[eiéí])|[bcdfghjklmnñprstvyz])"
_BREAK = re.compile(rf"(?<=\w[{_VOWEL}])([lnrsmcpbdg]?)(?={_ONSET}[{_VOWEL}]\w)", re.IGNORECASE)


def soft_hyphens(text: str) -> str:
    """Spanish syllable breaks as soft hyphens: at least two letters before and three after (``es-tablecer``)."""
    return _BREAK.sub("\\1\xad", text)


_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=14.5, spaceAfter=7, alignment=TA_JUSTIFY)
_ITEM = ParagraphStyle("item", _BODY, leftIndent=16, bulletIndent=4, spaceAfter=4)
_CELL = ParagraphStyle("cell", _BODY, fontSize=9, leading=11.5, spaceAfter=0, alignment=0)
_SIZES = {1: 17, 2: 13, 3: 11}


def build_pdf(source: Source) -> bytes:
    """A4 pages with running head and page number, in one column or two."""
    columns, hyphenate = int(source.fields.get("columns", 1)), "hyphenate" in source.fields
    left, bottom, gap = 2.3 * cm, 2.2 * cm, 0.8 * cm
    width = (A4[0] - 2 * left - (columns - 1) * gap) / columns
    frames = [
        Frame(left + n * (width + gap), bottom, width, A4[1] - 2 * bottom, 0, 0, 0, 0, id=f"column {n}")
        for n in range(columns)
    ]
    output = io.BytesIO()
    document = BaseDocTemplate(
        output, pagesize=A4, invariant=1, title=source.fields["title"], author=source.fields["author"], lang="es-ES"
    )
    document.addPageTemplates(PageTemplate(frames=frames, onPage=_page_furniture(source.fields["running_head"], left)))
    document.build([flowable for element in source.elements for flowable in _flowables(element, width, hyphenate)])
    return output.getvalue()


def _page_furniture(running_head: str, left: float) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.setFillGray(0.35)
        canvas.drawString(left, A4[1] - 1.4 * cm, running_head)
        canvas.drawRightString(A4[0] - left, 1.3 * cm, f"Página {document.page}")

    return draw


def _flowables(element: Element, width: float, hyphenate: bool) -> list[Any]:
    def marked(runs: Sequence[Run]) -> str:
        parts = ((soft_hyphens(text) if hyphenate else text, bold) for text, bold in runs)
        return "".join(f"<b>{escape(text)}</b>" if bold else escape(text) for text, bold in parts)

    if element.kind == "heading":
        size = _SIZES[element.level]
        style = ParagraphStyle("h", fontName="Helvetica-Bold", fontSize=size, leading=size * 1.25, keepWithNext=1)
        return [Spacer(0, size * 0.6), Paragraph(escape(element.text), style), Spacer(0, 5)]
    if element.kind == "item":
        return [Paragraph(marked(element.runs), _ITEM, bulletText=element.marker)]
    if element.kind == "table":
        cells = [[Paragraph(escape(cell), _CELL) for cell in row] for row in element.rows]
        grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)]
        return [Table(cells, [width / len(cells[0])] * len(cells[0]), repeatRows=1, style=grid), Spacer(0, 9)]
    return [Paragraph(marked(element.runs), _BODY)]


# --- Office formats -------------------------------------------------------------------------------------------------


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
_ODT_NAMESPACES = " ".join(f'xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "text", "table"))


def build_odt(source: Source) -> bytes:
    """OpenDocument text, written by hand: no library with a permissive licence does it."""
    parts: list[str] = []
    for is_item, elements in groupby(source.elements, key=lambda element: element.kind == "item"):
        body = "".join(map(_odt_element, elements))
        parts.append(f"<text:list>{body}</text:list>" if is_item else body)
    mime = "application/vnd.oasis.opendocument.text"
    content = f"<office:body><office:text>{''.join(parts)}</office:text></office:body>"
    entries = "".join(
        f'<m:file-entry m:full-path="{path}" m:media-type="{kind}"/>'
        for path, kind in (("/", mime), ("content.xml", "text/xml"))
    )
    files = {
        "mimetype": mime,
        "content.xml": f'<office:document-content {_ODT_NAMESPACES} office:version="1.3">{content}</office:document-content>',
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}manifest:1.0" m:version="1.3">{entries}</m:manifest>',
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


BUILDERS: dict[str, Callable[[Source], bytes]] = {
    ".pdf": build_pdf,
    ".docx": build_docx,
    ".pptx": build_pptx,
    ".xlsx": build_xlsx,
    ".odt": build_odt,
}


def build(folder: Path) -> list[Path]:
    """Write every binary document into ``folder``; their paths, relative to it, in order."""
    written = []
    for path in sorted(SOURCES.rglob("*.*.md")):
        target = path.relative_to(SOURCES).with_suffix("")
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_bytes(BUILDERS[target.suffix](read_source(path)))
        written.append(target)
    return written


if __name__ == "__main__":
    for target in build(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS):
        print(target)
