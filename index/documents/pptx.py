"""Presentations: each slide's title, texts, tables, chart data and notes, with the number of the slide."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError

from index.documents.archive import check_office
from index.documents.builder import DocumentBuilder
from index.documents.tables import table_rows
from index.documents.text import clean, is_list_item, without_bullet
from index.types import BlockKind, Place

_TITLES = {PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE}
_FURNITURE = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER}
_LISTS = {PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY}
_ROW_HEIGHT = 100_000  # EMU (about 3 mm): shapes this near in height are read from left to right
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the slides of a presentation; footers, dates and slide numbers are left out."""
    check_office(data, builder)
    try:
        presentation = Presentation(io.BytesIO(data))
    except PackageNotFoundError:
        raise builder.problem("no es una presentación PPTX.", "Guárdela de nuevo como PPTX.") from None
    for number, slide in enumerate(presentation.slides, start=1):
        builder.close(1)
        _slide(slide, Place(slide=number), builder)


def _slide(slide: Any, place: Place, builder: DocumentBuilder) -> None:
    shapes = sorted(_flat(slide.shapes), key=_position)
    for shape in shapes:
        if _placeholder(shape) in _TITLES:
            builder.heading(_text(shape), 1, place)
    for shape in shapes:
        placeholder = _placeholder(shape)
        if placeholder in _TITLES | _FURNITURE:
            continue
        if getattr(shape, "has_table", False) and shape.has_table:
            rows = [[_frame_text(cell.text_frame) for cell in row.cells] for row in shape.table.rows]
            for _, text in table_rows(rows, header=True if shape.table.first_row and len(rows[0]) > 2 else None):
                builder.add(text, "table_row", place)
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            for text in _chart(shape.chart):
                builder.add(text, "table_row", place)
        elif shape.has_text_frame:
            paragraphs = [text for p in shape.text_frame.paragraphs if (text := _paragraph(p))]
            listed = placeholder in _LISTS and len(paragraphs) > 1
            for text in paragraphs:
                kind: BlockKind = "list_item" if listed or is_list_item(text) else "paragraph"
                builder.add(without_bullet(text), kind, place)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            builder.add(_paragraph(paragraph), "note", place)


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _flat(shape.shapes)
        else:
            yield shape


def _position(shape: Any) -> tuple[int, int]:
    return (shape.top or 0) // _ROW_HEIGHT, shape.left or 0


def _placeholder(shape: Any) -> Any:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _text(shape: Any) -> str:
    return _frame_text(shape.text_frame) if shape.has_text_frame else ""


def _frame_text(frame: Any) -> str:
    return " ".join(_paragraph(paragraph) for paragraph in frame.paragraphs)


def _paragraph(paragraph: Any) -> str:
    """Runs, fields and line breaks (python-pptx leaves fields out of ``runs``)."""
    pieces = (
        " " if e.tag == f"{_DRAWING}br" else e.text or "" for e in paragraph._p.iter(f"{_DRAWING}t", f"{_DRAWING}br")
    )
    return clean("".join(pieces))


def _chart(chart: Any) -> Iterator[str]:
    """The chart's title and its numbers, a line for each series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield _frame_text(chart.chart_title.text_frame)
    for plot in chart.plots:
        categories = [str(category) for category in plot.categories]
        for series in plot.series:
            values = [
                f"{name}: {value:g}".replace(".", ",")
                for name, value in zip(categories, series.values, strict=False)
                if value is not None
            ]
            yield f"{series.name or ''}: " * bool(series.name) + "; ".join(values)
