"""One indexing run: bring the index of a folder in step with its files.

Each file is read, cut and committed by itself; vectors are committed batch by batch; then the arrays of a new
generation are written and the catalogue is switched to it in one transaction. A run killed at any instant leaves the
published generation as it was, and the next run goes on from what was committed.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from index import publishing
from index.changes import Change, Compared, check_unchanged, compare, deleted, settled
from index.documents import SUFFIXES
from index.encoders import Encoder
from index.errors import DocumentProblem, IndexProblem
from index.folder import INDEX_FOLDER, MAX_BYTES, FileOutcome, Found, FoundFile, walk
from index.passages import retrieval_text, split
from index.store import CATALOGUE, RECIPE, Catalogue, FileRow, OtherFormat, digest_of
from index.summary import Progress, Stage, Summary
from index.types import Document
from index.worker import ParserWorkers
from index.writing import disk_problems, sole_writer

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def update_index(
    folder: Path,
    *,
    encoder: Encoder,
    index_dir: Path | None = None,
    exclude: Iterable[str] = (),
    dry_run: bool = False,
    retry_failed: bool = False,
    rebuild: bool = False,
    ocr: bool = False,
    max_bytes: int = MAX_BYTES,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Summary:
    """Index ``folder`` into ``index_dir`` (``folder/.assistant`` by default), doing only what has changed.

    ``rebuild`` reads and encodes everything again, for an index that ``verify`` finds fault with; until that has
    ended, what was published stays. A file that cannot be read is told in the summary and never stops the run.

    Raises IndexProblem: no such folder, a folder without any readable document, an index folder that cannot be
    written, another run at work on it, no space left.
    """
    started = time.monotonic()
    folder = folder.expanduser()
    index_dir = index_dir.expanduser() if index_dir else folder / INDEX_FOLDER
    found = walk(folder, exclude=exclude, index_dir=index_dir, max_bytes=max_bytes)
    if not found.files:
        raise _nothing_to_index(folder, found)
    new_run = partial(
        _Run, index_dir, found, encoder, on_progress, started, retry_failed=retry_failed, rebuild=rebuild, ocr=ocr
    )
    if dry_run:
        return new_run().rehearse()
    with sole_writer(index_dir, folder), disk_problems(index_dir, folder):
        try:
            return new_run().perform()
        except OtherFormat:
            note = "El índice era de otra versión del programa y se ha vuelto a crear entero."
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise
            note = "El índice estaba dañado y se ha vuelto a crear entero."
        for suffix in ("", "-wal", "-shm"):
            (index_dir / (CATALOGUE + suffix)).unlink(missing_ok=True)
        return new_run().perform(note)


class _Run:
    def __init__(
        self,
        index_dir: Path,
        found: Found,
        encoder: Encoder,
        on_progress: Callable[[Progress], None],
        started: float,
        *,
        retry_failed: bool,
        rebuild: bool,
        ocr: bool,
    ) -> None:
        self._index_dir = index_dir
        self._found = found
        self._encoder = encoder
        self._retry_failed = retry_failed
        self._rebuild = rebuild
        self._recipe = RECIPE + ("+ocr" if ocr else "")
        self._on_progress = on_progress
        self._started = started
        self._changes: list[Change] = []
        self._failed: list[FileOutcome] = []
        self._unchanged = 0
        self._done = 0
        self._passages = 0
        self._number = 0

    def rehearse(self) -> Summary:
        """What :meth:`perform` would do: nothing is written; files are read only to compare their contents."""
        known: dict[str, FileRow] = {}
        passages = 0
        try:
            catalogue = Catalogue.open(self._index_dir)
            known = {row.path: replace(row, recipe="") if self._rebuild else row for row in catalogue.files()}
            passages = publishing.totals(catalogue)[1]
            catalogue.close()
        except (IndexProblem, sqlite3.Error):
            pass  # no index yet, or one that would be made anew
        for compared in compare(self._found.files, known, recipe=self._recipe, retry_failed=self._retry_failed):
            self._count(compared)
            self._tell(compared.file.path)
        self._count_deleted(known)
        return self._summary(passages, 0, (), ())

    def perform(self, *notes: str) -> Summary:
        self._catalogue = catalogue = Catalogue.create(self._index_dir)
        try:
            self._number = int(catalogue.recall("run") or 0) + 1
            catalogue.remember("run", str(self._number))
            catalogue.remember("started", repr(time.time()))
            catalogue.remember("finished", "")
            if self._rebuild:
                catalogue.distrust()
            known = {row.path: row for row in catalogue.files()}
            self._read(known)
            self._forget(known)
            documents, passages = publishing.totals(catalogue)
            if not documents:
                raise self._nothing_readable()
            encoded = 0
            if publishing.is_stale(catalogue, self._index_dir, self._encoder):
                encoded = publishing.encode_missing(catalogue, self._encoder, self._tell_encoding)
                self._tell("", "writing", passages, passages)
                publishing.publish(catalogue, self._index_dir, self._encoder)
            publishing.clean_up(catalogue, self._index_dir)
            catalogue.remember("finished", repr(time.time()))
            return self._summary(passages, encoded, publishing.warnings(catalogue), notes)
        finally:
            catalogue.close()

    def _read(self, known: dict[str, FileRow]) -> None:
        reading: deque[Compared] = deque()

        def to_read() -> Iterator[tuple[Path, str]]:
            for compared in compare(self._found.files, known, recipe=self._recipe, retry_failed=self._retry_failed):
                if self._is_known(compared):
                    self._count(compared)
                    self._tell(compared.file.path)
                else:
                    reading.append(compared)
                    yield compared.file.file, compared.file.path

        with ParserWorkers(max(1, min(4, (os.cpu_count() or 1) - 1))) as workers:
            for result in workers.map(to_read()):
                compared = reading.popleft()
                try:
                    self._put_document(compared, result)
                except DocumentProblem as problem:
                    compared = replace(compared, problem=problem)
                    self._put_problem(compared)
                self._count(compared)
                self._tell(compared.file.path)

    def _is_known(self, compared: Compared) -> bool:
        """Record what needs no reading: unchanged, unreadable, or contents already read under this name."""
        file, row, digest = compared.file, compared.row, compared.digest
        if compared.problem:
            self._put_problem(compared)
        elif digest is None:
            return True
        elif compared.change is None and row:
            self._put(replace(row, size=file.size, mtime_ns=file.mtime_ns), file)
        else:
            document = self._catalogue.find_document(digest, _name(file.path), self._recipe)
            if document is None:
                return False
            self._put(FileRow(file.path, "indexed", digest=digest, document=document), file)
        return True

    def _put_document(self, compared: Compared, document: Document | DocumentProblem) -> None:
        file, digest = compared.file, compared.digest
        assert digest is not None
        if isinstance(document, DocumentProblem):
            raise document
        check_unchanged(file, digest)
        passages = [(passage, digest_of(retrieval_text(passage).encode())) for passage in split(document)]
        with self._catalogue.transaction():
            # Another file of the same name and contents may have been read meanwhile.
            row = self._catalogue.find_document(digest, _name(file.path), self._recipe)
            if row is None:
                row = self._catalogue.add_document(
                    document, passages, digest=digest, name=_name(file.path), recipe=self._recipe
                )
            self._put(FileRow(file.path, "indexed", digest=digest, document=row), file)
        self._passages += len(passages)

    def _put_problem(self, compared: Compared) -> None:
        problem = compared.problem
        assert problem is not None
        # Without the digest the next run reads it again: what failed may have been half a file.
        digest = compared.digest if settled(compared.file) else None
        row = FileRow(compared.file.path, "failed", digest=digest)
        self._put(replace(row, reason=problem.message, remedy=problem.remedy), compared.file)

    def _put(self, row: FileRow, file: FoundFile) -> None:
        if row.digest is not None and settled(file):
            row = replace(row, size=file.size, mtime_ns=file.mtime_ns)
        else:
            row = replace(row, size=-1)
        self._catalogue.put_file(replace(row, recipe=self._recipe, run=row.run or self._number))

    def _forget(self, known: dict[str, FileRow]) -> None:
        """Bring the rows of what is gone, and of what is left out, in step with the walk."""
        self._count_deleted(known)
        skipped = {outcome.path: outcome for outcome in self._found.skipped}
        here = {file.path for file in self._found.files} | skipped.keys()
        with self._catalogue.transaction():
            for path in known.keys() - here:
                self._catalogue.forget_file(path)
            for path, outcome in skipped.items():
                row = FileRow(path, "skipped", reason=outcome.reason, remedy=outcome.remedy)
                before = known.get(path)
                if before is None or replace(before, run=0) != row:
                    self._catalogue.put_file(replace(row, run=self._number))

    def _count(self, compared: Compared) -> None:
        self._done += 1
        row = compared.row
        if compared.problem:
            self._failed.append(FileOutcome(compared.file.path, compared.problem.message, compared.problem.remedy))
        elif compared.change is None and row and row.state == "failed":
            self._failed.append(FileOutcome(row.path, row.reason, row.remedy))
        elif compared.change is None:
            self._unchanged += 1
        else:
            self._changes.append(compared.change)

    def _count_deleted(self, known: dict[str, FileRow]) -> None:
        gone = deleted(known, (file.path for file in self._found.files), self._changes)
        self._changes += (Change(path, "deleted") for path in gone)

    def _tell(self, current: str, stage: Stage = "reading", passages: int | None = None, total: int = 0) -> None:
        count = self._passages if passages is None else passages
        seconds = time.monotonic() - self._started
        self._on_progress(Progress(self._done, len(self._found.files), count, current, seconds, stage, total))

    def _tell_encoding(self, done: int, total: int) -> None:
        self._tell("", "encoding", done, total)

    def _summary(
        self, passages: int, encoded: int, warnings: tuple[FileOutcome, ...], notes: tuple[str, ...]
    ) -> Summary:
        kinds = [change.kind for change in self._changes]
        return Summary(
            indexed=kinds.count("new") + kinds.count("changed"),
            unchanged=self._unchanged,
            moved=kinds.count("moved"),
            deleted=kinds.count("deleted"),
            skipped=self._found.skipped,
            failed=tuple(self._failed),
            passages=passages,
            encoded=encoded,
            warnings=warnings,
            notes=notes,
            changes=tuple(sorted(self._changes, key=lambda change: change.path)),
            seconds=time.monotonic() - self._started,
        )

    def _nothing_readable(self) -> IndexProblem:
        first = self._failed[0]
        return IndexProblem(
            f"No se pudo leer ninguno de los {len(self._failed)} documentos de la carpeta. El primero: {first.reason}",
            first.remedy,
        )


def _nothing_to_index(folder: Path, found: Found) -> IndexProblem:
    left_out = f" Se dejaron fuera {len(found.skipped)} archivos." if found.skipped else ""
    return IndexProblem(
        f"La carpeta «{folder}» no contiene ningún documento que se pueda leer.{left_out}",
        f"Sirven los archivos {', '.join(sorted(suffix[1:].upper() for suffix in SUFFIXES))}.",
    )


def _name(path: str) -> str:
    return PurePosixPath(path).name
