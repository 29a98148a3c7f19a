"""What has changed in a folder since it was last walked: size and time first, contents only where these differ."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.documents.text import printable
from index.errors import DocumentProblem
from index.folder import FoundFile
from index.rows import FileRow

ChangeKind = Literal["new", "changed", "moved", "deleted"]
_TICK, _COARSE_TICK = 20_000_000, 2_000_000_000  # ns: how coarse modification times are; FAT counts in 2 s


@dataclass(frozen=True, slots=True)
class Change:
    """What a run did with a file, or would do. ``before`` is the old path of a file that was moved or renamed."""

    path: str
    kind: ChangeKind
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A file beside what was known of it. ``change`` is None for the same contents as before."""

    file: FoundFile
    row: FileRow | None
    change: Change | None
    digest: bytes | None  # None when size and time already said that nothing changed
    problem: DocumentProblem | None = None  # it cannot be read


def compare(
    files: Iterable[FoundFile], known: Mapping[str, FileRow], *, stale: Callable[[FileRow], bool]
) -> Iterator[Compared]:
    """Each file of a walk beside its row, in order, read only when size or time differ from the row's.

    ``known`` holds the rows by path; a row that is ``stale`` counts as changed whatever its file says. Rows that no
    file has any more are told by :func:`deleted`, once all files are compared.
    """
    files = tuple(files)
    here = {file.path for file in files}
    gone = {row.digest: row.path for row in known.values() if row.path not in here and row.digest is not None}
    for file in files:
        row = known.get(file.path)
        again = row is None or stale(row)
        if row and not again and (row.size, row.mtime_ns) == (file.size, file.mtime_ns):
            yield Compared(file, row, None, None)
            continue
        try:
            digest = digest_file(file.file, file.path)
        except DocumentProblem as problem:
            yield Compared(file, row, Change(file.path, "changed" if row else "new"), None, problem)
            continue
        if row and not again and row.digest == digest:
            change = None
        elif row and row.state != "skipped":
            change = Change(file.path, "changed")
        elif digest in gone:
            change = Change(file.path, "moved", gone.pop(digest))
        else:
            change = Change(file.path, "new")
        yield Compared(file, row, change, digest)


def deleted(known: Mapping[str, FileRow], here: Iterable[str], changes: Iterable[Change]) -> list[str]:
    """The paths that were indexed, or had failed, and are no longer there nor were moved elsewhere."""
    accounted = {*here, *(change.before for change in changes)}
    return [row.path for row in known.values() if row.state != "skipped" and row.path not in accounted]


def digest_file(file: Path, path: str) -> bytes:
    """The digest of a file's bytes, read in pieces. Raises DocumentProblem when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).digest()
    except FileNotFoundError:
        raise DocumentProblem(
            f"«{printable(path)}» ya no está en la carpeta.", "Si se movió o se borró, vuelva a indexar la carpeta."
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentProblem(
            f"«{printable(path)}» no se puede abrir ({reason}).", "Revise los permisos del archivo."
        ) from None


def settled(file: FoundFile) -> bool:
    """Whether its size and time will tell the next change.

    Not when it was written so recently that another write could leave both as they are (git's "racily clean"), nor
    when they have changed since the walk.
    """
    tick = _TICK if file.mtime_ns % 1_000_000_000 else _COARSE_TICK
    return _as_walked(file) and file.mtime_ns < time.time_ns() - tick


def check_unchanged(file: FoundFile, digest: bytes) -> None:
    """Raises DocumentProblem when the file no longer holds the bytes that were compared, so that what was read from
    it since may be neither the one nor the other."""
    if not _as_walked(file) and digest_file(file.file, file.path) != digest:
        raise DocumentProblem(
            f"«{printable(file.path)}» cambió mientras se leía.",
            "Vuelva a indexar cuando se haya terminado de guardar.",
        )


def _as_walked(file: FoundFile) -> bool:
    try:
        now = file.file.stat()
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (file.size, file.mtime_ns)
