"""The state of an index, file by file: what ``assistant status`` shows."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index import generations, publishing
from index.store import CATALOGUE, Catalogue, damaged

FileState = Literal["indexed", "unchanged", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class FileStatus:
    """A file as the last run saw it: ``indexed`` when that run read it, ``unchanged`` when it had no need to."""

    path: str
    state: FileState
    passages: int = 0
    reason: str = ""  # why it was skipped or failed
    remedy: str = ""
    warnings: tuple[str, ...] = ()  # of an indexed file, e.g. pages without text


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The whole index. Times are seconds since the epoch; sizes are bytes."""

    files: tuple[FileStatus, ...]  # by path
    generation: int | None  # None while the first run has not ended
    documents: int  # published
    passages: int  # published
    encoder: str
    created: float | None  # when the generation was
    started: float | None  # the last run
    finished: float | None  # None when the last run is under way or was cut short
    catalogue_bytes: int
    arrays_bytes: int  # of the generation


def status(index_dir: Path) -> IndexStatus:
    """Read the state of an index, also while it is being updated. Raises NoIndex, or IndexProblem for a damaged one."""
    catalogue = Catalogue.open(index_dir)
    try:
        with catalogue.transaction("DEFERRED"):
            return _status(index_dir, catalogue)
    except sqlite3.DatabaseError as error:
        raise damaged(index_dir) from error
    finally:
        catalogue.close()


def _status(index_dir: Path, catalogue: Catalogue) -> IndexStatus:
    last_run = int(catalogue.recall("run") or 0)
    number = publishing.current(catalogue)
    manifest = generations.read_manifest(generations.place(index_dir, number)) if number is not None else None
    return IndexStatus(
        files=tuple(
            FileStatus(
                path,
                "unchanged" if state == "indexed" and run < last_run else state,
                passages or 0,
                reason,
                remedy,
                tuple(json.loads(warnings or "[]")),
            )
            for path, state, run, reason, remedy, passages, warnings in catalogue.rows(
                "SELECT f.path, f.state, f.run, f.reason, f.remedy, d.passages, d.warnings"
                " FROM files AS f LEFT JOIN documents AS d ON d.id = f.document ORDER BY f.path"
            )
        ),
        generation=number,
        documents=manifest.documents if manifest else 0,
        passages=manifest.passages if manifest else 0,
        encoder=manifest.encoder if manifest else "",
        created=manifest.created if manifest else None,
        started=_moment(catalogue, "started"),
        finished=_moment(catalogue, "finished"),
        catalogue_bytes=(index_dir / CATALOGUE).stat().st_size,
        arrays_bytes=manifest.bytes if manifest else 0,
    )


def _moment(catalogue: Catalogue, key: str) -> float | None:
    stored = catalogue.recall(key)
    return float(stored) if stored else None
