"""Word 97-2003: paragraphs, headings by built-in style, table rows and foot notes, after [MS-DOC]."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from index.documents.builder import DocumentBuilder
from index.documents.compound import open_compound, u16, u32
from index.documents.tables import table_rows
from index.documents.text import clean, is_list_item, without_bullet
from index.types import BlockKind

_WORD_97 = 0xC1  # FibBase.nFib; earlier versions keep their text elsewhere
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200  # flags of FibBase at 0x0A
_MAIN, _NOTES = 0x4C, 0x50  # ccpText, ccpFtn: lengths in characters of the main text and the foot notes
_PAPX, _CLX = 0x102, 0x1A2  # where plcfBtePapx and the piece table lie in the table stream
_HEADINGS = range(1, 10)  # istd of the built-in styles Heading 1 to 9
_ROW_END = b"\x17\x24\x01"  # sprmPFTtp: the paragraph is the mark that ends a table row
_IN_TABLE = b"\x16\x24\x01"  # sprmPFInTable
_FIELD_CODE = re.compile("\x13[^\x13\x14\x15]*\x14?")  # the code of a field, not its shown result
_MARKS = str.maketrans({"\x15": "", "\x14": "", "\x0b": " ", "\x0c": " ", "\x1e": "-", "\x1f": "", "\x07": " "})


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the paragraphs of a DOC file."""
    with open_compound(data, builder) as file:
        main = file.openstream("WordDocument").read()
        flags = u16(main, 0x0A)
        if flags & _ENCRYPTED:
            raise builder.problem("está protegido con contraseña.", "Guarde una copia sin contraseña, como DOCX.")
        if u16(main, 2) < _WORD_97:
            raise builder.problem("es de una versión de Word anterior a 1997.", "Guárdelo como DOCX.")
        table = file.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    text = _Text(main, table)
    length, notes = u32(main, _MAIN), u32(main, _NOTES)
    _add(text.paragraphs(0, length), builder)
    for paragraph in text.paragraphs(length, length + notes):
        builder.add(paragraph.text, "note")


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    style: int  # index in the style sheet; the first fifteen are the same in every document
    in_table: bool
    ends_cell: bool
    ends_row: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    first: int  # character of the document
    text: str
    offset: int  # of its bytes in the file
    width: int  # bytes a character


def _add(paragraphs: Iterator[_Paragraph], builder: DocumentBuilder) -> None:
    rows: list[list[str]] = []
    cells: list[str] = []
    cell: list[str] = []
    for paragraph in paragraphs:
        if paragraph.ends_row:
            rows.append(cells)
            cells = []
        elif paragraph.in_table:
            cell.append(paragraph.text)
            if paragraph.ends_cell:
                cells.append(" ".join(cell))
                cell = []
        else:
            _add_table([*rows, cells, cell], builder)
            rows, cells, cell = [], [], []
            if paragraph.style in _HEADINGS:
                builder.heading(paragraph.text, paragraph.style)
            else:
                kind: BlockKind = "list_item" if is_list_item(paragraph.text) else "paragraph"
                builder.add(without_bullet(paragraph.text), kind)
    _add_table([*rows, cells, cell], builder)


def _add_table(rows: list[list[str]], builder: DocumentBuilder) -> None:
    for _, text in table_rows(rows):
        builder.add(text, "table_row")


class _Text:
    """The characters of a document, and the properties of its paragraphs by their place in the file."""

    def __init__(self, main: bytes, table: bytes) -> None:
        self._pieces = list(_pieces(main, table))
        self._properties = sorted(_properties(main, table))
        self.text = "".join(piece.text for piece in self._pieces)

    def paragraphs(self, start: int, end: int) -> Iterator[_Paragraph]:
        """The paragraphs of a range of characters. A cell's mark ends its paragraph too."""
        for found in re.finditer("[^\r\x07]*[\r\x07]?", self.text[start:end]):
            if found[0]:
                style, sprms = self._at(start + found.end() - 1)
                cell = found[0].endswith("\x07")
                text = _FIELD_CODE.sub("", found[0]).translate(_MARKS)
                yield _Paragraph(clean(text), style, cell or _IN_TABLE in sprms, cell, cell and _ROW_END in sprms)

    def _at(self, position: int) -> tuple[int, bytes]:
        """Style index and property modifiers of the paragraph whose mark is the character at ``position``."""
        piece = self._pieces[bisect_right(self._pieces, position, key=lambda piece: piece.first) - 1]
        at = piece.offset + (position - piece.first) * piece.width
        index = bisect_right(self._properties, at, key=lambda found: found[0]) - 1
        if index >= 0 and at < self._properties[index][1]:
            return self._properties[index][2:]
        return 0, b""


def _pieces(main: bytes, table: bytes) -> Iterator[_Piece]:
    """The piece table: the text lies in the file in the order in which it was typed, not read."""
    clx = table[u32(main, _CLX) :][: u32(main, _CLX + 4)]
    at = 0
    while clx[at] == 1:  # formatting that pieces share
        at += 3 + u16(clx, at + 1)
    pieces = clx[at + 5 : at + 5 + u32(clx, at + 1)]
    count = (len(pieces) - 4) // 12
    for number in range(count):
        first, last = u32(pieces, 4 * number), u32(pieces, 4 * number + 4)
        place = u32(pieces, 4 * (count + 1) + 8 * number + 2)
        narrow = bool(place & 1 << 30)
        offset, width = ((place & 0x3FFFFFFF) // 2, 1) if narrow else (place & 0x3FFFFFFF, 2)
        raw = main[offset : offset + (last - first) * width]
        text = raw.decode("cp1252", "replace") if narrow else raw.decode("utf-16-le", "surrogatepass")
        yield _Piece(first, text, offset, width)


def _properties(main: bytes, table: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Paragraphs by their place in the file: (start, end, style index, property modifiers)."""
    bins = table[u32(main, _PAPX) :][: u32(main, _PAPX + 4)]
    count = (len(bins) - 4) // 8
    for number in range(count):
        page = main[u32(bins, 4 * (count + 1) + 4 * number) * 512 :][:512]
        paragraphs = page[511]
        for index in range(paragraphs):
            at = 2 * page[4 * (paragraphs + 1) + 13 * index]
            if at:
                size, at = (2 * page[at] - 1, at + 1) if page[at] else (2 * page[at + 1], at + 2)
                grpprl = page[at : at + size]
                yield u32(page, 4 * index), u32(page, 4 * index + 4), u16(grpprl, 0), grpprl[2:]
