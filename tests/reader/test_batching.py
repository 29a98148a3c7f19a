"""Every window exactly once per epoch, in a repeatable order, within the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader.batching import BatchSizes, micro_batches, steps, window_count

LENGTHS = st.lists(st.integers(1, 96), min_size=1, max_size=300)
SIZES = st.builds(
    BatchSizes,
    windows=st.integers(1, 16),
    tokens=st.none() | st.integers(96, 1000),
    row_length=st.just(128),
    packing=st.booleans(),
)


@given(LENGTHS, SIZES, st.integers(0, 5))
def test_every_window_once_and_repeatable(lengths: list[int], sizes: BatchSizes, epoch: int) -> None:
    batches = micro_batches(lengths, sizes, seed=3, epoch=epoch)
    assert sorted(n for batch in batches for row in batch for n in row) == list(range(len(lengths)))
    assert batches == micro_batches(lengths, sizes, seed=3, epoch=epoch)


@given(LENGTHS, SIZES)
def test_batches_keep_to_the_budget(lengths: list[int], sizes: BatchSizes) -> None:
    for batch in micro_batches(lengths, sizes, seed=0, epoch=0):
        longest = max(sum(lengths[n] for n in row) for row in batch)
        if sizes.tokens is None:
            assert sum(map(len, batch)) <= sizes.windows
        else:
            assert longest * len(batch) <= max(sizes.tokens, sizes.row_length if sizes.packing else 0)
        assert longest <= (sizes.row_length if sizes.packing else max(lengths))


def test_epochs_and_seeds_differ() -> None:
    lengths = list(range(1, 97))
    first = micro_batches(lengths, BatchSizes(), seed=0, epoch=0)
    assert first != micro_batches(lengths, BatchSizes(), seed=0, epoch=1)
    assert first != micro_batches(lengths, BatchSizes(), seed=1, epoch=0)


def test_the_published_recipe_takes_exactly_twelve() -> None:
    sizes = [sum(map(len, batch)) for batch in micro_batches([50] * 100, BatchSizes(), seed=0, epoch=0)]
    assert sizes == [12] * 8 + [4]


def test_grouping_by_length_saves_padding() -> None:
    lengths = [20 + (i * 37) % 360 for i in range(2000)]
    batches = micro_batches(lengths, BatchSizes(windows=12, packing=False), seed=0, epoch=0)
    places = sum(len(batch) * max(lengths[row[0]] for row in batch) for batch in batches)
    assert sum(lengths) / places > 0.95


@given(LENGTHS, st.integers(1, 4), st.integers(1, 4))
def test_processes_share_every_step_equally(lengths: list[int], accumulate: int, processes: int) -> None:
    batches = micro_batches(lengths, BatchSizes(windows=5), seed=0, epoch=0)
    plan = steps(batches, accumulate=accumulate, processes=processes)
    assert all(len(step) % processes == 0 for step in plan)
    assert [batch for step in plan for batch in step][: len(batches)] == batches
    assert sum(map(len, plan)) < len(batches) + processes
    assert sum(map(window_count, plan)) >= len(lengths)
