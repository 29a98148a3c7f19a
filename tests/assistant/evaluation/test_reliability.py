"""Calibration error worked out by hand, and its bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.reliability import BINS, reliability


def test_the_error_is_the_mean_distance_of_bins_of_equal_size() -> None:
    # 10 questions, one a bin: |0.8 - 1| five times and |0.8 - 0| five times
    found = reliability([0.8] * 10, [True] * 5 + [False] * 5)
    assert found.error.value == pytest.approx((0.2 + 0.8) / 2)
    assert found.brier == pytest.approx((0.04 + 0.64) / 2)


def test_bins_join_neighbouring_probabilities() -> None:
    found = reliability([i / 100 for i in range(100)], [i % 2 == 0 for i in range(100)])
    assert [one.size for one in found.bins] == [10] * BINS
    assert found.bins[0].predicted == pytest.approx(0.045)
    assert [one.right for one in found.bins] == [0.5] * BINS


def test_a_sure_and_right_reader_has_no_error() -> None:
    found = reliability([1.0] * 7 + [0.0] * 7, [True] * 7 + [False] * 7)
    assert found.error.value == found.brier == 0.0


def test_no_questions_is_an_error() -> None:
    with pytest.raises(ValueError):
        reliability([], [])


@settings(deadline=None, max_examples=25)  # each example resamples five hundred times
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_the_error_is_a_share_and_bins_hold_every_question(rows: list[tuple[float, bool]]) -> None:
    found = reliability([p for p, _ in rows], [right for _, right in rows])
    assert 0 <= found.error.low <= found.error.value <= found.error.high <= 1
    assert sum(one.size for one in found.bins) == len(rows)
