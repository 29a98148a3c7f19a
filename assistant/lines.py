"""Lines of a stream in batches: as many as have arrived, so that a pipe in use gets each answer at once and a file is
read at full speed."""

from __future__ import annotations

import select
import sys
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 1 << 16


def batches(stream: BinaryIO, size: int) -> Iterator[list[bytes]]:
    """Up to ``size`` lines at a time, without their ends: waits for the first, takes others only if they are there."""
    waiting: deque[bytes] = deque()
    begun: list[bytes] = []  # pieces of a line whose end has not come
    ended = False
    while not ended or waiting:
        while not ended and len(waiting) < size and (not waiting or _ready(stream)):
            chunk = stream.read1(CHUNK)  # type: ignore[attr-defined]
            ended = not chunk
            first, *others = chunk.split(b"\n")
            begun.append(first)
            if others or (ended and any(begun)):
                waiting += [b"".join(begun), *others[:-1]]
                begun = others[-1:]
        if waiting:
            yield [waiting.popleft().removesuffix(b"\r") for _ in range(min(size, len(waiting)))]


def _ready(stream: BinaryIO) -> bool:
    """Whether reading would not wait; where that cannot be known (Windows, a stream of the test's own), yes."""
    if sys.platform == "win32":
        return True
    try:
        return bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):
        return True
