"""Progress as plain lines, and the arithmetic of rate and time left."""

from __future__ import annotations

import pytest

from assistant import console, progress
from index.summary import Progress


def test_pace_measures_each_stage_by_itself() -> None:
    pace = progress.Pace()
    assert pace.words(Progress(0, 40, 0, "a", 1.0)) == ""
    assert pace.words(Progress(20, 40, 300, "b", 3.0)) == "10 archivos/s · quedan 2 s"
    assert pace.words(Progress(40, 40, 0, "", 10.0, "encoding", 600)) == ""
    assert pace.words(Progress(40, 40, 100, "", 60.0, "encoding", 600)) == "2,0 pasajes/s · quedan 4 min 10 s"


def test_durations_in_words() -> None:
    assert [progress.duration(seconds) for seconds in (0, 59.6, 125, 7320)] == [
        "0 s",
        "1 min 00 s",
        "2 min 05 s",
        "2 h 02 min",
    ]


def test_without_a_terminal_a_line_for_each_stage(capsys: pytest.CaptureFixture[str]) -> None:
    console.err.cache_clear()
    with progress.indexing() as show:
        show(Progress(1, 2, 5, "[a].md", 0.1))
        show(Progress(2, 2, 0, "", 0.2, "encoding", 9))
        show(Progress(2, 2, 9, "", 0.3, "encoding", 9))
        show(Progress(2, 2, 9, "", 0.4, "writing", 9))
    assert capsys.readouterr().err.splitlines() == ["Codificando: 0 de 9 pasajes", "Guardando: 9 de 9 pasajes"]
