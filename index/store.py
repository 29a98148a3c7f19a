"""The catalogue: one SQLite file that knows every file, document, passage, vector and published generation.

Documents are never changed in place. A row of ``documents`` is a pure function of a file's bytes, its name and the
recipe (see ``recipe``); a changed file gets a new row, and a generation is a list of
``(path, document, first passage id)``. So a reader of an old generation finds its texts whole while a new one is
being made, and what a killed run has parsed or encoded is found again by the next.

``files`` is what the folder looked like when last walked, file by file; ``members`` is what is published. They differ
while a run is under way or after one was killed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index.errors import IndexProblem, NoIndex
from index.rows import FileRow, body_of, columns_of, document_of, to_json
from index.types import Document, Passage

FORMAT = 2  # of the catalogue and the generation folders; an index of another format is made anew
CATALOGUE = "catalogue.sqlite"

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL, name TEXT NOT NULL, recipe TEXT NOT NULL,
    title TEXT NOT NULL, body BLOB NOT NULL, warnings TEXT NOT NULL, passages INTEGER NOT NULL,
    UNIQUE (digest, name, recipe));
CREATE TABLE files (
    path TEXT PRIMARY KEY, state TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest BLOB,
    document INTEGER REFERENCES documents, recipe TEXT NOT NULL, reason TEXT NOT NULL, remedy TEXT NOT NULL,
    run INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE passages (
    document INTEGER NOT NULL, position INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    text TEXT NOT NULL, headings TEXT NOT NULL, place TEXT NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE INDEX passages_digest ON passages (digest);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vector BLOB NOT NULL);
CREATE TABLE generations (id INTEGER PRIMARY KEY, created REAL NOT NULL);
CREATE TABLE members (
    generation INTEGER NOT NULL, path TEXT NOT NULL, document INTEGER NOT NULL, first INTEGER NOT NULL,
    PRIMARY KEY (generation, path)) WITHOUT ROWID;
CREATE INDEX members_first ON members (generation, first);
"""


