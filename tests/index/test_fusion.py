"""Two rankings become one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import fuse

LEXICAL = np.array([[3, 1, -1]]), np.array([[8.0, 4.0, 0.0]], np.float32)
DENSE = np.array([[1, 2, 3]]), np.array([[0.9, 0.5, 0.1]], np.float32)
ranking = st.lists(st.integers(0, 9), unique=True, max_size=6)


def test_reciprocal_rank() -> None:
    ids, scores = fuse(LEXICAL, DENSE, k=4)
    assert ids.tolist() == [[1, 3, 2, -1]]
    assert scores[0].tolist() == pytest.approx([1 / 62 + 1 / 61, 1 / 61 + 1 / 63, 1 / 62, 0])


def test_convex_combination() -> None:
    ids, scores = fuse(LEXICAL, DENSE, k=3, alpha=0.5)
    assert ids.tolist() == [[1, 3, 2]]
    assert scores[0].tolist() == pytest.approx([0.5 * 0.5 + 0.5 * 0.9, 0.5 + 0.05, 0.25])


@pytest.mark.parametrize(("alpha", "expected"), [(1.0, [3, 1]), (0.0, [1, 2])])
def test_the_ends_of_alpha_are_one_retriever_alone(alpha: float, expected: list[int]) -> None:
    assert fuse(LEXICAL, DENSE, k=2, alpha=alpha)[0].tolist() == [expected]


def test_rankings_of_different_length_and_of_nothing() -> None:
    nothing = np.full((1, 2), -1), np.zeros((1, 2), np.float32)
    assert fuse(nothing, DENSE, k=2)[0].tolist() == [[1, 2]]
    assert fuse(nothing, nothing, k=2, alpha=0.5)[0].tolist() == [[-1, -1]]


@given(ranking, ranking, st.none() | st.floats(0.1, 0.9))
def test_every_passage_of_either_ranking_comes_once_best_first(
    one: list[int], other: list[int], alpha: float | None
) -> None:
    rankings = [
        (
            np.array([found + [-1] * (6 - len(found))]),
            np.array([[1 / (i + 1) if i < len(found) else 0 for i in range(6)]], np.float32),
        )
        for found in (one, other)
    ]
    ids, scores = fuse(rankings[0], rankings[1], k=12, alpha=alpha)
    known = [id for id in ids[0].tolist() if id >= 0]
    assert sorted(known) == sorted({*one, *other})
    pairs = list(zip((-scores[0][: len(known)]).tolist(), known, strict=True))
    assert pairs == sorted(pairs)
