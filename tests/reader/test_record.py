"""Records tell what is needed to repeat a run, and nothing of the machine; progress goes to stderr in plain lines."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from reader.errors import ReaderProblem
from reader.progress import duration, progress
from reader.record import new_record, read_record, write_record
from reader.runs import open_run


def test_a_record_is_portable_and_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "preguntas.json"
    data.write_bytes(b"{}")
    monkeypatch.setattr("sys.argv", ["/opt/x/__main__.py", "train", "--train", str(data), "--base", "beto-base"])
    record = new_record("train", {"train": (data,), "out": Path("runs/a"), "epochs": 2.0, "dev": None}, [data])
    assert record["command"] == ["python", "-m", "reader", "train", "--train", "preguntas.json", "--base", "beto-base"]
    assert record["arguments"] == {"train": ["preguntas.json"], "out": "runs/a", "epochs": 2.0, "dev": None}
    assert record["data"] == [{"name": "preguntas.json", "bytes": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}]
    assert str(tmp_path) not in json.dumps(record)
    write_record(tmp_path / "run.json", record)
    assert read_record(tmp_path / "run.json") == record
    assert read_record(tmp_path / "otro.json") is None
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_run_is_started_continued_or_refused(tmp_path: Path) -> None:
    data = tmp_path / "d.json"
    data.write_text("1")
    out = tmp_path / "out"
    record = new_record("train", {"seed": 1}, [data])
    assert "resumed" not in open_run(out, record)
    assert len(open_run(out, record)["resumed"]) == 1
    assert len(open_run(out, record)["resumed"]) == 2
    with pytest.raises(ReaderProblem, match="seed"):
        open_run(out, new_record("train", {"seed": 2}, [data]))
    data.write_text("2")
    with pytest.raises(ReaderProblem, match="los datos"):
        open_run(out, new_record("train", {"seed": 1}, [data]))
    (out / "run.json").write_text("{")
    with pytest.raises(ReaderProblem, match="dañado"):
        open_run(out, record)
    (tmp_path / "fichero").write_text("")
    with pytest.raises(ReaderProblem, match="No se puede escribir"):
        open_run(tmp_path / "fichero" / "out", record)


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59, "59 s"), (61, "1 min"), (3900, "1 h 05 min")])
def test_durations_as_a_person_says_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_progress_in_lines_says_the_first_and_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Entrenando", 40, done=10) as report:
        for done in range(11, 41):
            report(done, f"paso {done}")
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert not captured.out and len(lines) == 2  # the rest came too soon after the first
    assert lines[0].startswith("Entrenando: 28 % · paso 11 · quedan ")
    assert lines[1] == "Entrenando: 100 % · paso 40 · quedan 0 s"
    with progress("Nada", 1, shown=False) as report:
        report(1, "")
    assert not capsys.readouterr().err
