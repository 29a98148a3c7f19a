"""Spreadsheets: every row with its header, by sheet and row number."""

from __future__ import annotations

import datetime
import io
import itertools
import math
import re
from collections.abc import Iterable
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
    rows = (
        (number, [shown(cell.value, cell.number_format) for cell in row])
        for number, row in enumerate(sheet.iter_rows(), start=1)
    )
    add_sheet(clean(sheet.title), rows, builder)


def add_sheet(name: str, rows: Iterable[tuple[int, list[str]]], builder: DocumentBuilder) -> None:
    """Append a sheet under a heading with its name, unless that is the one every new sheet gets."""
    builder.close(1)
    if not _DEFAULT_NAME.match(name):
        builder.heading(name, 1, Place(sheet=name))
    add_rows(rows, builder, sheet=name)


def add_rows(rows: Iterable[tuple[int, list[str]]], builder: DocumentBuilder, *, sheet: str | None = None) -> None:
    """Append the rows of a sheet, given as (row number, cells). Empty rows part its tables.

    A row of one cell above a table is its title. The first full row is its header, when it looks like one.
    """
    for empty, group in itertools.groupby(rows, key=lambda row: not any(row[1])):
        if not empty:
            _table(group, builder, sheet)


def _table(rows: Iterable[tuple[int, list[str]]], builder: DocumentBuilder, sheet: str | None) -> None:
    header: list[str] | None = None
    header_at: Place | None = None  # until a row below it has told its names
    first = True
    for number, cells in rows:
        place = Place(sheet=sheet, row=number)
        filled = [cell for cell in cells if cell]
        if first and len(filled) == 1:
            builder.heading(filled[0], 2, place)
            continue
        if first and looks_like_header(cells):
            header, header_at = cells, place
        else:
            builder.add(row_text(cells, header), "table_row", place)
            header_at = None
        first = False
    if header and header_at:
        builder.add(row_text(header, None), "table_row", header_at)


def shown(value: object, number_format: str | None = None) -> str:
    """The value of a cell about as a Spanish Excel shows it."""
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
    if isinstance(value, int | float) and math.isfinite(value):
        return _number(value, number_format or "General")
    return clean(str(value))


def _number(value: float, number_format: str) -> str:
    positive = number_format.split(";")[0]
    found = _DECIMALS.search(positive)
    decimals = len(found[1]) if found else 0
    if "%" in positive:
        return f"{value * 100:.{decimals}f} %".replace(".", ",")
    if positive != "General" and "0" in positive:
        text = f"{value:{',' if ',' in positive else ''}.{decimals}f}"
    else:
        text = str(int(value)) if value == int(value) else f"{value:.15g}"
    text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} €" if "€" in positive else text
