"""Excel 97-2003 through xlrd: an optional extra. Rows come out as those of XLSX."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from index.documents.builder import DocumentBuilder
from index.documents.compound import missing_extra
from index.documents.text import clean
from index.documents.xlsx import add_sheet, shown


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the rows of all visible sheets of an XLS file."""
    try:
        import xlrd
    except ImportError:
        raise missing_extra(builder) from None
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=None, on_demand=True)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise builder.problem(
                "está protegido con contraseña.", "Guarde una copia sin contraseña, como XLSX."
            ) from None
        raise
    hidden: list[str] = []
    for name in book.sheet_names():
        sheet = book.sheet_by_name(name)
        if sheet.visibility:
            hidden.append(clean(name))
        else:
            add_sheet(clean(name), _rows(book, sheet), builder)
        book.unload_sheet(name)
    if hidden:
        builder.warn("Hojas ocultas que no se han leído: " + ", ".join(f"«{name}»" for name in hidden) + ".")


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number in range(sheet.nrows):
        yield number + 1, [_shown(book, cell) for cell in sheet.row(number)]


def _shown(book: Any, cell: Any) -> str:
    """The value of a cell as a Spanish Excel shows it."""
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_BOOLEAN:
            return shown(bool(cell.value))
        case xlrd.XL_CELL_NUMBER:
            number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
            return shown(cell.value, number_format)
        case xlrd.XL_CELL_DATE:
            if cell.value < 1:
                return shown((datetime.datetime.min + datetime.timedelta(days=cell.value)).time())
            return shown(xlrd.xldate_as_datetime(cell.value, book.datemode))
        case xlrd.XL_CELL_TEXT:
            return shown(cell.value)
    return ""
