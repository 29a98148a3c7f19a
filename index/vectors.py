"""Nearest passages by cosine, over FAISS: the type of index follows the number of passages."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.lexical import Ids, Scores

FLAT_LIMIT, HNSW_LIMIT = 50_000, 1_000_000  # after FAISS's own guidelines
_TRAINING_ROWS = 100_000
_FILE = "vectors.faiss"


class VectorIndex:
    """Unit vectors in a FAISS index: flat below 50,000, HNSW below a million, IVF with refined PQ from there."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @property
    def size(self) -> int:
        """How many vectors it holds."""
        return int(self._index.ntotal)

    @classmethod
    def build(cls, vectors: Iterable[NDArray[np.float32]], count: int, dim: int) -> Self:
        """Index ``count`` unit rows (dim,), in the order of the passage ids."""
        import faiss

        if isinstance(vectors, np.ndarray):
            rows = np.ascontiguousarray(vectors, dtype=np.float32).reshape(count, dim)
        else:
            rows = np.fromiter(vectors, dtype=np.dtype((np.float32, dim)), count=count)
        index = faiss.index_factory(dim, _description(count, dim), faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            sample = np.random.default_rng(0).choice(count, min(count, _TRAINING_ROWS), replace=False)
            index.train(rows[np.sort(sample)])
        if count:
            index.add(rows)
        return cls(index)

    def search(self, questions: NDArray[np.float32], k: int) -> tuple[Ids, Scores]:
        """The ``k`` nearest of each question (n, dim): ids (n, k) padded with -1, cosines (n, k)."""
        faiss: Any = importlib.import_module("faiss")  # its search parameters are missing from its type stubs
        if not self.size or not len(questions):
            return np.full((len(questions), k), -1, dtype=np.int64), np.zeros((len(questions), k), dtype=np.float32)
        parameters = None
        if self.size >= HNSW_LIMIT:
            parameters = faiss.IndexRefineSearchParameters(
                k_factor=8, base_index_params=faiss.SearchParametersIVF(nprobe=32)
            )
        elif self.size >= FLAT_LIMIT:
            parameters = faiss.SearchParametersHNSW(efSearch=max(128, 2 * k))
        scores, ids = self._index.search(np.ascontiguousarray(questions, dtype=np.float32), k, params=parameters)
        order = np.lexsort((ids, -scores), axis=1)  # equal cosines in the order of the ids
        ids, scores = np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)
        return ids.astype(np.int64), np.where(ids >= 0, scores, 0).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write one file into ``folder``."""
        import faiss

        faiss.write_index(self._index, str(folder / _FILE))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what :meth:`save` wrote, memory-mapped. Raises OSError when it is missing, ValueError when damaged."""
        import faiss

        path = folder / _FILE
        if not path.is_file():
            raise FileNotFoundError(path)
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            raise ValueError(f"{path}: {error}") from error


def _description(count: int, dim: int) -> str:
    """FAISS's name for the index that suits ``count`` vectors."""
    if count < FLAT_LIMIT:
        return "Flat"
    if count < HNSW_LIMIT:
        return "HNSW32,Flat"
    return f"IVF{int(4 * count**0.5)},PQ{dim // 4}x4fsr,Refine(SQ8)"
