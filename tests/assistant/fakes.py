"""A searcher and a reader whose findings a test chooses, over real documents and passages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.errors import IndexProblem
from index.types import Block, Document, Hit, Passage, Place
from reader.types import Reading, Span


def document_of(path: str, *paragraphs: str, headings: tuple[str, ...] = ("Vacaciones",)) -> Document:
    """A document of one paragraph per page."""
    blocks, offset = [], 0
    for page, paragraph in enumerate(paragraphs, start=1):
        blocks.append(Block(offset, offset + len(paragraph), "paragraph", headings, Place(page=page)))
        offset += len(paragraph) + 2
    return Document(path, path.rpartition("/")[2], "\n\n".join(paragraphs), tuple(blocks))


def passage_of(document: Document, start: int, end: int, number: int = 0) -> Passage:
    block = document.blocks[0]
    return Passage(number, document.path, start, end, document.text[start:end], block.headings, block.place)


def hit_of(passage: Passage, rank: int = 1) -> Hit:
    return Hit(passage, rank, None, 1.0 / rank, 0.0, 1.0 / rank)


class FakeSearcher:
    """Gives every question the same hits."""

    def __init__(self, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
        self.documents = {document.path: document for document in documents}
        self.hits = [hit_of(passage, rank) for rank, passage in enumerate(passages, start=1)]
        self.questions: list[str] = []

    def search(self, questions: Sequence[str], *, k: int = 8) -> list[list[Hit]]:
        self.questions += questions
        return [self.hits[:k] for _ in questions]

    def suggest(self, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
        text = " ".join(document.text for document in self.documents.values()).casefold()
        return {word: () for word in words if word.casefold() not in text}

    def document(self, path: str) -> Document:
        if path not in self.documents:
            raise IndexProblem(f"El documento «{path}» no está en el índice.")
        return self.documents[path]


class FakeReader:
    """Reads with a function from (question, passage) to ``(start, end, score)`` triples; the null score is 0."""

    name = "fake"
    device = "cpu"

    def __init__(self, find: Callable[[str, str], Sequence[tuple[int, int, float]]], *, threshold: float = 0.0) -> None:
        self.find = find
        self.threshold = threshold
        self.calls: list[list[tuple[str, str]]] = []

    def read(self, pairs: Sequence[tuple[str, str]], *, n_best: int = 5, max_answer_words: int = 30) -> list[Reading]:
        self.calls.append(list(pairs))
        return [self._read(question, passage) for question, passage in pairs]

    def _read(self, question: str, passage: str) -> Reading:
        found = sorted(self.find(question, passage), key=lambda triple: -triple[2])
        return Reading(tuple(Span(a, b, passage[a:b], score) for a, b, score in found), 0.0)


def finder(scores: dict[str, float]) -> Callable[[str, str], list[tuple[int, int, float]]]:
    """Finds the first occurrence of each of the words given, with its score."""

    def find(question: str, passage: str) -> list[tuple[int, int, float]]:
        return [
            (passage.index(words), passage.index(words) + len(words), score)
            for words, score in scores.items()
            if words in passage
        ]

    return find
