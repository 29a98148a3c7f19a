"""The n-best list equals the one that a brute-force search finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reader.decoding import best_spans

# Few distinct values: ties are common.
LOGITS = st.sampled_from([-np.inf, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.5])


def brute_force(start: np.ndarray, end: np.ndarray, n_best: int, max_length: int) -> list[tuple[int, int, float]]:
    spans = [
        (first, last, float(start[first] + end[last]))
        for first in range(len(start))
        for last in range(first, min(len(start), first + max_length))
    ]
    kept: list[tuple[int, int, float]] = []
    for span in sorted(spans, key=lambda span: (-span[2], span[0], span[1])):
        overlaps = any(span[0] <= other[1] and other[0] <= span[1] for other in kept)
        if span[2] > -np.inf and not overlaps and len(kept) < n_best:
            kept.append(span)
    return kept


@given(data=st.data(), length=st.integers(0, 30), n_best=st.integers(0, 6), max_length=st.integers(0, 35))
def test_equals_brute_force(data: st.DataObject, length: int, n_best: int, max_length: int) -> None:
    start, end = (data.draw(hnp.arrays(np.float64, length, elements=LOGITS)) for _ in range(2))
    before = start.copy(), end.copy()
    assert best_spans(start, end, n_best=n_best, max_length=max_length) == brute_force(start, end, n_best, max_length)
    np.testing.assert_array_equal(start, before[0])
    np.testing.assert_array_equal(end, before[1])


def test_the_second_span_may_end_where_a_better_one_begins() -> None:
    start, end = np.array([1.0, 0.0, 5.0]), np.array([0.0, 1.0, 5.0])
    assert best_spans(start, end, n_best=5, max_length=3) == [(2, 2, 10.0), (0, 1, 2.0)]
