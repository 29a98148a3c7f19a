"""Indexing as it goes, on standard error: a bar in a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant import console

if TYPE_CHECKING:
    from index.summary import Progress, Stage

SECONDS_BETWEEN_LINES = 5.0
_STAGES: dict[Stage, str] = {"reading": "Leyendo", "encoding": "Codificando", "writing": "Guardando"}


@contextmanager
def indexing() -> Iterator[Callable[[Progress], None]]:
    """A callback for ``update_index`` that shows files, passages, rate and time left."""
    if console.err().is_terminal:
        yield from _bar()
    else:
        yield from _lines()


def describe(at: Progress) -> str:
    """«Leyendo: 12 de 40 archivos, 310 pasajes»."""
    if at.stage == "reading":
        return f"{_STAGES[at.stage]}: {at.files_done} de {at.files_total} archivos, {at.passages} pasajes"
    return f"{_STAGES[at.stage]}: {at.passages} de {at.passages_total} pasajes"


class Pace:
    """Rate and time left of the stage at hand; a new stage starts its own clock."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._began = 0.0
        self._first = 0

    def words(self, at: Progress) -> str:
        """«35 archivos/s · quedan 12 s»; empty until there is something to measure."""
        done, total = amount(at)
        if at.stage != self._stage:
            self._stage, self._began, self._first = at.stage, at.seconds, done
        seconds, made = at.seconds - self._began, done - self._first
        if seconds <= 0 or made <= 0:
            return ""
        rate = made / seconds
        unit = "archivos" if at.stage == "reading" else "pasajes"
        speed = f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}".replace(".", ",")
        return f"{speed} {unit}/s · quedan {duration((total - done) / rate)}"


def amount(at: Progress) -> tuple[int, int]:
    """How much of the stage is done, and of how much."""
    return (at.files_done, at.files_total) if at.stage == "reading" else (at.passages, at.passages_total)


def duration(seconds: float) -> str:
    """«8 s», «3 min 05 s», «1 h 20 min»."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    pace = Pace()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[pace]}"))
    with Bar(*columns, console=console.err(), transient=True) as bar:
        task = bar.add_task("Mirando la carpeta…", total=None, pace="")

        def show(at: Progress) -> None:
            done, total = amount(at)
            bar.update(task, description=describe(at), completed=done, total=total, pace=pace.words(at))

        yield show


def _lines() -> Iterator[Callable[[Progress], None]]:
    pace = Pace()
    last_line, last_stage = time.monotonic(), None

    def show(at: Progress) -> None:
        nonlocal last_line, last_stage
        measured = pace.words(at)
        now = time.monotonic()
        if now - last_line < SECONDS_BETWEEN_LINES and at.stage in (last_stage, "reading"):
            return
        last_line, last_stage = now, at.stage
        console.err().print(" · ".join(part for part in (describe(at), measured) if part), markup=False, soft_wrap=True)

    yield show
