"""What flows between the stages of indexing and search. Every value is frozen; every position is an offset.

Offsets count characters (code points) of :attr:`Document.text`, which is always NFC. A passage is a slice of
it, an answer is a slice of a passage: a citation is right by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "note"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person opens the file to see a block: whichever of these its format has. Numbers start at 1."""

    page: int | None = None
    page_label: str | None = None  # the page number as printed, when it differs from ``page``
    slide: int | None = None
    sheet: str | None = None
    row: int | None = None
    line: int | None = None
    anchor: str | None = None  # the id of the nearest HTML element


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table row or note: ``Document.text[start:end]``."""

    start: int
    end: int
    kind: BlockKind
    headings: tuple[str, ...]  # the path of section headings above the block, outermost first
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """One file as canonical text. Blocks are ordered and do not overlap; what lies between them is white space."""

    path: str  # relative to the indexed folder, POSIX separators, NFC
    title: str
    text: str  # NFC
    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()  # in Spanish, for the person: e.g. pages without a text layer


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole blocks or sentences of one document, of a size that the reader can take at once."""

    id: int  # its row in the vectors and the lexical index of the generation
    document: str  # Document.path
    start: int
    end: int
    text: str  # == Document.text[start:end]
    headings: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question. Ranks start at 1; None where that retriever did not return it."""

    passage: Passage
    lexical_rank: int | None
    dense_rank: int | None
    lexical_score: float  # BM25; 0.0 where lexical_rank is None
    dense_score: float  # cosine; 0.0 where dense_rank is None
    score: float  # fused: comparable within one question only


class Searcher(Protocol):
    """A searchable collection of documents: this local index, or a cluster engine behind the same few calls."""

    def search(self, questions: Sequence[str], *, k: int = 8) -> list[list[Hit]]:
        """The ``k`` best passages of each question, best first. A pure function of the batch."""
        ...

    def document(self, path: str) -> Document:
        """The document as it was indexed. Raises ``index.errors.IndexProblem`` when there is none of that path."""
        ...

    def suggest(self, words: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Those of ``words`` that occur in no document, each with up to three like words that the documents use."""
        ...
