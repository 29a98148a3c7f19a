"""An indexed folder as one file, ``.tar.zst``: its documents and its index, to be used on another machine."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from index import generations, publishing
from index.errors import IndexProblem
from index.folder import INDEX_FOLDER, walk
from index.store import CATALOGUE, Catalogue, damaged, no_index

_LEVEL = 6


def pack(index_dir: Path, folder: Path, out: Path) -> None:
    """Write the published generation and the files that it was made from to ``out``, whole or not at all.

    Raises NoIndex, or IndexProblem when the index is damaged or ``out`` cannot be written.
    """
    catalogue = Catalogue.open(index_dir)
    try:
        if publishing.current(catalogue) is None:
            raise no_index(index_dir)
        with _writing(out), tempfile.TemporaryDirectory(dir=out.parent, prefix=".pack-") as temporary:
            snapshot = Path(temporary)
            catalogue.copy(snapshot)
            copied = Catalogue.create(snapshot)
            publishing.clean_up(copied, snapshot, kept=1)
            copied.run("PRAGMA journal_mode = DELETE")
            copied.run("VACUUM")
            place = generations.place(index_dir, publishing.current(copied) or 0)
            paths = {path for (path,) in copied.rows("SELECT path FROM members")}
            copied.close()
            if generations.damage(place, deep=True):
                raise damaged(index_dir)
            archive = snapshot / out.name
            with (
                archive.open("wb") as opened,
                zstandard.ZstdCompressor(level=_LEVEL, threads=-1).stream_writer(opened) as compressed,
                tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                tar.add(snapshot / CATALOGUE, f"{INDEX_FOLDER}/{CATALOGUE}", filter=_anonymous)
                tar.add(place, f"{INDEX_FOLDER}/{place.relative_to(index_dir).as_posix()}", filter=_anonymous)
                for file in walk(folder, index_dir=index_dir, max_bytes=1 << 62).files:
                    if file.path in paths:
                        tar.add(file.file.resolve(), file.path, filter=_anonymous)
            archive.replace(out)
    except sqlite3.DatabaseError as error:
        raise damaged(index_dir) from error
    finally:
        catalogue.close()


def unpack(archive: Path, destination: Path) -> Path:
    """Extract a packed folder into ``destination``, which must be empty or new; the folder of its index.

    Nothing is written outside ``destination``, whatever the archive says. Raises IndexProblem for a file that is not
    a packed index, or is cut short.
    """
    if destination.exists() and any(destination.iterdir()):
        raise IndexProblem(f"La carpeta «{destination}» no está vacía.", "Indique una carpeta nueva.")
    try:
        opened = archive.open("rb")
    except OSError as error:
        raise IndexProblem(
            f"No se puede abrir «{archive}» ({error.strerror or error}).", "Compruebe la ruta y los permisos."
        ) from error
    with opened, _writing(destination):
        destination.mkdir(parents=True, exist_ok=True)
        try:
            with (
                zstandard.ZstdDecompressor().stream_reader(opened) as stream,
                tarfile.open(fileobj=stream, mode="r|") as tar,
            ):
                tar.extractall(destination, filter="data")
        except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
            shutil.rmtree(destination, ignore_errors=True)  # so that another try finds it empty
            raise _not_packed(archive) from error
    index_dir = destination / INDEX_FOLDER
    if not (index_dir / CATALOGUE).is_file():
        raise _not_packed(archive)
    return index_dir


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise IndexProblem(
            f"No se puede escribir «{target}» ({reason}).", "Elija un lugar con espacio y permiso de escritura."
        ) from error


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The member without the names and numbers of the person who packs it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def _not_packed(archive: Path) -> IndexProblem:
    return IndexProblem(
        f"«{archive}» no es un índice empaquetado, o está incompleto.",
        f"Cópielo otra vez, o créelo de nuevo con: assistant index CARPETA --pack {archive.name}",
    )
