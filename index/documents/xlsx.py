"""Spreadsheets: every row with its header, by sheet and row number."""

from __future__ import annotations

import datetime
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl

from index.documents.archive import check_office
from index.documents.builder import DocumentBuilder
from index.documents.tables import looks_like_header, row_text
from index.documents.text import clean
from index.types import Place

_DEFAULT_NAME = re.compile(r"(?:hoja|sheet|feuil|planilha) ?\d*$", re.IGNORECASE)
_DECIMALS = re.compile(r"0\.(0+)")
_MIDNIGHT = datetime.time()


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the rows of all visible sheets, with the values that were last calculated."""
    check_office(data, builder)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                _sheet(sheet, builder)
    finally:
        book.close()
    if hidden:
        names = ", ".join(f"«{clean(name)}»" for name in hidden)
        builder.warn(f"Hojas ocultas que no se han leído: {names}.")


def _sheet(sheet: Any, builder: DocumentBuilder) -> None:
    sheet.reset_dimensions()  # the declared ones are often wrong, and would cut rows off
    rows = ((number, [shown(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(), start=1))
    builder.close(1)
    name = clean(sheet.title)
    if not _DEFAULT_NAME.match(name):
        builder.heading(name, 1, Place(sheet=name))
    add_rows(rows, builder, sheet=name)


def add_rows(
    rows: Iterator[tuple[int, list[str]]],
    builder: DocumentBuilder,
    *,
    sheet: str | None = None,
    header: bool | None = None,
) -> None:
    """Append the rows of a sheet, given as (row number, cells). Empty rows part its tables.

    A row of one cell before the header is a title. ``header`` says whether the first full row names the columns;
    None guesses.
    """
    for empty, group in itertools.groupby(rows, key=lambda row: not any(row[1])):
        if empty:
            continue
        names: Sequence[str] | None = None
        started = False
        for number, cells in group:
            place = Place(sheet=sheet, row=number)
            filled = [cell for cell in cells if cell]
            if not started and len(filled) == 1:
                builder.heading(filled[0], 2, place)
                continue
            if not started and (looks_like_header(cells) if header is None else header):
                names = cells
                started = True
                continue
            started = True
            builder.add(row_text(cells, names), "table_row", place)


def shown(cell: Any) -> str:
    """The value of a cell about as a Spanish Excel shows it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, datetime.datetime):
        return f"{value:%d/%m/%Y}" if value.time() == _MIDNIGHT else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "General")
    return clean(str(value))


def _number(value: float, number_format: str) -> str:
    positive = number_format.split(";")[0]
    decimals = _DECIMALS.search(positive)
    if "%" in positive:
        return f"{value * 100:.{len(decimals[1]) if decimals else 0}f} %".replace(".", ",")
    if positive != "General" and (decimals or "0" in positive):
        text = (
            f"{value:,.{len(decimals[1]) if decimals else 0}f}"
            if "," in positive
            else f"{value:.{len(decimals[1]) if decimals else 0}f}"
        )
    else:
        text = f"{value:.15g}"
    text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} €" if "€" in positive else text
