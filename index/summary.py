"""What an indexing run tells while it works and when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.changes import Change
from index.folder import FileOutcome

Stage = Literal["reading", "encoding", "writing"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is. In ``encoding``, ``passages`` of ``passages_total`` are encoded; in ``reading``, found so far."""

    files_done: int
    files_total: int
    passages: int
    current: str  # the path of the file at hand; empty in later stages
    seconds: float  # since the run began
    stage: Stage = "reading"
    passages_total: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, or with ``dry_run`` would do."""

    indexed: int  # files read: new or changed
    unchanged: int
    moved: int
    deleted: int
    skipped: tuple[FileOutcome, ...]
    failed: tuple[FileOutcome, ...]
    passages: int  # in the whole index
    encoded: int  # passages that had to be encoded
    warnings: tuple[FileOutcome, ...]  # of files that are in the index, e.g. pages without text
    notes: tuple[str, ...]  # about the index as a whole
    changes: tuple[Change, ...]  # by path
    seconds: float
