"""Changes of a folder are told once it has come to rest; those of the index and of hidden files are not."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from index.errors import IndexProblem
from index.watch import watch
from tests.index.samples import make_folder, write

PATIENCE_S = 20  # for what must happen; nothing waits so long when all is well
QUIET_S = 0.4


@contextmanager
def watching(folder: Path) -> Iterator[SimpleQueue[str]]:
    """A queue that gets "changed" for each burst of changes."""
    told: SimpleQueue[str] = SimpleQueue()
    stop = threading.Event()

    def run() -> None:
        for _ in watch(folder, quiet_s=QUIET_S, stop=stop):
            told.put("changed")

    thread = threading.Thread(target=run)
    thread.start()
    try:
        settle(folder, told)
        yield told
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def settle(folder: Path, told: SimpleQueue[str]) -> None:
    """Wait until the watcher is at work: changes are made until one is told, then until all are."""
    for attempt in range(int(PATIENCE_S / 0.1)):
        write(folder, "señal.txt", str(attempt))
        try:
            told.get(timeout=0.1 + 2 * QUIET_S)
            break
        except Empty:
            continue
    else:
        pytest.fail("the watcher told nothing")
    with contextlib.suppress(Empty):
        while told.get(timeout=5 * QUIET_S):
            pass


def test_a_burst_of_changes_is_told_once(tmp_path: Path) -> None:
    with watching(make_folder(tmp_path / "docs")) as told:
        for number in range(5):
            write(tmp_path / "docs", f"nuevo-{number}.txt", "Algo.")
        (tmp_path / "docs" / "manual-0.md").unlink()
        assert told.get(timeout=PATIENCE_S) == "changed"
        with pytest.raises(Empty):
            told.get(timeout=5 * QUIET_S)


def test_the_index_and_hidden_files_do_not_count_but_the_ignore_file_does(tmp_path: Path) -> None:
    with watching(make_folder(tmp_path / "docs")) as told:
        write(tmp_path / "docs", ".assistant/catalogue.sqlite", "x")
        write(tmp_path / "docs", "sub/.oculto/nota.txt", "x")
        write(tmp_path / "docs", "~$manual.docx", "x")
        with pytest.raises(Empty):
            told.get(timeout=5 * QUIET_S)
        write(tmp_path / "docs", ".assistantignore", "sub/")
        assert told.get(timeout=PATIENCE_S) == "changed"


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="No existe la carpeta"):
        next(watch(tmp_path / "nada"))


def test_without_the_optional_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(IndexProblem, match="watchfiles") as caught:
        next(watch(tmp_path))
    assert "[watch]" in caught.value.remedy
