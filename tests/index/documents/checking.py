"""What every Document must hold, and short views of one."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import get_args

from index.documents import parse, read_document
from index.types import Block, BlockKind, Document


def check(document: Document) -> Document:
    """Assert what readers of a Document rely on: NFC, ordered blocks, white space between them, bare slices."""
    text = document.text
    assert unicodedata.is_normalized("NFC", text) and unicodedata.is_normalized("NFC", document.title)
    assert document.title
    text.encode("utf-8")  # no lone surrogates: the catalogue could not hold them
    end = 0
    for number, block in enumerate(document.blocks):
        assert block.kind in get_args(BlockKind)
        assert end <= block.start < block.end <= len(text)
        assert text[end : block.start] in (("",) if number == 0 else ("\n", "\n\n"))
        piece = text[block.start : block.end]
        assert piece == " ".join(piece.split())
        assert all(unicodedata.is_normalized("NFC", heading) for heading in block.headings)
        end = block.end
    assert end == len(text)
    return document


def read(data: bytes | str, name: str) -> Document:
    """The checked document of the bytes of a file."""
    return check(parse(data.encode() if isinstance(data, str) else data, path=name))


def load(file: Path) -> Document:
    """The checked document of a file."""
    return check(read_document(file, path=file.name))


def said(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def lines(document: Document) -> list[tuple[str, str]]:
    """The blocks as (kind, text)."""
    return [(block.kind, said(document, block)) for block in document.blocks]


def find(document: Document, start: str) -> Block:
    """The first block that starts with these words."""
    return next(block for block in document.blocks if said(document, block).startswith(start))
