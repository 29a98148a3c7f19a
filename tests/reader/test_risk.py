"""Risk–coverage curves and thresholds, against brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.risk import best_aurc, fit_threshold, risk_coverage

rows = st.lists(st.tuples(st.integers(-3, 3), st.floats(0, 1)), min_size=1, max_size=12)


def test_a_curve_by_hand() -> None:
    curve = risk_coverage([0.9, 0.8, 0.7, 0.1], [0, 1, 0, 1])
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == [0.0, 0.5, 1 / 3, 0.5]
    assert curve.confidences.tolist() == [0.9, 0.8, 0.7, 0.1]
    assert curve.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert best_aurc([0, 1, 0, 1]) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert curve.coverage_at(0.4) == 0.75
    assert curve.coverage_at(0.0) == 0.25
    assert risk_coverage([1.0], [1.0]).coverage_at(0.5) == 0.0
    assert curve.risk_at(0.5) == 0.5
    assert curve.risk_at(0.6) == pytest.approx(1 / 3)


def test_questions_of_equal_confidence_enter_together() -> None:
    curve = risk_coverage([1, 1, 0], [0, 1, 1])
    assert curve.coverage.tolist() == pytest.approx([2 / 3, 1.0])
    assert curve.risk.tolist() == pytest.approx([0.5, 2 / 3])
    # Random order within the tie: 0, 1 or 1, 0 → risks 0 or 1, then 1/2.
    assert curve.aurc == pytest.approx((0.5 + 0.5 + 2 / 3) / 3)


@given(rows)
def test_aurc_lies_between_the_best_and_the_worst_order(pairs: list[tuple[int, float]]) -> None:
    confidence, loss = np.array([c for c, _ in pairs], float), np.array([v for _, v in pairs])
    aurc = risk_coverage(confidence, loss).aurc
    worst = risk_coverage(loss, loss).aurc
    assert best_aurc(loss) - 1e-9 <= aurc <= worst + 1e-9
    assert -1e-9 <= aurc <= 1 + 1e-9


@given(rows)
def test_the_curve_says_what_each_threshold_gives(pairs: list[tuple[int, float]]) -> None:
    confidence, loss = np.array([c for c, _ in pairs], float), np.array([v for _, v in pairs])
    curve = risk_coverage(confidence, loss)
    for coverage, risk, at in zip(curve.coverage, curve.risk, curve.confidences, strict=True):
        answered = confidence >= at
        assert coverage == pytest.approx(answered.mean())
        assert risk == pytest.approx(loss[answered].mean())
    assert curve.coverage[-1] == 1.0


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1)), min_size=1, max_size=5))
def test_aurc_is_the_mean_over_all_orders_of_the_ties(pairs: list[tuple[int, float]]) -> None:
    def in_order(order: tuple[tuple[int, float], ...]) -> float:
        losses = [loss for _, loss in order]
        return float(np.mean(np.cumsum(losses) / np.arange(1, len(losses) + 1)))

    allowed = [
        in_order(order)
        for order in itertools.permutations(pairs)
        if all(a[0] >= b[0] for a, b in itertools.pairwise(order))
    ]
    assert risk_coverage([c for c, _ in pairs], [v for _, v in pairs]).aurc == pytest.approx(np.mean(allowed))


@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(-3, 3).map(float), st.floats(-1e300, 1e300), st.just(-np.inf)),
            st.floats(0, 1),
            st.booleans(),
        ),
        min_size=1,
        max_size=15,
    )
)
def test_the_threshold_is_the_best_of_all(pairs: list[tuple[float, float, bool]]) -> None:
    margins = np.array([margin for margin, _, _ in pairs])
    abstained = np.array([float(impossible) for *_, impossible in pairs])
    # Without a span nothing can be answered, whatever the threshold.
    answered = np.array([0.0 if impossible else f1 for _, f1, impossible in pairs])
    answered = np.where(np.isneginf(margins), abstained, answered)

    def mean(threshold: float) -> float:
        return float(np.where(margins > threshold, answered, abstained).mean())

    found = fit_threshold(margins, answered, abstained)
    assert found.score == pytest.approx(mean(found.value))
    candidates = [*margins, float(np.nextafter(margins.min(), -np.inf))]
    assert found.score >= max(map(mean, candidates)) - 1e-9


def test_the_threshold_lies_halfway_and_prefers_silence() -> None:
    assert fit_threshold([4.0, 2.0, 1.0], [1, 1, 0], [0, 0, 1]).value == 1.5
    assert fit_threshold([4.0, 2.0], [0, 0], [0, 0]).value == 4.0  # nothing to gain: answer nothing
    assert fit_threshold([4.0, 2.0], [1, 1], [0, 0]).value < 2.0


@pytest.mark.parametrize("call", [lambda: risk_coverage([], []), lambda: fit_threshold([1], [], [])])
def test_questions_without_their_values_are_refused(call: object) -> None:
    with pytest.raises(ValueError, match="at least one question"):
        call()  # type: ignore[operator]
