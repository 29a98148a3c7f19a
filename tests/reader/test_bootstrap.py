"""Bootstrap intervals and the paired test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.bootstrap import mean_interval, paired_bootstrap, statistic_interval

scores = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(values=scores, seed=st.integers(0, 5))
def test_the_interval_holds_the_mean_and_stays_among_the_values(values: list[float], seed: int) -> None:
    found = mean_interval(values, resamples=200, seed=seed)
    assert found.value == pytest.approx(np.mean(values))
    assert found.low <= found.value <= found.high
    assert min(values) - 1e-12 <= found.low and found.high <= max(values) + 1e-12


def test_the_interval_is_the_normal_one_on_many_questions() -> None:
    values = np.random.default_rng(1).random(400) < 0.3
    found = mean_interval(values.astype(float), resamples=4000)
    spread = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - spread, abs=0.005)
    assert found.high == pytest.approx(values.mean() + spread, abs=0.005)


def test_the_same_seed_gives_the_same_interval() -> None:
    assert mean_interval([0, 1, 1, 0.5]) == mean_interval([0, 1, 1, 0.5])


def test_a_statistic_that_is_a_mean_gives_the_interval_of_the_mean() -> None:
    values = np.random.default_rng(2).random(60)
    general = statistic_interval(lambda chosen: float(values[chosen].mean()), 60, resamples=2000)
    plain = mean_interval(values, resamples=2000)
    assert general.value == plain.value
    assert (general.low, general.high) == pytest.approx((plain.low, plain.high), abs=0.01)


@pytest.mark.parametrize("call", [lambda: mean_interval([]), lambda: statistic_interval(lambda _: 0.0, 0)])
def test_no_values_are_refused(call: object) -> None:
    with pytest.raises(ValueError, match="no values"):
        call()  # type: ignore[operator]


@given(pairs=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_swapping_the_systems_turns_the_comparison_round(pairs: list[tuple[float, float]]) -> None:
    a, b = [first for first, _ in pairs], [second for _, second in pairs]
    there, back = paired_bootstrap(a, b, resamples=200), paired_bootstrap(b, a, resamples=200)
    assert there.difference.value == pytest.approx(np.mean(a) - np.mean(b), abs=1e-12)
    assert there.difference.low <= there.difference.value <= there.difference.high
    assert there.difference.value == pytest.approx(-back.difference.value, abs=1e-12)
    assert there.p_value == back.p_value
    assert 0 < there.p_value <= 1


def test_p_values_of_a_tie_a_chance_and_a_certainty() -> None:
    random = np.random.default_rng(3)
    base = random.random(300)
    assert paired_bootstrap(base, base, resamples=500).p_value == 1.0
    assert paired_bootstrap(base, base[random.permutation(300)], resamples=2000).p_value > 0.05
    assert paired_bootstrap(base + 0.1, base, resamples=500).p_value == pytest.approx(1 / 501)


def test_the_paired_test_is_rarely_significant_by_chance() -> None:
    random = np.random.default_rng(4)
    p_values = [paired_bootstrap(*random.random((2, 80)), resamples=300, seed=i).p_value for i in range(200)]
    assert 0.01 <= np.mean(np.array(p_values) < 0.05) <= 0.10


def test_different_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="same questions"):
        paired_bootstrap([1.0], [1.0, 0.0])
