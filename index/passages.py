"""Cut a document into passages: whole sentences of one section, of a size that a reader takes at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.sentences import sentences
from index.types import Block, Document, Passage, Place

MAX_WORDS = 130
OVERLAP_SENTENCES = 1


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, list item, table row or heading, with what its block says of it."""

    start: int
    end: int
    words: int
    section: tuple[str, ...]
    place: Place
    heading: bool


def split(
    document: Document,
    *,
    max_words: int = MAX_WORDS,
    overlap_sentences: int = OVERLAP_SENTENCES,
    first_id: int = 0,
) -> list[Passage]:
    """The passages of ``document`` in order, ids from ``first_id``.

    A passage never leaves its section (the heading path), page, slide or sheet. Where a section is too long, the next
    passage repeats the last ``overlap_sentences`` sentences, so that what spans two sentences is read together once.
    """
    runs: list[list[_Piece]] = []
    current: list[_Piece] = []
    size = fresh = 0  # ``fresh``: pieces in the current run that no passage holds yet
    for piece in _pieces(document, max_words):
        apart = bool(current) and not _together(current[-1], piece)
        if current and (apart or size + piece.words > max_words):
            if fresh:
                runs.append(current)
            kept = [] if apart else [p for p in current[-overlap_sentences:] if overlap_sentences and not p.heading]
            if sum(p.words for p in kept) + piece.words > max_words:
                kept = []
            current, size, fresh = list(kept), sum(p.words for p in kept), 0
        current.append(piece)
        size += piece.words
        fresh += 1
    if fresh:
        runs.append(current)
    runs = [run for run in runs if not all(piece.heading for piece in run)] or runs
    return [
        Passage(
            id=first_id + i,
            document=document.path,
            start=run[0].start,
            end=run[-1].end,
            text=document.text[run[0].start : run[-1].end],
            headings=run[-1].section,
            place=run[0].place,
        )
        for i, run in enumerate(runs)
    ]


def retrieval_text(passage: Passage) -> str:
    """What is indexed for ``passage``: the words of its file name and heading path, then its text."""
    name = passage.document.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("-", " ").replace("_", " ")
    return "\n".join([name, *passage.headings, passage.text])


def _together(one: _Piece, other: _Piece) -> bool:
    """Whether two neighbours may share a passage: one section, and one page, slide or sheet."""
    mine, theirs = one.place, other.place
    same_place = (mine.page, mine.slide, mine.sheet) == (theirs.page, theirs.slide, theirs.sheet)
    return same_place and one.section == other.section


def _pieces(document: Document, max_words: int) -> Iterator[_Piece]:
    for block in document.blocks:
        heading = block.kind == "heading"
        text = document.text[block.start : block.end]
        section = (*block.headings, text) if heading and (not block.headings or block.headings[-1] != text) else None
        for start, end in _cuts(document.text, block, max_words):
            words = document.text.count(" ", start, end) + 1
            yield _Piece(start, end, words, section or block.headings, block.place, heading)


def _cuts(text: str, block: Block, max_words: int) -> Iterator[tuple[int, int]]:
    """The sentences of a block; those of more than ``max_words`` words are cut between words."""
    whole = block.kind in ("heading", "table_row") and text.count(" ", block.start, block.end) < max_words
    for start, end in [(block.start, block.end)] if whole else sentences(text, block.start, block.end):
        while text.count(" ", start, end) >= max_words:
            cut = start
            for _ in range(max_words):
                cut = text.index(" ", cut) + 1
            stop = cut - 1
            while stop > start and text[stop - 1].isspace():
                stop -= 1
            if stop > start:
                yield start, stop
            start = cut
        while start < end and text[start].isspace():
            start += 1
        if start < end:
            yield start, end
