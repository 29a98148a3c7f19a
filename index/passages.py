"""Cut a document into passages: whole sentences of one section, of a size that a reader takes at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.sentences import sentences
from index.types import Block, Document, Passage

MAX_WORDS = 130
OVERLAP_SENTENCES = 1

# What counts as one word of a passage's size: a run of letters without end (a key, base64) counts as many.
_WORD = re.compile(r"\S{1,24}")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, list item, table row or heading, with what its block says of it."""

    start: int
    end: int
    words: int
    section: tuple[str, ...]
    block: Block
    goes_on: bool  # its block is the rest of a paragraph that a page break cut


def split(
    document: Document,
    *,
    max_words: int = MAX_WORDS,
    overlap_sentences: int = OVERLAP_SENTENCES,
    first_id: int = 0,
) -> list[Passage]:
    """The passages of ``document`` in order, ids from ``first_id``.

    A passage never leaves its section (the heading path), page, slide or sheet, but for a paragraph that goes on
    overleaf; its place is that of its first block. What is too long for one passage is shared out evenly, and each
    passage repeats the last ``overlap_sentences`` sentences of prose, so that what two sentences say stands together
    once.
    """
    runs = [
        run
        for section in _sections(list(_pieces(document, max_words)))
        for run in _share_out(section, max_words, overlap_sentences)
    ]
    runs = [run for run in runs if not all(piece.block.kind == "heading" for piece in run)] or runs
    return [
        Passage(
            id=first_id + i,
            document=document.path,
            start=run[0].start,
            end=run[-1].end,
            text=document.text[run[0].start : run[-1].end],
            headings=run[-1].section,
            place=run[0].block.place,
        )
        for i, run in enumerate(runs)
    ]


def retrieval_text(passage: Passage) -> str:
    """What is indexed for ``passage``: the words of its file name and heading path, then its text."""
    name = passage.document.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("-", " ").replace("_", " ")
    return "\n".join([name, *passage.headings, passage.text])


def _sections(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Runs of pieces that may share a passage."""
    bounds = [i for i, (one, other) in enumerate(pairwise(pieces), start=1) if not _together(one, other)]
    for first, last in pairwise([0, *bounds, len(pieces)]):
        if first < last:
            yield pieces[first:last]


def _together(one: _Piece, other: _Piece) -> bool:
    """Whether two neighbours may share a passage: one section, and one page, slide or sheet."""
    if one.section != other.section:
        return False
    mine, theirs = one.block.place, other.block.place
    return other.goes_on or (mine.page, mine.slide, mine.sheet) == (theirs.page, theirs.slide, theirs.sheet)


def _share_out(section: Sequence[_Piece], max_words: int, overlap: int) -> Iterator[Sequence[_Piece]]:
    """Runs of up to ``max_words`` words, as even as whole pieces allow: no passage of a few words is left over."""
    total = sum(piece.words for piece in section)
    repeated = min(max_words // 2, overlap * total // len(section))  # about, in every run but the first
    target = total / max(1, -(-(total - repeated) // (max_words - repeated)))
    first = fresh = 0  # ``fresh``: the first piece that no run holds yet
    while fresh < len(section):
        before = sum(piece.words for piece in section[first:fresh])
        if before + section[fresh].words > max_words:
            first, before = fresh, 0
        end, size = fresh, 0
        while end < len(section) and (
            end == fresh
            or (size + section[end].words / 2 <= target and before + size + section[end].words <= max_words)
        ):
            size += section[end].words
            end += 1
        yield section[first:end]
        fresh, limit = end, max(first + 1, end - overlap)  # what is repeated is never a whole run
        first = end
        while first > limit and section[first - 1].block.kind in ("paragraph", "note"):
            first -= 1


def _pieces(document: Document, max_words: int) -> Iterator[_Piece]:
    for block in document.blocks:
        text = document.text[block.start : block.end]
        is_new_heading = block.kind == "heading" and block.headings[-1:] != (text,)
        section = (*block.headings, text) if is_new_heading else block.headings
        goes_on = block.kind == "paragraph" and _follows_one_newline(document.text, block.start)
        for start, end in _cuts(document.text, block, max_words):
            yield _Piece(start, end, _size(document.text, start, end), section, block, goes_on)
            goes_on = False


def _cuts(text: str, block: Block, max_words: int) -> Iterator[tuple[int, int]]:
    """The sentences of a block; those of more than ``max_words`` words are cut between words."""
    whole = block.kind in ("heading", "table_row")
    for start, end in [(block.start, block.end)] if whole else sentences(text, block.start, block.end):
        words = list(_WORD.finditer(text, start, end))
        for first in range(0, len(words), max_words):
            part = words[first : first + max_words]
            yield part[0].start(), part[-1].end()


def _follows_one_newline(text: str, start: int) -> bool:
    """Paragraphs are parted by an empty line, the halves of one by a newline only."""
    return text.endswith("\n", 0, start) and not text.endswith("\n\n", 0, start)


def _size(text: str, start: int, end: int) -> int:
    return sum(1 for _ in _WORD.finditer(text, start, end))
