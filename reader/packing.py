"""Several windows in one row, without one seeing another.

A window of a SQuAD paragraph is about 200 tokens long: padded to 384, half of the work is padding. Here windows are
laid end to end in rows. Three things keep every window as if it were alone: attention is limited to the window's own
block by a 4-D boolean mask, positions restart at each window, and token types travel along. (BERT in transformers
takes restarting positions for nothing more than positions: without the mask it mixes the windows silently.)

A padded batch is the special case of one window a row, so that training has a single code path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Row = tuple[int, ...]  # the numbers of the windows in one row, from left to right


class Tokens(Protocol):
    """What packing needs to know of a window: its ``L`` tokens, special ones included, without padding."""

    @property
    def input_ids(self) -> Sequence[int] | NDArray[np.int64]: ...

    @property
    def token_type_ids(self) -> Sequence[int] | NDArray[np.int64]: ...


def pack(lengths: Sequence[int], capacity: int) -> list[Row]:
    """Best-fit decreasing bin packing: rows of at most ``capacity`` tokens, each item in exactly one row.

    Every item goes to the fullest row that still has room for it. The set of free spaces is one integer used as a
    bit set, so that the search is a shift and not a loop. Raises ValueError for an item longer than ``capacity``.
    """
    rows: list[list[int]] = []
    rows_with: list[list[int]] = [[] for _ in range(capacity + 1)]  # free space -> rows that have exactly that much
    free_spaces = 0
    for item in sorted(range(len(lengths)), key=lambda item: -lengths[item]):
        length = lengths[item]
        if length > capacity:
            raise ValueError(f"an item of {length} tokens does not fit in rows of {capacity}")
        roomy = free_spaces >> length
        if roomy:
            space = length + (roomy & -roomy).bit_length() - 1
            row = rows_with[space].pop()
            if not rows_with[space]:
                free_spaces ^= 1 << space
        else:
            space, row = capacity, len(rows)
            rows.append([])
        rows[row].append(item)
        rows_with[space - length].append(row)
        free_spaces |= 1 << (space - length)
    return [tuple(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows laid out in ``R`` rows of ``L`` places; ``N`` windows, the longest of ``W`` tokens. All int64.

    ``segments`` numbers the windows of a row from 1; 0 is padding. ``places[n, i]`` is where token ``i`` of window
    ``n`` lies in the flattened rows; -1 past its end.
    """

    input_ids: torch.Tensor  # [R, L]
    token_type_ids: torch.Tensor  # [R, L]
    position_ids: torch.Tensor  # [R, L]
    segments: torch.Tensor  # [R, L]
    places: torch.Tensor  # [N, W]

    def to(self, device: torch.device) -> Batch:
        """The same batch on ``device``; from pinned memory where that lets the copy overlap with the computing."""

        def move(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)

        return Batch(*(move(getattr(self, name)) for name in self.__slots__))


def lay_out(
    rows: Sequence[Row],
    windows: Sequence[Tokens],
    *,
    pad_id: int = 0,
    length: int | None = None,
    multiple: int = 8,
    first_position: int = 0,
) -> Batch:
    """Build the batch of the windows named in ``rows``; window ``n`` of the batch is the n-th one named.

    ``length`` fixes ``L`` (a static shape for compiled models); by default it is the longest row rounded up to
    ``multiple``. ``first_position`` is the position of a first token: 0 in BERT, ``pad_id + 1`` in RoBERTa.
    """
    import torch

    used = [sum(len(windows[n].input_ids) for n in row) for row in rows]
    length = length or -(-max(used) // multiple) * multiple
    widest = max(len(windows[n].input_ids) for row in rows for n in row)
    shape = (len(rows), length)
    input_ids = np.full(shape, pad_id, dtype=np.int64)
    token_type_ids, segments = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    position_ids = np.full(shape, first_position, dtype=np.int64)
    places = np.full((sum(map(len, rows)), widest), -1, dtype=np.int64)
    example = 0
    for r, row in enumerate(rows):
        at = 0
        for segment, n in enumerate(row, start=1):
            size = len(windows[n].input_ids)
            here = slice(at, at + size)
            input_ids[r, here] = windows[n].input_ids
            token_type_ids[r, here] = windows[n].token_type_ids
            position_ids[r, here] = np.arange(first_position, first_position + size)
            segments[r, here] = segment
            places[example, :size] = np.arange(r * length + at, r * length + at + size)
            at += size
            example += 1
    arrays = (input_ids, token_type_ids, position_ids, segments, places)
    return Batch(*(torch.from_numpy(array) for array in arrays))


def block_mask(segments: torch.Tensor) -> torch.Tensor:
    """The block-diagonal attention mask ``[R, 1, L, L]``, True where the query may see the key.

    Padding sees padding (a row of the mask that is all False would give NaN), and no window sees it.
    """
    return (segments[:, None, :, None] == segments[:, None, None, :]).contiguous()


def per_window(values: torch.Tensor, places: torch.Tensor, fill: float) -> torch.Tensor:
    """Values ``[R, L]`` of laid-out tokens back in one line per window, ``[N, W]``, with ``fill`` past each end."""
    return values.reshape(-1)[places.clamp(min=0)].masked_fill(places < 0, fill)
