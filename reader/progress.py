"""Progress of long work on stderr: a bar where a person looks on, a plain line now and then where it goes to a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_SECONDS_BETWEEN_LINES = 30.0


class Report(Protocol):
    """``report(done, note)``: how much is done, in the unit of the total, and what to show beside it."""

    def __call__(self, done: float, note: str) -> None: ...


@contextmanager
def progress(title: str, total: float, *, done: float = 0.0, shown: bool = True) -> Iterator[Report]:
    """Show work from ``done`` to ``total`` with the time left, estimated from what this process has done itself."""
    if not shown:
        yield lambda done, note: None
    elif sys.stderr.isatty():
        yield from _bar(title, total, done)
    else:
        yield from _lines(title, total, done)


def _bar(title: str, total: float, done: float) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    note_column = TextColumn("{task.fields[note]}")
    with Progress(*columns, note_column, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total, note="")
        bar.update(task, completed=done)
        yield lambda done, note: bar.update(task, completed=done, note=note)


def _lines(title: str, total: float, first: float) -> Iterator[Report]:
    started = time.monotonic()
    last_line = 0.0

    def report(done: float, note: str) -> None:
        nonlocal last_line
        now = time.monotonic()
        if now - last_line < _SECONDS_BETWEEN_LINES and done < total:
            return
        last_line = now
        left = (now - started) * (total - done) / (done - first) if done > first else 0.0
        share = 100 * done / total if total else 100.0
        print(f"{title}: {share:.0f} % · {note} · quedan {duration(left)}", file=sys.stderr, flush=True)

    yield report


def duration(seconds: float) -> str:
    """``"1 h 05 min"``, ``"3 min"`` or ``"20 s"``."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes else f"{rest} s"
