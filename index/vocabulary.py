"""The words of a lexical index on disk: sorted, memory-mapped, found by bisection. Opening it reads nothing."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

_TERMS, _ENDS, _NUMBERS = "terms.txt", "ends.npy", "numbers.npy"


class SavedVocabulary(Mapping[str, int]):
    """Terms to their numbers, as saved by :func:`save_vocabulary`."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError or ValueError where a file is missing or damaged."""
        with (folder / _TERMS).open("rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._ends = np.load(folder / _ENDS, mmap_mode="r")
        self._numbers = np.load(folder / _NUMBERS, mmap_mode="r")

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[str]:
        """The terms in order."""
        start = 0
        for end in self._ends.tolist():
            yield self._text[start:end].decode()
            start = end

    def __getitem__(self, term: str) -> int:
        wanted, low, high = term.encode(), 0, len(self)
        while low < high:
            middle = (low + high) // 2
            found = self._text[int(self._ends[middle - 1]) if middle else 0 : int(self._ends[middle])]
            if found == wanted:
                return int(self._numbers[middle])
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        raise KeyError(term)


def save_vocabulary(folder: Path, numbers: Mapping[str, int]) -> None:
    """Write the terms (one at least) and their numbers into ``folder``, which exists."""
    # UTF-8 sorts as code points do, so the order of the strings is that of their bytes.
    terms = sorted(numbers)
    encoded = [term.encode() for term in terms]
    (folder / _TERMS).write_bytes(b"".join(encoded))
    np.save(folder / _ENDS, np.cumsum([len(term) for term in encoded], dtype=np.int64))
    np.save(folder / _NUMBERS, np.array([numbers[term] for term in terms], dtype=np.int32))
