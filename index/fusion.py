"""Fuse two rankings of passages into one. Pure functions on arrays of ids (n, m), padded with -1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import Ids, Scores

RANK_CONSTANT = 60


def reciprocal_rank(lexical: Ids, dense: Ids, *, k: int) -> tuple[Ids, Scores]:
    """Reciprocal rank fusion, sum of 1 / (60 + rank) (Cormack et al., 2009): ids (n, k) and scores (n, k)."""
    weights = [1 / (RANK_CONSTANT + np.arange(1, ids.shape[1] + 1)) for ids in (lexical, dense)]
    lists = [(ids, np.broadcast_to(weight, ids.shape)) for ids, weight in zip((lexical, dense), weights, strict=True)]
    return _merge(lists, k)


def convex(
    lexical: Ids, lexical_scores: Scores, dense: Ids, dense_scores: Scores, *, alpha: float, k: int
) -> tuple[Ids, Scores]:
    """``alpha`` · BM25 + (1 - ``alpha``) · cosine, each scaled to [0, 1] (Bruch et al., arXiv 2210.11934).

    BM25 is divided by the best score of its query, for its minimum is 0; cosines below 0 count as 0.
    """
    best = np.maximum(lexical_scores.max(axis=1, keepdims=True, initial=0), 1e-9)
    first = alpha * lexical_scores / best
    second = (1 - alpha) * np.clip(dense_scores, 0, 1)
    return _merge([(lexical, first), (dense, second)], k)


def _merge(lists: Sequence[tuple[Ids, NDArray[np.floating[Any]]]], k: int) -> tuple[Ids, Scores]:
    """Sum the contributions of each id; best first, ties by id."""
    size = len(lists[0][0])
    ids, scores = np.full((size, k), -1, dtype=np.int64), np.zeros((size, k), dtype=np.float32)
    for row in range(size):
        listed = np.concatenate([found[row] for found, _ in lists])
        weight = np.concatenate([values[row] for _, values in lists])
        known = listed >= 0
        unique, member = np.unique(listed[known], return_inverse=True)
        total = np.bincount(member, weights=weight[known], minlength=len(unique))
        order = np.argsort(-total, kind="stable")[:k]
        ids[row, : len(order)], scores[row, : len(order)] = unique[order], total[order]
    return ids, scores
