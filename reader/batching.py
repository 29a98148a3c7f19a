"""Which windows make up each optimizer step: a pure function of (lengths, sizes, seed, epoch).

Nothing here has state. A run that was killed asks for the same plan again and skips the steps it has done, and every
process of a distributed run computes the same plan and takes its own part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reader.packing import Row, pack

MicroBatch = tuple[Row, ...]  # rows of window numbers: what goes through the model at once
Step = tuple[MicroBatch, ...]  # the micro-batches whose gradients are summed before one update

_POOL = 64  # micro-batches that are grouped by length, or packed, together: more saves padding, fewer mixes better


@dataclass(frozen=True, slots=True)
class BatchSizes:
    """How big a micro-batch is: ``windows`` of them or, if given, as many as fit in ``tokens`` places.

    With ``packing``, rows hold several windows and are at most ``row_length`` long; without it, a row is one window
    and windows of similar length are put together.
    """

    windows: int = 12
    tokens: int | None = None
    row_length: int = 512
    packing: bool = True

    @property
    def fixed_length(self) -> int | None:
        """The row length when all micro-batches (but the last) have one shape, as a compiled model likes it."""
        return self.row_length if self.packing and self.tokens else None


def micro_batches(lengths: Sequence[int], sizes: BatchSizes, *, seed: int, epoch: int) -> list[MicroBatch]:
    """Every window exactly once, in micro-batches, in an order drawn from ``(seed, epoch)``."""
    rng = np.random.default_rng((seed, epoch))
    order: list[int] = rng.permutation(len(lengths)).tolist()
    batches: list[MicroBatch] = []
    if sizes.packing and sizes.tokens is None:
        # The published recipe counts examples: each micro-batch is exactly so many windows, packed on their own.
        for at in range(0, len(order), sizes.windows):
            batches.append(_packed(order[at : at + sizes.windows], lengths, sizes.row_length))
        return batches
    per_batch = max(1, sizes.tokens // sizes.row_length) if sizes.tokens else sizes.windows
    for pool in _pools(order, lengths, sizes):
        if sizes.packing:
            rows = list(_packed(pool, lengths, sizes.row_length))
            rng.shuffle(rows)
            batches += [tuple(rows[at : at + per_batch]) for at in range(0, len(rows), per_batch)]
        else:
            batches += _of_similar_length(pool, lengths, sizes)
    return [batches[i] for i in rng.permutation(len(batches))]


def steps(batches: Sequence[MicroBatch], *, accumulate: int = 1, processes: int = 1) -> list[Step]:
    """Micro-batches in groups of ``accumulate × processes``, one group for each optimizer step.

    Every process must take part in every step equally often: where the last group does not divide by ``processes``,
    first micro-batches are used again.
    """
    whole = list(batches)
    if len(whole) % processes:
        short = processes - len(whole) % processes
        whole += [whole[i % len(batches)] for i in range(short)]
    size = accumulate * processes
    return [tuple(whole[at : at + size]) for at in range(0, len(whole), size)]


def window_count(step: Step) -> int:
    """How many windows a step learns from."""
    return sum(len(row) for batch in step for row in batch)


def _pools(order: list[int], lengths: Sequence[int], sizes: BatchSizes) -> list[list[int]]:
    """Consecutive stretches of ``order`` worth about ``_POOL`` micro-batches each."""
    if sizes.tokens is None:
        size = _POOL * sizes.windows
        return [order[at : at + size] for at in range(0, len(order), size)]
    pools: list[list[int]] = [[]]
    held = 0
    for item in order:
        if held + lengths[item] > _POOL * sizes.tokens:
            pools.append([])
            held = 0
        pools[-1].append(item)
        held += lengths[item]
    return pools


def _packed(items: Sequence[int], lengths: Sequence[int], capacity: int) -> MicroBatch:
    return tuple(tuple(items[i] for i in row) for row in pack([lengths[i] for i in items], capacity))


def _of_similar_length(pool: Sequence[int], lengths: Sequence[int], sizes: BatchSizes) -> list[MicroBatch]:
    """Padded micro-batches: longest first, cut when the count or ``longest × count`` places are used up."""
    batches: list[list[Row]] = []
    room = 0
    for item in sorted(pool, key=lambda item: -lengths[item]):
        if not room:
            batches.append([])
            room = max(1, sizes.tokens // lengths[item]) if sizes.tokens else sizes.windows
        batches[-1].append((item,))
        room -= 1
    return [tuple(batch) for batch in batches]
