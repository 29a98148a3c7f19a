"""Writes small compound files (the container of old Office and Outlook), for no library on PyPI does."""

from __future__ import annotations

import struct

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class _Sectors:
    """Sectors of one size, and of each the one that follows it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.body = b""
        self.following: list[int] = []

    def put(self, data: bytes) -> int:
        """Append data and return its first sector."""
        first, count = len(self.following), -(-len(data) // self.size)
        self.body += data.ljust(count * self.size, b"\0")
        self.following += [*range(first + 1, first + count), _END] if count else []
        return first if count else _END

    def table(self, extra: int = 0) -> bytes:
        entries = [*self.following, *[_FAT] * extra]
        entries += [_FREE] * (-len(entries) % (_SECTOR // 4))
        return struct.pack(f"<{len(entries)}I", *entries)


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file of these streams, after [MS-CFB]. Slashes in a name are storages."""
    names = ["", *sorted({name[:at] for name in streams for at, sign in enumerate(name) if sign == "/"}), *streams]
    children: dict[str, list[str]] = {name: [] for name in names}
    for name in names[1:]:
        children[name.rpartition("/")[0]].append(name)
    sectors, minis = _Sectors(_SECTOR), _Sectors(_MINI)
    places = {
        name: ((minis if len(data) < _CUTOFF else sectors).put(data), len(data)) for name, data in streams.items()
    }
    places[""] = sectors.put(minis.body), len(minis.body)
    mini_table = sectors.put(minis.table())
    directory = b""
    for name in names:
        siblings = children[name.rpartition("/")[0]] if name else []
        following = siblings[siblings.index(name) + 1 :] if name else []
        right = names.index(following[0]) if following else _FREE
        child = names.index(children[name][0]) if children[name] else _FREE
        shown = (name.rpartition("/")[2] or "Root Entry").encode("utf-16-le")
        kind = _STREAM if name in streams else _STORAGE if name else _ROOT
        directory += shown.ljust(64, b"\0") + struct.pack("<HBB", len(shown) + 2, kind, 1)
        directory += struct.pack("<III", _FREE, right, child) + bytes(36)
        directory += struct.pack("<IQ", *places.get(name, (_END, 0)))
    root = sectors.put(directory)
    own = 1  # sectors that the table of sectors takes itself
    while own * _SECTOR < 4 * (len(sectors.following) + own):
        own += 1
    at = [*range(len(sectors.following), len(sectors.following) + own), *[_FREE] * (109 - own)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    mini_sectors = len(minis.table()) // _SECTOR
    head += struct.pack("<IIIIIIIII", 0, own, root, 0, _CUTOFF, mini_table, mini_sectors, _END, 0)
    return head + struct.pack("<109I", *at) + sectors.body + sectors.table(own)
