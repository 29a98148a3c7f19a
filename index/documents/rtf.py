"""RTF through striprtf: paragraphs and table rows. The format's headings are only looks, and are not told apart."""

from __future__ import annotations

from striprtf.striprtf import rtf_to_text

from index.documents.builder import DocumentBuilder
from index.documents.plain import add_lines, split_lines
from index.documents.tables import table_rows


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the paragraphs of an RTF file."""
    text = rtf_to_text(data.decode("latin-1"), encoding="cp1252", errors="replace")
    table: list[list[str]] = []
    for line in split_lines(text):
        if line.rstrip().endswith("|") and line.count("|") > 1:
            table.append(line.rstrip()[:-1].split("|"))
            continue
        _flush(table, builder)
        table = []
        add_lines([line], builder, numbered=False)
    _flush(table, builder)


def _flush(table: list[list[str]], builder: DocumentBuilder) -> None:
    for _, text in table_rows(table):
        builder.add(text, "table_row")
