"""How files, documents and passages are written in the rows of the catalogue, and read back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from index.types import Block, Document, Passage, Place

PASSAGE_COLUMNS = "p.start, p.end, p.text, p.headings, p.place"  # what passage_of() takes


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was last seen. ``size`` is -1 when size and time cannot be trusted to tell a change."""

    path: str
    state: str  # "indexed", "failed" or "skipped"
    size: int = -1
    mtime_ns: int = 0
    digest: bytes | None = None  # of its bytes; None when they were not read
    document: int | None = None  # the row of its document when indexed
    recipe: str = ""  # with which it was read
    reason: str = ""
    remedy: str = ""
    run: int = 0  # the indexing run that last changed this row


def digest_of(data: bytes) -> bytes:
    """The 16-byte BLAKE2b digest by which contents are compared."""
    return blake2b(data, digest_size=16).digest()


def columns_of(passage: Passage) -> tuple[int, int, str, str, str]:
    """The PASSAGE_COLUMNS of a passage."""
    return passage.start, passage.end, passage.text, to_json(passage.headings), to_json(_place_out(passage.place))


def passage_of(number: int, path: str, columns: Sequence[Any]) -> Passage:
    """The passage of a row of PASSAGE_COLUMNS, with its id in a generation and the path of its document there."""
    start, end, text, headings, place = columns
    return Passage(number, path, start, end, text, tuple(json.loads(headings)), Place(**json.loads(place)))


def body_of(document: Document) -> bytes:
    """Text and blocks of a document, compressed."""
    blocks = [(b.start, b.end, b.kind, b.headings, _place_out(b.place)) for b in document.blocks]
    return zlib.compress(to_json((document.text, blocks)).encode(), 6)


def document_of(path: str, title: str, body: bytes, warnings: str) -> Document:
    """The document of a row. Raises ValueError for a damaged body."""
    try:
        text, stored = json.loads(zlib.decompress(body))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    blocks = (Block(start, end, kind, tuple(above), Place(**place)) for start, end, kind, above, place in stored)
    return Document(path, title, text, tuple(blocks), tuple(json.loads(warnings)))


def to_json(value: object) -> str:
    """Compact JSON, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _place_out(place: Place) -> dict[str, int | str]:
    values = ((name, getattr(place, name)) for name in Place.__slots__)
    return {name: value for name, value in values if value is not None}
