"""From offsets to a quote in its sentence, and from a place to the words that lead a person to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from assistant.types import Quote
from index.sentences import sentences
from index.types import Block, Document, Passage, Place


def quote_of(
    document: Document,
    passage: Passage,
    start: int,
    end: int,
    *,
    score: float,
    null_score: float,
    probability: float | None = None,
) -> Quote:
    """The quote of ``document.text[start:end]``, cited where those words stand. ``passage`` is the one read."""
    block = _block_at(document.blocks, start)
    sentence_start, sentence_end = _sentence_around(document, start, end)
    return Quote(
        text=document.text[start:end],
        start=start,
        end=end,
        sentence=document.text[sentence_start:sentence_end],
        sentence_start=sentence_start,
        sentence_end=sentence_end,
        document=document.path,
        title=document.title,
        place=block.place if block else passage.place,
        headings=block.headings if block else passage.headings,
        passage=passage,
        score=score,
        null_score=null_score,
        probability=probability,
    )


def describe_place(place: Place) -> str:
    """«pág. 3», «diapositiva 2», «hoja Tarifas, fila 7», «línea 12»; empty where the format has no places."""
    if place.page is not None:
        printed = f" (impresa {place.page_label})" if place.page_label else ""
        return f"pág. {place.page}{printed}"
    if place.slide is not None:
        return f"diapositiva {place.slide}"
    if place.sheet is not None:
        return f"hoja {place.sheet}" + (f", fila {place.row}" if place.row is not None else "")
    if place.row is not None:
        return f"fila {place.row}"
    return f"línea {place.line}" if place.line is not None else ""


def citation(path: str, place: Place, headings: Sequence[str]) -> str:
    """One line that leads to the words: «archivo · pág. 3 · Sección › Subsección»."""
    return " · ".join(part for part in (path, describe_place(place), " › ".join(headings)) if part)


def _block_at(blocks: Sequence[Block], offset: int) -> Block | None:
    """The block that holds ``offset``, or the nearest one before it."""
    found = bisect_right(blocks, offset, key=lambda block: block.start) - 1
    return blocks[found] if found >= 0 else None


def _sentence_around(document: Document, start: int, end: int) -> tuple[int, int]:
    """Bounds of the sentence that holds ``start:end``, never leaving the blocks it touches.

    A span that crosses sentences or blocks gets all of them: what is shown always holds the whole quote.
    """
    touched = [block for block in document.blocks if block.start < end and start < block.end]
    first, last = (touched[0].start, touched[-1].end) if touched else (0, len(document.text))
    holding = [(a, b) for a, b in sentences(document.text, first, last) if a < end and start < b]
    return min([start, *(a for a, _ in holding)]), max([end, *(b for _, b in holding)])
