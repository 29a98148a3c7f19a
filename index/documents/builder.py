"""The one way to make a Document: blocks are appended in order, so their offsets are right by construction."""

from __future__ import annotations

from pathlib import PurePosixPath

from index.documents.text import clean, printable
from index.errors import DocumentProblem
from index.types import Block, BlockKind, Document, Place

# Kinds whose neighbours of the same kind stand on consecutive lines; all else is parted by an empty line.
_TIGHT: frozenset[BlockKind] = frozenset({"list_item", "table_row"})


class DocumentBuilder:
    """Collects the blocks of one file. ``path`` is the path as shown, relative to the indexed folder.

    ``ocr`` asks the PDF reader to recognise scanned pages; ``attached`` counts the messages that the file lies in.
    """

    def __init__(self, path: str, *, ocr: bool = False, attached: int = 0) -> None:
        self.path = path
        self.ocr = ocr
        self.attached = attached
        self.name = printable(path)  # for messages
        self.title = ""
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._warnings: list[str] = []
        self._sections: list[tuple[int, str]] = []  # (level, heading) of the open sections, outermost first

    @property
    def empty(self) -> bool:
        """Whether no block has been added yet."""
        return not self._blocks

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the open sections, outermost first."""
        return tuple(heading for _, heading in self._sections)

    def add(
        self, text: str, kind: BlockKind = "paragraph", place: Place | None = None, *, goes_on: bool = False
    ) -> None:
        """Append a block; nothing for text that is empty once cleaned.

        ``goes_on`` marks the second half of a paragraph that a page break cut: it follows after a single newline.
        """
        self._append(clean(text), kind, self.headings, place or Place(), goes_on)

    def heading(self, text: str, level: int, place: Place | None = None) -> None:
        """Append a heading and open its section, closing those of the same or a deeper level (1 is the outermost)."""
        text = clean(text)
        if not text:
            return
        self.close(level)
        self._append(text, "heading", self.headings, place or Place(), False)
        self._sections.append((level, text))

    def close(self, level: int) -> None:
        """Close the open sections of this level and deeper ones."""
        while self._sections and self._sections[-1][0] >= level:
            self._sections.pop()

    def extend(self, document: Document) -> None:
        """Append all blocks of another document (an attachment, a chapter) under the open sections."""
        for block in document.blocks:
            text = document.text[block.start : block.end]
            goes_on = block.start > 0 and document.text[block.start - 2 : block.start] != "\n\n"
            self._append(text, block.kind, self.headings + block.headings, block.place, goes_on)
        for warning in document.warnings:
            self.warn(warning)

    def warn(self, warning: str) -> None:
        """Note, in Spanish, something that the person should know about the file."""
        if warning not in self._warnings:
            self._warnings.append(warning)

    def problem(self, what: str, remedy: str) -> DocumentProblem:
        """The error to raise for this file: ``what`` follows its name."""
        return DocumentProblem(f"«{self.name}» {what}", remedy)

    def build(self) -> Document:
        """The finished document. Its title: the one given, else the first heading, else the file's name."""
        title = clean(self.title) or self._first_heading() or _name_as_title(self.path)
        return Document(self.path, title, "".join(self._parts), tuple(self._blocks), tuple(self._warnings))

    def _append(self, text: str, kind: BlockKind, headings: tuple[str, ...], place: Place, goes_on: bool) -> None:
        if not text:
            return
        if self._blocks:
            last = self._blocks[-1].kind
            separator = "\n" if goes_on or (kind == last and kind in _TIGHT) else "\n\n"
            self._parts.append(separator)
            self._length += len(separator)
        start, self._length = self._length, self._length + len(text)
        self._parts.append(text)
        self._blocks.append(Block(start, self._length, kind, headings, place))

    def _first_heading(self) -> str:
        texts = zip(self._blocks, self._parts[::2], strict=True)  # the odd parts are separators
        return next((text for block, text in texts if block.kind == "heading"), "")


def _name_as_title(path: str) -> str:
    return clean(PurePosixPath(path).stem.replace("_", " ")) or printable(path)
