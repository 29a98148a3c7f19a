"""BM25 over analyzed passages: bm25s for use, rank-bm25 behind the same protocol as the oracle of the tests."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import bm25s
import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from index.vocabulary import SavedVocabulary, save_vocabulary

K1, B = 1.2, 0.75
Ids = NDArray[np.int64]
Scores = NDArray[np.float32]


class LexicalIndex(Protocol):
    """Ranks passages by the words they share with a question."""

    size: int

    @classmethod
    def build(cls, passages: Iterable[Sequence[str]]) -> Self:
        """Index the token lists; a passage's id is its position."""
        ...

    def search(self, queries: Sequence[Sequence[str]], k: int) -> tuple[Ids, Scores]:
        """The ``k`` best passages of each tokenized query: ids (n, k), padded with -1, and scores (n, k).

        Only passages that share a token are returned; equal scores are in the order of the ids.
        """
        ...

    def has_term(self, token: str) -> bool:
        """Whether any passage holds this token."""
        ...

    def terms(self) -> Collection[str]:
        """Every token of the index."""
        ...

    def save(self, folder: Path) -> None:
        """Write the index into ``folder``, which exists."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what :meth:`save` wrote. Raises OSError, KeyError or ValueError when it is missing or damaged."""
        ...


def top_k(scores: NDArray[np.floating[Any]], k: int) -> tuple[Ids, Scores]:
    """The positive ``scores`` (m,) of the ``k`` best, ties by position: ids (k,) padded with -1, scores (k,)."""
    ids, values = np.full(k, -1, dtype=np.int64), np.zeros(k, dtype=np.float32)
    if len(scores) > 4 * k:
        # Everything that ties with the k-th best is kept until the stable sort has decided.
        floor = np.partition(scores, len(scores) - k)[len(scores) - k]
        candidates = np.flatnonzero((scores >= floor) & (scores > 0)) if floor > 0 else np.flatnonzero(scores > 0)
    else:
        candidates = np.flatnonzero(scores > 0)
    best = candidates[np.argsort(-scores[candidates], kind="stable")][:k]
    ids[: len(best)], values[: len(best)] = best, scores[best]
    return ids, values


class Bm25sIndex:
    """bm25s (sparse, eager scores, memory-mapped) with Lucene's idf."""

    def __init__(self, model: bm25s.BM25, vocabulary: Mapping[str, int], size: int) -> None:
        self._model = model
        self._vocabulary = vocabulary
        self.size = size

    @classmethod
    def build(cls, passages: Iterable[Sequence[str]]) -> Self:
        """See :class:`LexicalIndex`."""
        vocabulary: dict[str, int] = {}
        # Four bytes for a token; with scipy's linear conversion, a third of the memory of the library's defaults.
        ids = [array("i", [vocabulary.setdefault(token, len(vocabulary)) for token in tokens]) for tokens in passages]
        model = bm25s.BM25(k1=K1, b=B, method="lucene", csc_backend="scipy")
        if vocabulary:
            model.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        return cls(model, vocabulary, len(ids))

    def search(self, queries: Sequence[Sequence[str]], k: int) -> tuple[Ids, Scores]:
        """See :class:`LexicalIndex`."""
        ids, scores = np.full((len(queries), k), -1, dtype=np.int64), np.zeros((len(queries), k), dtype=np.float32)
        for row, tokens in enumerate(queries):
            known = [number for token in tokens if (number := self._vocabulary.get(token)) is not None]
            if known:
                ids[row], scores[row] = top_k(self._model.get_scores_from_ids(known), k)
        return ids, scores

    def has_term(self, token: str) -> bool:
        """Whether any passage holds this token."""
        return token in self._vocabulary

    def terms(self) -> Collection[str]:
        """Every token of the index."""
        return self._vocabulary.keys()

    def save(self, folder: Path) -> None:
        """Write the arrays into ``folder``; an index without words writes only its size."""
        (folder / "bm25.size").write_text(str(self.size), encoding="utf-8")
        if self._vocabulary:
            self._model.vocab_dict = {}  # saved beside it, in a form that need not be read whole
            self._model.save(folder / "bm25", show_progress=False)
            save_vocabulary(folder / "bm25", self._vocabulary)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what :meth:`save` wrote, memory-mapped. Raises OSError or ValueError when it is missing or damaged."""
        size = int((folder / "bm25.size").read_text(encoding="utf-8"))
        if not (folder / "bm25").is_dir():
            return cls(bm25s.BM25(k1=K1, b=B, method="lucene"), {}, size)
        model = bm25s.BM25.load(folder / "bm25", mmap=True, load_vocab=False, show_progress=False)
        return cls(model, SavedVocabulary(folder / "bm25"), size)


class _LuceneOkapi(BM25Okapi):  # type: ignore[misc]
    """rank-bm25 with Lucene's idf, log(1 + (N - n + 0.5) / (n + 0.5)), which is never negative."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for word, count in nd.items():
            self.idf[word] = math.log(1 + (self.corpus_size - count + 0.5) / (count + 0.5))


class RankBm25Index:
    """rank-bm25 behind the same protocol: slow and simple, what :class:`Bm25sIndex` must agree with."""

    def __init__(self, passages: Sequence[Sequence[str]]) -> None:
        self.size = len(passages)
        self._passages = passages
        self._model = _LuceneOkapi(passages, k1=K1, b=B) if any(passages) else None

    @classmethod
    def build(cls, passages: Iterable[Sequence[str]]) -> Self:
        """See :class:`LexicalIndex`."""
        return cls([list(tokens) for tokens in passages])

    def search(self, queries: Sequence[Sequence[str]], k: int) -> tuple[Ids, Scores]:
        """See :class:`LexicalIndex`. Scores are divided by k1 + 1, the constant that Lucene leaves out."""
        ids, scores = np.full((len(queries), k), -1, dtype=np.int64), np.zeros((len(queries), k), dtype=np.float32)
        for row, tokens in enumerate(queries):
            if self._model is not None:
                ids[row], scores[row] = top_k(self._model.get_scores(tokens) / (K1 + 1), k)
        return ids, scores

    def has_term(self, token: str) -> bool:
        """Whether any passage holds this token."""
        return token in self.terms()

    def terms(self) -> Collection[str]:
        """Every token of the index."""
        terms: Collection[str] = self._model.idf.keys() if self._model else ()
        return terms

    def save(self, folder: Path) -> None:
        """Write the tokens: the statistics are counted again on loading."""
        (folder / "rank_bm25.json").write_text(json.dumps(self._passages), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See :class:`LexicalIndex`."""
        return cls(json.loads((folder / "rank_bm25.json").read_text(encoding="utf-8")))
