"""Generation folders: the arrays of one published state of the index, written once and never changed.

A generation is filled in a temporary folder, described by a manifest with the size and checksum of each file, made
durable and renamed. It counts only once the catalogue points to it; a folder that it does not know is a leftover.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = "generations"
MANIFEST = "manifest.json"
_TEMPORARY = ".new-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds. ``files`` maps each file to its size in bytes and its CRC-32."""

    format: int
    analysis: str  # the recipe of the lexical index's tokens
    created: float  # seconds since the epoch
    encoder: str  # its name, to load it again
    fingerprint: str  # of the encoder's weights
    dim: int
    documents: int
    passages: int
    files: dict[str, tuple[int, int]]

    @property
    def bytes(self) -> int:
        """The size of the generation on disk."""
        return sum(size for size, _ in self.files.values())


def place(index_dir: Path, number: int) -> Path:
    """The folder of a generation."""
    return index_dir / FOLDER / f"{number:06d}"


def latest_number(index_dir: Path) -> int:
    """The highest number that a folder bears, leftovers included; 0 without any."""
    return max((int(path.name) for path in _folders(index_dir) if path.name.isdigit()), default=0)


def write(index_dir: Path, number: int, describe: Callable[[Path], Manifest]) -> Manifest:
    """Make a generation folder whole or not at all.

    ``describe`` fills the folder that it is given and returns the manifest, to which the files are added here.
    """
    final = place(index_dir, number)
    temporary = final.with_name(_TEMPORARY + final.name)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        manifest = describe(temporary)
        for file in _files(temporary):
            manifest.files[file.relative_to(temporary).as_posix()] = (file.stat().st_size, _crc(file))
        (temporary / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        for path in (*temporary.rglob("*"), temporary):
            _sync(path)
        temporary.replace(final)
        _sync(final.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return manifest


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a generation folder; None when it is missing or damaged."""
    try:
        stored = json.loads((folder / MANIFEST).read_text("utf-8"))
        stored["files"] = {name: (int(size), int(crc)) for name, (size, crc) in stored["files"].items()}
        return Manifest(**stored)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def damage(folder: Path, *, deep: bool) -> list[str]:
    """The files of a generation that are not as they were written: by size, or also by checksum when ``deep``."""
    manifest = read_manifest(folder)
    if manifest is None:
        return [MANIFEST]
    return [name for name, kept in manifest.files.items() if not _intact(folder / name, *kept, deep=deep)]


def sweep(index_dir: Path, keep: Collection[int]) -> None:
    """Remove every generation folder but these, and what killed runs left half done.

    A folder that another process holds open where that forbids removal (Windows) stays until the next sweep.
    """
    kept = {place(index_dir, number).name for number in keep}
    for path in _folders(index_dir):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _folders(index_dir: Path) -> list[Path]:
    try:
        return list((index_dir / FOLDER).iterdir())
    except FileNotFoundError:
        return []


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _intact(file: Path, size: int, crc: int, *, deep: bool) -> bool:
    try:
        return file.stat().st_size == size and (not deep or _crc(file) == crc)
    except OSError:
        return False


def _crc(file: Path) -> int:
    value = 0
    with file.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            value = zlib.crc32(chunk, value)
    return value


def _sync(path: Path) -> None:
    """Make a file or folder durable. Windows cannot open folders; its file system journals names by itself."""
    if path.is_dir() and os.name == "nt":
        return
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
