"""Walk a folder: the files that can be indexed, and those left out with the reason."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from index.documents import is_supported
from index.errors import IndexProblem

IGNORE_FILE = ".assistantignore"
INDEX_FOLDER = ".assistant"
MAX_BYTES = 256 * 1024 * 1024  # larger files are skipped: more text than a person would look up


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to index. ``path`` is what the index calls it: relative, POSIX separators, NFC; ``file`` opens it."""

    path: str
    file: Path
    size: int  # bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """A file that is not in the index: why, and what the person can do. In Spanish."""

    path: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk found: both sorted by path, no path twice."""

    files: tuple[FoundFile, ...]
    skipped: tuple[FileOutcome, ...]


def walk(
    folder: Path, *, exclude: Iterable[str] = (), index_dir: Path | None = None, max_bytes: int = MAX_BYTES
) -> Found:
    """The files of ``folder`` and its subfolders.

    Left out silently: hidden files, Office's lock files, the index itself, and what the gitignore patterns of
    ``folder/.assistantignore`` and ``exclude`` match. Left out with a reason: types that cannot be read, files over
    ``max_bytes``, links to what the folder already holds (so loops end), what cannot be opened.

    Raises IndexProblem for a folder that does not exist or cannot be listed, or for a pattern that is not gitignore
    syntax.
    """
    return _Walk(folder, _ignored(folder, exclude), index_dir, max_bytes).run()


def _ignored(folder: Path, exclude: Iterable[str]) -> GitIgnoreSpec:
    lines = list(exclude)
    try:
        own = (folder / IGNORE_FILE).read_text("utf-8-sig", errors="replace")
    except OSError:
        own = ""
    lines = [*own.splitlines(), *lines]
    try:
        return GitIgnoreSpec.from_lines([unicodedata.normalize("NFC", line) for line in lines])
    except ValueError as error:
        raise IndexProblem(
            f"Hay un patrón de exclusión que no es válido: {error}",
            f"Corrija --exclude o el archivo {IGNORE_FILE} (sintaxis de .gitignore).",
        ) from error


class _Walk:
    def __init__(self, folder: Path, ignored: GitIgnoreSpec, index_dir: Path | None, max_bytes: int) -> None:
        self._folder = folder
        self._ignored = ignored
        self._max_bytes = max_bytes
        self._index = _identity(index_dir) if index_dir else None
        self._files: dict[str, FoundFile] = {}
        self._skipped: dict[str, FileOutcome] = {}
        self._links: list[tuple[str, Path]] = []
        self._seen: set[tuple[int, int] | None] = set()  # device and inode of what has been taken

    def run(self) -> Found:
        self._list(self._folder, "", top=True)
        # Links come last, so that a file is known by its real place, and lead only to what has not been taken yet:
        # loops end here. What hangs below a link is listed at once; links found there join the queue.
        while self._links:
            path, file = self._links.pop(0)
            self._follow(path, file)
        return Found(
            tuple(self._files[path] for path in sorted(self._files)),
            tuple(self._skipped[path] for path in sorted(self._skipped)),
        )

    def _list(self, folder: Path, prefix: str, *, top: bool = False) -> None:
        pending = [(folder, prefix)]
        while pending:
            here, prefix = pending.pop()
            try:
                with os.scandir(here) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
                self._seen.add(_identity(here))
            except OSError as error:
                if top and here == folder:
                    raise _unusable(folder, error) from error
                self._skip(prefix, f"no se puede abrir la carpeta ({_why(error)})", "Revise sus permisos.")
                continue
            for entry in found:
                if hidden(entry.name):
                    continue
                path = prefix + shown(entry.name)
                file = here / entry.name
                try:
                    if entry.is_symlink():
                        self._links.append((path, file))
                    elif not entry.is_dir(follow_symlinks=False):
                        self._take(path, file, entry.stat(follow_symlinks=False))
                    elif _identity(file) != self._index and not self._ignored.match_file(path + "/"):
                        pending.append((file, path + "/"))
                except OSError as error:  # gone, or not ours to look at
                    self._skip(path, f"no se puede abrir ({_why(error)})", "Revise sus permisos.")

    def _follow(self, path: str, file: Path) -> None:
        try:
            status = file.stat()
        except OSError:
            if not self._ignored.match_file(path):
                self._skip(path, "es un enlace roto", "Bórrelo o corrija su destino.")
            return
        is_folder = stat.S_ISDIR(status.st_mode)
        if self._ignored.match_file(path + "/" if is_folder else path):
            return
        if (status.st_dev, status.st_ino) in self._seen:
            self._skip(path, "es un enlace a algo que ya está en la carpeta")
        elif is_folder:
            self._list(file, path + "/")
        else:
            self._take(path, file, status)

    def _take(self, path: str, file: Path, status: os.stat_result) -> None:
        if self._ignored.match_file(path):
            return
        if not stat.S_ISREG(status.st_mode):
            self._skip(path, "no es un archivo normal")
        elif not is_supported(path):
            kind = file.suffix.lower()
            self._skip(path, f"tipo de archivo no admitido ({kind})" if kind else "archivo sin extensión")
        elif status.st_size > self._max_bytes:
            size = f"ocupa {status.st_size / 1e6:.0f} MB; el límite es {self._max_bytes / 1e6:.0f} MB"
            self._skip(path, size, "Divídalo en archivos más pequeños.")
        elif path in self._files:
            self._skip(path, "otro archivo tiene el mismo nombre con los acentos escritos de otro modo")
        else:
            self._seen.add((status.st_dev, status.st_ino))
            self._files[path] = FoundFile(path, file, status.st_size, status.st_mtime_ns)

    def _skip(self, path: str, reason: str, remedy: str = "") -> None:
        self._skipped.setdefault(path.rstrip("/"), FileOutcome(path.rstrip("/"), reason, remedy))


def shown(name: str) -> str:
    """A file name as characters in NFC: bytes that are no UTF-8 (names made by old Windows) are read as cp1252."""
    if not name.isascii():
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            name = os.fsencode(name).decode("cp1252", "replace")
        name = unicodedata.normalize("NFC", name)
    return name


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is left out silently: hidden, or the lock file of an Office program."""
    return name.startswith((".", "~$"))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _unusable(folder: Path, error: OSError) -> IndexProblem:
    if isinstance(error, FileNotFoundError):
        return IndexProblem(f"No existe la carpeta «{folder}».", "Compruebe la ruta que ha escrito.")
    if isinstance(error, NotADirectoryError):
        return IndexProblem(f"«{folder}» no es una carpeta.", "Indique la carpeta que contiene los documentos.")
    return IndexProblem(f"No se puede abrir la carpeta «{folder}» ({_why(error)}).", "Revise sus permisos.")
