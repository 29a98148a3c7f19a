"""The first half of an indexing run: bring the catalogue in step with the files, one committed file after another."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from index import publishing
from index.changes import Change, Compared, check_unchanged, compare, deleted, settled
from index.errors import DocumentProblem
from index.folder import FileOutcome, Found, FoundFile
from index.passages import retrieval_text, split
from index.recipe import passages_recipe
from index.rows import FileRow, digest_of
from index.store import Catalogue
from index.types import Document
from index.worker import ParserWorkers


class FileReading:
    """Compares the files of a walk with what is known of them, reads those that need it, and counts what it did."""

    def __init__(self, found: Found, on_file: Callable[[str], None], *, retry_failed: bool, ocr: bool) -> None:
        """``on_file`` is called with the path of each file that is done with."""
        self.total = len(found.files)
        self.done = 0
        self.unchanged = 0
        self.passages = 0  # of the files that were read
        self.changes: list[Change] = []
        self.failed: list[FileOutcome] = []
        self.skipped = found.skipped
        self._files = found.files
        self._on_file = on_file
        self._retry_failed = retry_failed
        self._ocr = ocr
        self._recipe = passages_recipe(ocr=ocr)
        # What OCR has read is never read again without: it holds all of the other and more.
        self._recipes = (self._recipe,) if ocr else (passages_recipe(ocr=True), self._recipe)
        self._known: dict[str, FileRow] = {}
        self._incomplete: set[str] = set()

    def recall(self, catalogue: Catalogue, *, distrusted: bool = False) -> None:
        """Take from the catalogue what is known of the files; ``distrusted`` as if nothing of it could be used."""
        rows = (replace(row, recipe="") if distrusted else row for row in catalogue.files())
        self._known = {row.path: row for row in rows}
        self._incomplete = {warning.path for warning in publishing.warnings(catalogue)}

    def compare(self) -> None:
        """Count what :meth:`read` would do."""
        for compared in compare(self._files, self._known, stale=self._is_stale):
            self._count(compared)
        self._count_deleted()

    def read(self, catalogue: Catalogue, run: int) -> None:
        """Read what is new or changed, and commit each file by itself; then forget what is gone."""
        self._catalogue, self._run = catalogue, run
        reading: deque[Compared] = deque()

        def to_read() -> Iterator[tuple[Path, str]]:
            for compared in compare(self._files, self._known, stale=self._is_stale):
                if self._is_known(compared):
                    self._count(compared)
                else:
                    reading.append(compared)
                    yield compared.file.file, compared.file.path

        with ParserWorkers(parsers(), time_limit(ocr=self._ocr), ocr=self._ocr) as workers:
            for result in workers.map(to_read()):
                compared = reading.popleft()
                try:
                    self._put_document(compared, result)
                except DocumentProblem as problem:
                    compared = replace(compared, problem=problem)
                    self._put_problem(compared)
                self._count(compared)
        self._count_deleted()
        self._forget()

    def _is_stale(self, row: FileRow) -> bool:
        """Whether a file must be read again although it has not changed."""
        if row.state == "failed" and self._retry_failed:
            return True
        if self._ocr and row.recipe == passages_recipe():
            return row.state == "failed" or row.path in self._incomplete
        return row.recipe not in self._recipes

    def _is_known(self, compared: Compared) -> bool:
        """Record what needs no reading: unchanged, unreadable, or contents already read under this name."""
        file, row, digest = compared.file, compared.row, compared.digest
        if compared.problem:
            self._put_problem(compared)
        elif digest is None:
            return True
        elif compared.change is None and row:
            self._put(row, file)
        else:
            document = self._catalogue.find_document(digest, _name(file), self._recipes)
            if document is None:
                return False
            self._put_indexed(file, digest, *document)
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
            found = self._catalogue.find_document(digest, _name(file), self._recipes) or (
                self._catalogue.add_document(document, passages, digest=digest, name=_name(file), recipe=self._recipe),
                self._recipe,
            )
            self._put_indexed(file, digest, *found)
        self.passages += len(passages)

    def _put_indexed(self, file: FoundFile, digest: bytes, document: int, recipe: str) -> None:
        self._put(FileRow(file.path, "indexed", digest=digest, document=document, recipe=recipe, run=self._run), file)

    def _put_problem(self, compared: Compared) -> None:
        problem = compared.problem
        assert problem is not None
        row = FileRow(
            compared.file.path,
            "failed",
            # Without the digest the next run reads it again: what failed may have been half a file.
            digest=compared.digest if settled(compared.file) else None,
            recipe=self._recipe,
            reason=problem.message,
            remedy=problem.remedy,
            run=self._run,
        )
        self._put(row, compared.file)

    def _put(self, row: FileRow, file: FoundFile) -> None:
        size = file.size if row.digest is not None and settled(file) else -1
        self._catalogue.put_file(replace(row, size=size, mtime_ns=file.mtime_ns))

    def _forget(self) -> None:
        """Bring the rows of what is gone, and of what is left out, in step with the walk."""
        skipped = {outcome.path: outcome for outcome in self.skipped}
        here = {file.path for file in self._files} | skipped.keys()
        with self._catalogue.transaction():
            for path in self._known.keys() - here:
                self._catalogue.forget_file(path)
            for path, outcome in skipped.items():
                row = FileRow(path, "skipped", reason=outcome.reason, remedy=outcome.remedy)
                before = self._known.get(path)
                if before is None or replace(before, run=0) != row:
                    self._catalogue.put_file(replace(row, run=self._run))

    def _count(self, compared: Compared) -> None:
        self.done += 1
        row = compared.row
        if compared.problem:
            self.failed.append(FileOutcome(compared.file.path, compared.problem.message, compared.problem.remedy))
        elif compared.change is None and row and row.state == "failed":
            self.failed.append(FileOutcome(row.path, row.reason, row.remedy))
        elif compared.change is None:
            self.unchanged += 1
        else:
            self.changes.append(compared.change)
        self._on_file(compared.file.path)

    def _count_deleted(self) -> None:
        gone = deleted(self._known, (file.path for file in self._files), self.changes)
        self.changes += (Change(path, "deleted") for path in gone)


def parsers() -> int:
    """How many parser processes to run: the main one cuts and stores meanwhile."""
    return max(1, min(4, (os.cpu_count() or 1) - 1))


def time_limit(*, ocr: bool) -> float:
    """Seconds that reading one file may take."""
    return 3600.0 if ocr else 120.0


def _name(file: FoundFile) -> str:
    return PurePosixPath(file.path).name
