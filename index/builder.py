"""One indexing run: bring the index of a folder in step with its files.

Each file is read, cut and committed by itself; vectors are committed batch by batch; then the arrays of a new
generation are written and the catalogue is switched to it in one transaction. A run killed at any instant leaves the
published generation as it was, and the next run goes on from what was committed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from index import publishing
from index.documents import SUFFIXES
from index.documents.ocr import require as require_ocr
from index.encoders import Encoder
from index.errors import IndexProblem
from index.folder import INDEX_FOLDER, MAX_BYTES, FileOutcome, Found, walk
from index.reading import FileReading
from index.store import CATALOGUE, Catalogue, OtherFormat
from index.summary import Progress, Stage, Summary
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
    ended, what was published stays. ``ocr`` reads scanned pages, of new files and of those where some were found
    before; later runs without it keep what it read. A file that cannot be read is told in the summary and never stops
    the run.

    Raises IndexProblem: no such folder, a folder without any readable document, an index folder that cannot be
    written, another run at work on it, no space left, ``ocr`` without Tesseract.
    """
    started = time.monotonic()
    if ocr:
        require_ocr()
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
        rebuild: bool,
        **how: bool,
    ) -> None:
        self._index_dir = index_dir
        self._encoder = encoder
        self._on_progress = on_progress
        self._started = started
        self._rebuild = rebuild
        self._files = FileReading(found, lambda current: self._tell(current), **how)

    def rehearse(self) -> Summary:
        """What :meth:`perform` would do: nothing is written; files are read only to compare their contents."""
        passages = 0
        try:
            catalogue = Catalogue.open(self._index_dir)
            self._files.recall(catalogue, distrusted=self._rebuild)
            passages = publishing.totals(catalogue)[1]
            catalogue.close()
        except (IndexProblem, sqlite3.Error):
            pass  # no index yet, or one that would be made anew
        self._files.compare()
        return self._summary(passages, 0, (), ())

    def perform(self, *notes: str) -> Summary:
        """Read, encode and publish what has changed. ``notes`` are passed on to the summary."""
        catalogue = Catalogue.create(self._index_dir)
        try:
            number = int(catalogue.recall("run") or 0) + 1
            catalogue.remember("run", str(number))
            catalogue.remember("started", repr(time.time()))
            catalogue.remember("finished", "")
            if self._rebuild:
                catalogue.distrust()
            self._files.recall(catalogue)
            self._files.read(catalogue, number)
            documents, passages = publishing.totals(catalogue)
            if not documents:
                raise _nothing_readable(self._files.failed)
            encoded = 0
            if publishing.is_stale(catalogue, self._index_dir, self._encoder):
                encoded = publishing.encode_missing(catalogue, self._encoder, self._tell_encoding)
                self._tell("", "writing", passages, passages)
                publishing.publish(catalogue, self._index_dir, self._encoder)
            catalogue.remember("finished", repr(time.time()))
            publishing.clean_up(catalogue, self._index_dir)
            return self._summary(passages, encoded, publishing.warnings(catalogue), notes)
        finally:
            catalogue.close()

    def _tell(self, current: str, stage: Stage = "reading", passages: int | None = None, total: int = 0) -> None:
        files = self._files
        count = files.passages if passages is None else passages
        seconds = time.monotonic() - self._started
        self._on_progress(Progress(files.done, files.total, count, current, seconds, stage, total))

    def _tell_encoding(self, done: int, total: int) -> None:
        self._tell("", "encoding", done, total)

    def _summary(
        self, passages: int, encoded: int, warnings: tuple[FileOutcome, ...], notes: tuple[str, ...]
    ) -> Summary:
        files = self._files
        kinds = [change.kind for change in files.changes]
        return Summary(
            indexed=kinds.count("new") + kinds.count("changed"),
            unchanged=files.unchanged,
            moved=kinds.count("moved"),
            deleted=kinds.count("deleted"),
            skipped=files.skipped,
            failed=tuple(files.failed),
            passages=passages,
            encoded=encoded,
            warnings=warnings,
            notes=notes,
            changes=tuple(sorted(files.changes, key=lambda change: change.path)),
            seconds=time.monotonic() - self._started,
        )


def _nothing_readable(failed: list[FileOutcome]) -> IndexProblem:
    first = failed[0]
    return IndexProblem(
        f"No se pudo leer ninguno de los {len(failed)} documentos de la carpeta. El primero: {first.reason}",
        first.remedy,
    )


def _nothing_to_index(folder: Path, found: Found) -> IndexProblem:
    left_out = f" Se dejaron fuera {len(found.skipped)} archivos." if found.skipped else ""
    return IndexProblem(
        f"La carpeta «{folder}» no contiene ningún documento que se pueda leer.{left_out}",
        f"Sirven los archivos {', '.join(sorted(suffix[1:].upper() for suffix in SUFFIXES))}.",
    )