class Catalogue:
    """The SQLite file of an index. One writer at a time (see ``builder``); any number of readers; thread-safe.

    Raises ``sqlite3.Error`` when the file is damaged or the disk is full; ``IndexProblem`` for another format.
    """

    def __init__(self, connection: sqlite3.Connection, identity: tuple[int, int] | None = None) -> None:
        self._db = connection
        self._identity = identity
        self._lock = threading.RLock()

    @classmethod
    def create(cls, index_dir: Path) -> Catalogue:
        """Open for writing, making the tables when the file is new."""
        db = sqlite3.connect(index_dir / CATALOGUE, isolation_level=None, check_same_thread=False, timeout=30)
        catalogue = cls(db)
        try:
            # In WAL mode a commit under NORMAL survives a kill of the process, and a power cut never corrupts.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            if not catalogue._format():
                with catalogue.transaction():
                    for statement in SCHEMA.split(";\n"):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {FORMAT}")
            catalogue._check_format()
        except BaseException:
            db.close()
            raise
        return catalogue

    @classmethod
    def open(cls, index_dir: Path) -> Catalogue:
        """Open for reading only; also from a medium that cannot be written.

        Raises NoIndex where there is none, and IndexProblem for another format or a damaged file.
        """
        file = (index_dir / CATALOGUE).resolve()
        if not file.is_file():
            raise no_index(index_dir)
        address = f"file:{quote(str(file))}?mode=ro"
        try:
            try:
                catalogue = cls(_connect(address), _identity(file))
                catalogue._format()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                    raise
                # WAL wants to write its shared memory beside the file: where nothing can be written, nothing changes.
                catalogue = cls(_connect(address + "&immutable=1"), _identity(file))
            if not catalogue._format():
                raise no_index(index_dir)  # a run was killed before it made the tables
        except sqlite3.DatabaseError as error:
            raise damaged(index_dir) from error
        catalogue._check_format()
        return catalogue

    def close(self) -> None:
        self._db.close()

    def replaced(self, index_dir: Path) -> bool:
        """Whether the file in ``index_dir`` is no longer the one that was opened for reading."""
        return _identity(index_dir / CATALOGUE) not in (None, self._identity)

    def _format(self) -> int:
        return int(self.one("PRAGMA user_version")[0])

    def _check_format(self) -> None:
        if self._format() != FORMAT:
            raise other_format()

    @contextmanager
    def transaction(self, mode: str = "IMMEDIATE") -> Iterator[None]:
        """All or nothing. ``DEFERRED`` for a consistent view of several reads."""
        with self._lock:
            self._db.execute(f"BEGIN {mode}")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # a full disk has already rolled back
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, streamed."""
        return self._db.execute(sql, values)

    def one(self, sql: str, *values: object) -> tuple[Any, ...]:
        """The first row of a query, or the empty tuple."""
        with self._lock:
            return self._db.execute(sql, values).fetchone() or ()

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement; the number of rows that it changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def copy(self, index_dir: Path) -> None:
        """Copy the catalogue, as it is at this moment, into another folder."""
        with sqlite3.connect(index_dir / CATALOGUE) as copied:
            self._db.backup(copied)
        copied.close()

    def settle(self) -> None:
        """Bring all that was committed into the one file, durably, so that a copy of it is complete."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- what is remembered about the whole

    def recall(self, key: str) -> str | None:
        found = self.one("SELECT value FROM meta WHERE key = ?", key)
        return found[0] if found else None

    def remember(self, key: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    # -- files

    def files(self) -> Iterator[FileRow]:
        """Every file of the last walk, by path."""
        columns = ", ".join(FileRow.__slots__)
        return (FileRow(*row) for row in self.rows(f"SELECT {columns} FROM files ORDER BY path"))

    def put_file(self, row: FileRow) -> None:
        columns = ", ".join(FileRow.__slots__)
        self.run(f"INSERT OR REPLACE INTO files ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *astuple(row))

    def forget_file(self, path: str) -> None:
        self.run("DELETE FROM files WHERE path = ?", path)

    # -- documents and passages

    def find_document(self, digest: bytes, name: str, recipes: Sequence[str]) -> tuple[int, str] | None:
        """The row and recipe of the document that a file of these bytes and this name gave, if it has been read
        before with one of these recipes; the first is preferred."""
        for recipe in recipes:
            found = self.one("SELECT id FROM documents WHERE (digest, name, recipe) = (?, ?, ?)", digest, name, recipe)
            if found:
                return found[0], recipe
        return None

    def add_document(
        self,
        document: Document,
        passages: Sequence[tuple[Passage, bytes]],
        *,
        digest: bytes,
        name: str,
        recipe: str,
    ) -> int:
        """Store a document with its passages, each with the digest of what is encoded of it; its new row."""
        with self._lock:
            row = self._db.execute(
                "INSERT INTO documents (digest, name, recipe, title, body, warnings, passages)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (digest, name, recipe, document.title, body_of(document), to_json(document.warnings), len(passages)),
            ).lastrowid
            self._db.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                ((row, position, *columns_of(passage), key) for position, (passage, key) in enumerate(passages)),
            )
        assert row is not None
        return row

    def distrust(self) -> None:
        """Have everything read and encoded again, while what is published stays as it is."""
        with self.transaction():
            self.run("UPDATE documents SET recipe = 'distrusted ' || id")
            self.run("UPDATE files SET recipe = ''")
            self.run("DELETE FROM passages WHERE document NOT IN (SELECT id FROM documents)")
            self.run("DELETE FROM vectors")

    def document(self, row: int, path: str) -> Document | None:
        """The document of a row, under the path by which the folder has it."""
        found = self.one("SELECT title, body, warnings FROM documents WHERE id = ?", row)
        if not found:
            return None
        try:
            return document_of(path, *found)
        except ValueError as error:
            raise sqlite3.DatabaseError(f"document {row} is damaged") from error


class OtherFormat(IndexProblem):
    """The index was written by another version: it must be made anew."""


def other_format() -> OtherFormat:
    """The problem of an index that another version of the program wrote."""
    return OtherFormat("El índice es de otra versión del programa.", "Vuelva a crearlo con: assistant index CARPETA")


def no_index(index_dir: Path) -> NoIndex:
    """The problem of a folder without an index."""
    return NoIndex(f"No hay ningún índice en «{index_dir}».", "Créelo con: assistant index CARPETA")


def damaged(index_dir: Path) -> IndexProblem:
    """The problem of an index that is not as it was written."""
    return IndexProblem(
        f"El índice de «{index_dir}» está dañado.", "Repárelo volviendo a indexar: assistant index CARPETA"
    )


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
