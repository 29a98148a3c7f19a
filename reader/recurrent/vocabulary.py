"""Word vectors on disk and in memory, with vectors for words never seen, built from their character n-grams.

An unseen word gets the mean of the vectors of its hashed character n-grams. Those are fitted so that they
reproduce the vectors of the known words (bag of subwords: Zhao, Mudgal and Liang, 2018).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
NGRAM_BUCKETS = 1 << 14
PAD, FIRST_WORD = 0, 1


def quantize_rows(matrix: FloatArray) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Symmetric int8 rows: ``matrix ≈ codes * scale[:, None]``."""
    scale = (np.abs(matrix).max(axis=1) / 127).clip(min=1e-8).astype(np.float16)
    codes = np.rint(matrix / scale.astype(np.float32).clip(min=1e-8)[:, None]).clip(-127, 127).astype(np.int8)
    return codes, scale


def ngram_buckets(key: str) -> list[int]:
    """The hash buckets of the character n-grams (3 to 5, with word bounds) of one word key."""
    bounded = f"<{key}>"
    grams = {bounded[i : i + n] for n in (3, 4, 5) for i in range(max(1, len(bounded) - n + 1))}
    return sorted(zlib.crc32(gram.encode()) % NGRAM_BUCKETS for gram in grams)


@dataclass(frozen=True)
class WordVectors:
    """``keys``: N words, most frequent first; ``vectors``: (N + 1, dim), row 0 is padding; ``counts``: (N,)."""

    keys: tuple[str, ...]
    vectors: FloatArray
    counts: NDArray[np.int64]
    ngrams: FloatArray  # (NGRAM_BUCKETS, dim)

    @cached_property
    def index(self) -> dict[str, int]:
        """Key to row of ``vectors``."""
        return {key: row for row, key in enumerate(self.keys, FIRST_WORD)}

    @cached_property
    def idf(self) -> FloatArray:
        """Inverse frequency of each row in [0, 1]: 1 for words unseen or rarest, near 0 for *de*, *la*."""
        total = self.counts.sum()
        rarity = np.log(total / self.counts.astype(np.float64))
        return np.concatenate([[0.0], (rarity / np.log(total)).clip(0, 1)]).astype(np.float32)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def unseen(self, key: str) -> FloatArray:
        """The vector of a word that has no row of its own: (dim,)."""
        vector = self.ngrams[ngram_buckets(key)].mean(axis=0)
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), dtype=np.float32)

    def save(self, path: Path) -> None:
        """One ``.npz``: int8 codes with a scale per row, and the keys as one UTF-8 text."""
        codes, scale = quantize_rows(self.vectors)
        ngram_codes, ngram_scale = quantize_rows(self.ngrams)
        np.savez_compressed(
            path,
            keys=np.frombuffer("\n".join(self.keys).encode(), dtype=np.uint8),
            codes=codes,
            scale=scale,
            counts=self.counts,
            ngram_codes=ngram_codes,
            ngram_scale=ngram_scale,
        )

    @classmethod
    def load(cls, path: Path) -> WordVectors:
        """Raises OSError or ValueError when the file is missing or damaged."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(
                keys=tuple(arrays["keys"].tobytes().decode().split("\n")),
                vectors=arrays["codes"].astype(np.float32) * arrays["scale"].astype(np.float32)[:, None],
                counts=arrays["counts"],
                ngrams=arrays["ngram_codes"].astype(np.float32) * arrays["ngram_scale"].astype(np.float32)[:, None],
            )


class WordTable:
    """Rows for the words of one batch or one training run: those of ``WordVectors``, then the unseen words met."""

    def __init__(self, words: WordVectors) -> None:
        self.words = words
        self._unseen: dict[str, int] = {}
        self._rows: list[FloatArray] = []

    def ids(self, keys: Sequence[str]) -> list[int]:
        """The row of each key; an unseen key gets a new row."""
        index, out = self.words.index, []
        for key in keys:
            row = index.get(key)
            if row is None:
                row = self._unseen.get(key)
                if row is None:
                    row = self._unseen[key] = len(self.words.vectors) + len(self._rows)
                    self._rows.append(self.words.unseen(key))
            out.append(row)
        return out

    def extra(self) -> FloatArray:
        """The vectors of the unseen words met so far: (n, dim)."""
        return np.stack(self._rows) if self._rows else np.zeros((0, self.words.dim), dtype=np.float32)


def fit_ngrams(keys: Sequence[str], vectors: FloatArray, *, epochs: int = 12, seed: int = 0) -> FloatArray:
    """Fit n-gram vectors so that their mean approaches each word's vector; returns (NGRAM_BUCKETS, dim)."""
    import torch

    torch.manual_seed(seed)
    bag = torch.nn.EmbeddingBag(NGRAM_BUCKETS, vectors.shape[1], mode="mean", sparse=True)
    torch.nn.init.normal_(bag.weight, std=0.05)
    optimizer = torch.optim.SparseAdam(list(bag.parameters()), lr=5e-3)
    grams = [torch.tensor(ngram_buckets(key)) for key in keys]
    target = torch.from_numpy(vectors)
    for _ in range(epochs):
        for rows in torch.randperm(len(keys)).split(512):
            chosen = [grams[int(row)] for row in rows]
            offsets = torch.tensor([0, *(len(gram) for gram in chosen[:-1])]).cumsum(0)
            loss = 1 - torch.cosine_similarity(bag(torch.cat(chosen), offsets), target[rows]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return np.asarray(bag.weight.detach().numpy(), dtype=np.float32)
