"""PDFs as an office makes them: running head, page numbers, tables, one column or two, hyphenated lines if asked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table

from demo_builder.source import Element, Run, Source

_VOWEL = "aeiouáéíóúü"
_ONSET = r"(?:[bcfgpt][rl]|dr|ch|ll|rr|qu|gu(?=[eiéí])|[bcdfghjklmnñprstvyz])"
_BREAK = re.compile(rf"(?<=\w[{_VOWEL}])((?!{_ONSET}[{_VOWEL}])[lnrsmcpbdg])?(?={_ONSET}[{_VOWEL}]\w)", re.IGNORECASE)


def soft_hyphens(text: str) -> str:
    """Spanish syllable breaks as soft hyphens: at least two letters before and three after (``esta-ble-cer``)."""
    return _BREAK.sub("\\1\xad", text)


_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=14.5, spaceAfter=7, alignment=TA_JUSTIFY)
_ITEM = ParagraphStyle("item", _BODY, leftIndent=16, bulletIndent=4, spaceAfter=4)
_CELL = ParagraphStyle("cell", _BODY, fontSize=9, leading=11.5, spaceAfter=0, alignment=0)
_GRID = [
    ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
    ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
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
        style = ParagraphStyle(
            "heading",
            fontName="Helvetica-Bold",
            fontSize=size,
            leading=size * 1.25,
            spaceBefore=size * 0.6,
            spaceAfter=5,
        )
        style.keepWithNext = True
        return [Paragraph(escape(element.text), style)]
    if element.kind == "item":
        return [Paragraph(marked(element.runs), _ITEM, bulletText=element.marker)]
    if element.kind == "table":
        cells = [[Paragraph(escape(cell), _CELL) for cell in row] for row in element.rows]
        table = Table(cells, _column_widths(element.rows, width), repeatRows=1, style=_GRID)
        return [table, Spacer(0, 9)]
    return [Paragraph(marked(element.runs), _BODY)]


def _column_widths(rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Widths in proportion to the longest cell of each column, none under a seventh of the table."""
    longest = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    wanted = [max(length, sum(longest) / 7) for length in longest]
    return [width * length / sum(wanted) for length in wanted]
