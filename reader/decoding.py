"""From start and end logits to the n-best list of spans, for every reader of this package."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Logits = NDArray[np.float32] | NDArray[np.float64]


def best_spans(start: Logits, end: Logits, *, n_best: int, max_length: int) -> list[tuple[int, int, float]]:
    """The best spans ``(first, last, start[first] + end[last])``, best first, no two overlapping.

    ``first <= last < first + max_length``; ties go to the earlier, then the shorter span. Positions that must not be
    used carry ``-inf``. Each span of the list is the best of all that do not overlap the ones before it.

    Args:
        start: (n,) logits, not normalised: scores of different passages of a question stay comparable.
        end: (n,) likewise.
    """
    return pick_spans(score_band(start, end, max_length), n_best)


def score_band(start: Logits, end: Logits, max_length: int) -> Logits:
    """Scores ``[n, w]`` of all spans, ``w = min(n, max_length)``: row i, column d is the span ``i … i + d``.

    That is the band of the n × n matrix of scores that ``max_length`` allows; -inf where a span would pass the end.
    """
    length = len(start)
    width = min(max_length, length)
    if width < 1:
        return np.empty((length, 0), dtype=end.dtype)
    padded = np.concatenate([end, np.full(width - 1, -np.inf, dtype=end.dtype)])
    band: Logits = start[:, None] + sliding_window_view(padded, width)
    return band


def pick_spans(band: Logits, n_best: int) -> list[tuple[int, int, float]]:
    """The best spans of a :func:`score_band`, as :func:`best_spans` gives them. O(n · w) for each span found."""
    found: list[tuple[int, int, float]] = []
    width = band.shape[1]
    if not band.size:
        return found
    band = band.copy()
    reach = np.arange(width)
    while len(found) < n_best:
        first, extra = divmod(int(band.argmax()), width)
        score = float(band[first, extra])
        if score == -np.inf:
            break
        found.append((first, first + extra, score))
        band[first : first + extra + 1] = -np.inf  # spans that begin inside
        before = max(0, first - width + 1)
        distance = np.arange(first - before, 0, -1)  # of the spans that begin earlier, those that reach inside
        band[before:first][reach >= distance[:, None]] = -np.inf
    return found
