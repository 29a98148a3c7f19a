"""Table rows as sentences that stand alone: every row carries its header, "Columna: valor; Columna: valor"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents.text import clean

_HAS_LETTERS = re.compile(r"[^\W\d_]")
_MAX_HEADER_CELL = 60  # characters; longer cells are prose


def looks_like_header(row: Sequence[str]) -> bool:
    """Whether a first row names its columns: two or more cells, short, distinct, with letters, not values."""
    cells = [cell for cell in row if cell]
    return (
        len(cells) >= 2
        and len(set(cells)) == len(cells)
        and len(cells) >= len(row) - 1  # the corner cell may be empty
        and all(len(cell) <= _MAX_HEADER_CELL and _names(cell) for cell in cells)
    )


def _names(cell: str) -> bool:
    digits = sum(char.isdigit() for char in cell)
    return bool(_HAS_LETTERS.search(cell)) and digits * 3 <= len(cell) and "@" not in cell and "://" not in cell


def _lists_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second column has a name above and figures in three or more rows below."""
    figures = [any(char.isdigit() for char in row[1]) for row in rows if len(row) > 1]
    return len(figures) > 3 and not figures[0] and all(figures[1:])


def row_text(row: Sequence[str], header: Sequence[str] | None) -> str:
    """One row as text. Without a header a row of two cells reads "name: value", others are parted by "; "."""
    if header is None:
        cells = [cell for cell in row if cell]
        return ": ".join(cells) if len(cells) == 2 and not cells[0].endswith(":") else "; ".join(cells)
    parts: list[str] = []
    for column, cell in enumerate(row):
        name = header[column].rstrip(" :") if column < len(header) else ""
        if cell:
            parts.append(f"{name}: {cell}" if name and name != cell else cell)
    return "; ".join(parts)


def table_rows(rows: Sequence[Sequence[str]], *, header: bool | None = None) -> Iterator[tuple[int, str]]:
    """The rows of a table as ``(number of the row from 0, text)``, empty ones left out.

    ``header`` says whether the first row with text names the columns; None guesses. A table of two columns is
    guessed to be pairs of name and value, without a header, for so are most forms; unless it lists figures.
    """
    cleaned = [[clean(cell) for cell in row] for row in rows]
    filled = [number for number, row in enumerate(cleaned) if any(row)]
    if not filled:
        return
    first = cleaned[filled[0]]
    if header is None:
        header = looks_like_header(first) and (len(first) > 2 or _lists_values([cleaned[n] for n in filled]))
    if header and len(filled) > 1:
        filled = filled[1:]
    names = first if header and filled[0] != 0 and cleaned[filled[0]] is not first else None
    for number in filled:
        yield number, row_text(cleaned[number], names)
