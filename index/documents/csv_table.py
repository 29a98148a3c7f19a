"""CSV and TSV: every row with its header, by the number that a spreadsheet shows."""

from __future__ import annotations

import csv
import io

from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.plain import not_text
from index.documents.text import clean
from index.documents.xlsx import add_rows

_DELIMITERS = ";,\t|"
_SAMPLE = 50  # lines looked at to tell the delimiter
_MAX_FIELD = 1 << 20  # characters


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the rows of a delimited text file."""
    text = decode(data)
    if text is None:
        raise not_text(builder)
    text = text.replace("\0", "")
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.startswith("sep=") and len(first.strip()) == 5:  # Excel's own way to name the delimiter
        delimiter, text, skipped = first[4], rest, 1
    else:
        delimiter = _delimiter(text)
    csv.field_size_limit(_MAX_FIELD)
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1 + skipped)
    cleaned = ((number, [clean(cell) for cell in row]) for number, row in rows)
    add_rows(((number, row) for number, row in cleaned if any(row)), builder)


def _delimiter(text: str) -> str:
    """The sign that parts most lines into the same number of fields; a Spanish Excel writes semicolons."""
    lines = [line for line in text.splitlines()[:_SAMPLE] if line.strip()]

    def agreement(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        common = max(set(counts), key=lambda count: (counts.count(count), count), default=1)
        return (counts.count(common) if common > 1 else 0), common

    return max(_DELIMITERS, key=agreement)
