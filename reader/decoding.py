"""From start and end logits to the n-best list of spans, for every reader of this package."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Logits = NDArray[np.float32] | NDArray[np.float64]


def best_spans(start: Logits, end: Logits, *, n_best: int, max_length: int) -> list[tuple[int, int, float]]:
    """The best spans ``(first, last, start[first] + end[last])``, best first, no two overlapping.

    ``first <= last < first + max_length``; ties go to the earlier, then the shorter span. Positions that must not be
    used carry ``-inf``. Works on the band of the n × n score matrix that ``max_length`` allows: O(n · max_length) for
    each span found.

    Args:
        start: (n,) logits, not normalised: scores of different passages of a question stay comparable.
        end: (n,) likewise.
    """
    length = len(start)
    width = min(max_length, length)
    if not length or width < 1 or n_best < 1:
        return []
    padded = np.concatenate([end, np.full(width - 1, -np.inf, dtype=end.dtype)])
    band = start[:, None] + sliding_window_view(padded, width)  # band[i, d] scores the span i … i + d
    firsts = np.arange(length)
    found: list[tuple[int, int, float]] = []
    while len(found) < n_best:
        first, extra = divmod(int(band.argmax()), width)
        score = float(band[first, extra])
        if score == -np.inf:
            break
        last = first + extra
        found.append((first, last, score))
        band[first : last + 1] = -np.inf
        before = firsts[max(0, first - width + 1) : first]
        for row in before:  # shorter spans that end before this one stay
            band[row, first - row :] = -np.inf
    return found
