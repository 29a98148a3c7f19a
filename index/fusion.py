"""Fuse two rankings of passages into one. Pure functions on arrays of ids (n, m), padded with -1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import Ids, Scores

RANK_CONSTANT = 60
_Weights = NDArray[np.floating[Any]]


def fuse(
    lexical: tuple[Ids, Scores], dense: tuple[Ids, Scores], *, k: int, alpha: float | None = None
) -> tuple[Ids, Scores]:
    """The ``k`` best passages of two rankings, each as (ids, scores): ids (n, k) padded with -1, fused scores (n, k).

    Without ``alpha``, reciprocal rank fusion: the sum of 1 / (60 + rank) (Cormack et al., 2009), which needs no
    labelled questions. With it, ``alpha`` · BM25 + (1 - ``alpha``) · cosine, each scaled to [0, 1] (Bruch et al.,
    arXiv 2210.11934). Equal scores are in the order of the ids; they compare passages of one question only.
    """
    weights = (
        (_reciprocal(lexical[0]), _reciprocal(dense[0]))
        if alpha is None
        else (alpha * _share_of_best(lexical[1]), (1 - alpha) * np.clip(dense[1], 0, 1))
    )
    both = np.concatenate([lexical[0], dense[0]], axis=1)
    return _sum_by_id(both, np.concatenate(weights, axis=1), k)


def _reciprocal(ids: Ids) -> _Weights:
    ranks = np.arange(1, ids.shape[1] + 1)
    return np.broadcast_to(1 / (RANK_CONSTANT + ranks), ids.shape)


def _share_of_best(scores: Scores) -> _Weights:
    """BM25 divided by the best score of its question: its least value is 0 already."""
    best: Scores = scores.max(axis=1, keepdims=True, initial=0)
    return scores / np.maximum(best, np.float32(1e-9))


def _sum_by_id(ids: Ids, weights: _Weights, k: int) -> tuple[Ids, Scores]:
    """Sum the weights (n, m) of each id (n, m) of a row; the ``k`` best first, ties by id."""
    fused, scores = np.full((len(ids), k), -1, dtype=np.int64), np.zeros((len(ids), k), dtype=np.float32)
    for row in range(len(ids)):
        known = ids[row] >= 0
        unique, member = np.unique(ids[row][known], return_inverse=True)
        total = np.bincount(member, weights=weights[row][known], minlength=len(unique))
        order = np.argsort(-total, kind="stable")[:k]
        fused[row, : len(order)], scores[row, : len(order)] = unique[order], total[order]
    return fused, scores
