"""The right to write an index, and what the disk may refuse, told so that a person knows what to do."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import IndexProblem

# How FAISS (a RuntimeError) and numpy (an OSError without a number) tell of a full disk.
_FULL = re.compile(r"No space left on device|\d+ requested and \d+ written")


@contextmanager
def sole_writer(index_dir: Path, folder: Path) -> Iterator[None]:
    """Hold the lock of the index; the system frees it when the process ends, however it ends."""
    lock = FileLock(index_dir / "lock", timeout=0)
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise IndexProblem(
            f"Otro proceso está actualizando el índice «{index_dir}».", "Espere a que termine y vuelva a intentarlo."
        ) from None
    except OSError as error:
        raise _cannot_write(index_dir, folder, error) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def disk_problems(index_dir: Path, folder: Path) -> Iterator[None]:
    """What the disk refuses, as a problem that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise _full(index_dir) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
            raise _cannot_write(index_dir, folder, error) from error
        raise
    except sqlite3.DatabaseError as error:  # damaged as soon as it was made
        raise _cannot_write(index_dir, folder, error) from error
    except (OSError, RuntimeError) as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in (errno.ENOSPC, errno.EDQUOT) or _FULL.search(str(error)):
            raise _full(index_dir) from error
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise _cannot_write(index_dir, folder, error) from error
        raise


def _cannot_write(index_dir: Path, folder: Path, error: Exception) -> IndexProblem:
    reason = getattr(error, "strerror", None) or str(error)
    return IndexProblem(
        f"No se puede escribir el índice en «{index_dir}» ({reason}).",
        f'Guárdelo en otro lugar: assistant index "{folder}" --index CARPETA_DEL_ÍNDICE',
    )


def _full(index_dir: Path) -> IndexProblem:
    return IndexProblem(
        f"No queda espacio en el disco para el índice «{index_dir}»; el índice anterior sigue sirviendo.",
        "Libere espacio y vuelva a indexar: continuará desde donde se quedó.",
    )
