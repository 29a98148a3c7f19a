"""A stretch of a document around the words that are cited, block by block, with those words located in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.citing import describe_place
from assistant.console import one_line
from assistant.tui.turns import Source
from index.types import BlockKind, Document

REACH = 1800
"""Characters of the document shown on each side of the place looked at."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of the excerpt, cut in three: before the marked words, the words, after them."""

    kind: BlockKind
    before: str
    words: str
    after: str
    cited: bool  # whether the block belongs to the cited passage
    heading: str = ""  # «pág. 4», where a new page, slide or sheet begins with this block


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Consecutive blocks of a document. ``earlier`` and ``later`` say whether there is more of it."""

    pieces: tuple[Piece, ...]
    earlier: bool
    later: bool


def still_says(document: Document, source: Source) -> bool:
    """Whether the document, as it is indexed now, has the cited words where they were cited."""
    return document.text[source.start : source.end] == source.words


def excerpt_of(document: Document, source: Source, centre: int | None = None) -> Excerpt:
    """The blocks within ``REACH`` characters of ``centre``, or of the cited words where none is given."""
    first = (source.start if centre is None else centre) - REACH
    last = (source.end if centre is None else centre) + REACH
    blocks = document.blocks
    shown = [n for n, block in enumerate(blocks) if block.start < last and first < block.end]
    if not shown:
        return Excerpt((), earlier=bool(blocks), later=False)
    return Excerpt(
        tuple(_pieces(document, source, shown[0], shown[-1])),
        earlier=shown[0] > 0,
        later=shown[-1] < len(blocks) - 1,
    )


def passage_alone(source: Source) -> Excerpt:
    """The cited passage as it was when it was cited, for a document that has changed since or has gone."""
    piece = _piece(source.passage.text, *_marked(source, source.passage.start), "paragraph", cited=True)
    return Excerpt((piece,), earlier=False, later=False)


def _pieces(document: Document, source: Source, first: int, last: int) -> Iterator[Piece]:
    above = ""
    for block in document.blocks[first : last + 1]:
        text = document.text[block.start : block.end]
        place = block.place
        where = "" if place.line is not None else describe_place(place).partition(",")[0]
        yield _piece(
            text,
            *_marked(source, block.start),
            block.kind,
            cited=block.start < source.passage.end and source.passage.start < block.end,
            heading=where if where != above else "",
        )
        above = where


def _marked(source: Source, origin: int) -> tuple[int, int]:
    """Offsets, from ``origin``, of the words to mark: those of a quote; none in a passage that is merely near."""
    return source.start - origin, (source.end if source.quote else source.start) - origin


def _piece(text: str, start: int, end: int, kind: BlockKind, *, cited: bool, heading: str = "") -> Piece:
    """The text cut at the marked words, which may lie before, within or beyond it."""
    start, end = (min(max(offset, 0), len(text)) for offset in (start, end))
    before, words, after = (_clean(part) for part in (text[:start], text[start:end], text[end:]))
    return Piece(kind, before, words, after, cited, heading)


def _clean(text: str) -> str:
    """Line breaks kept, every other control or bidirectional mark gone."""
    return "\n".join(one_line(line) for line in text.split("\n"))
