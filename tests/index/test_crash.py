"""Whatever happens during a run, the published index stays usable and the next run ends as a clean build would.

``KILL_CASES=50`` kills that many runs instead of a few: half at a random step of the modules that write, half at a
random time.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from index import generations, publishing
from index.builder import update_index
from index.errors import IndexProblem, NoIndex
from index.local import open_index
from index.status import status
from index.store import CATALOGUE, Catalogue
from index.vectors import VectorIndex
from index.verify import verify
from tests.index.samples import BagEncoder, contents, make_folder, rankings, text_about, write

CASES = int(os.environ.get("KILL_CASES", "4"))
ROOT = Path(__file__).parents[2]


def change(folder: Path) -> None:
    """New, changed, moved and deleted files."""
    for number in range(20, 26):
        write(folder, f"nuevos/manual-{number}.md", text_about(number))
    write(folder, "manual-0.md", text_about(100))
    (folder / "manual-2.md").unlink()
    (folder / "manual-3.md").rename(folder / "sub" / "manual-3.md")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with its index, changed since; and the index of a clean build of what it holds now."""
    place = tmp_path_factory.mktemp("estados")
    folder = make_folder(place / "docs", 6)
    update_index(folder, encoder=BagEncoder())
    change(folder)
    update_index(folder, encoder=BagEncoder(), index_dir=place / "limpio")
    return folder, place / "limpio"


@contextmanager
def victim(folder: Path, *step: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to index the folder. It has no bytecode or imports left to do."""
    command = [sys.executable, "-m", "tests.index.victim", str(folder), *step]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


@pytest.fixture(scope="module")
def whole_run(states: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[int, float]:
    """How many steps and seconds a run takes that nobody kills."""
    folder = tmp_path_factory.mktemp("entero") / "docs"
    shutil.copytree(states[0], folder)
    with victim(folder, "0") as process:
        steps = int(process.communicate("go\n")[0])
    shutil.rmtree(folder)
    shutil.copytree(states[0], folder)
    with victim(folder) as process:
        started = time.monotonic()
        process.communicate("go\n")
        return steps, time.monotonic() - started


@pytest.mark.parametrize("case", range(CASES))
def test_a_killed_run_is_taken_up_by_the_next(
    case: int, states: tuple[Path, Path], whole_run: tuple[int, float], tmp_path: Path
) -> None:
    steps, seconds = whole_run
    chosen = random.Random(case)
    folder = tmp_path / "docs"
    shutil.copytree(states[0], folder, copy_function=shutil.copy2)
    index_dir = folder / ".assistant"
    published = contents(index_dir), contents(states[1])
    if case % 2:
        with victim(folder) as process:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
            time.sleep(chosen.uniform(0, seconds))
            process.kill()
    else:
        with victim(folder, str(chosen.randint(1, steps))) as process:
            process.communicate("go\n")
        assert process.returncode < 0

    assert contents(index_dir) in published
    assert len(rankings(index_dir)[0]) == 5
    done = {file.path for file in status(index_dir).files if file.path.startswith("nuevos/")}
    summary = update_index(folder, encoder=BagEncoder())
    assert done.isdisjoint(change.path for change in summary.changes)
    assert summary.indexed + summary.moved + summary.unchanged == 11
    assert contents(index_dir) == published[1]
    assert rankings(index_dir) == rankings(states[1])
    assert verify(index_dir, folder) == []
    assert len(list((index_dir / generations.FOLDER).iterdir())) == publishing.KEPT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_folder(tmp_path / "docs")
    update_index(folder, encoder=BagEncoder())
    return folder


def arrays(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / ".assistant" / generations.FOLDER).rglob("*") if path.is_file())


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x55
    file.write_bytes(data)


@pytest.mark.parametrize("number", range(3))
def test_a_missing_array_is_told_and_the_next_run_makes_it_again(folder: Path, number: int) -> None:
    index_dir = folder / ".assistant"
    before = contents(index_dir), rankings(index_dir)
    arrays(folder)[:: max(1, len(arrays(folder)) // 3)][number].unlink()
    with pytest.raises(IndexProblem, match="dañado") as caught:
        open_index(index_dir, encoder=BagEncoder())
    assert "assistant index" in caught.value.remedy
    assert verify(index_dir, folder) != []
    encoder = BagEncoder()
    summary = update_index(folder, encoder=encoder)
    assert (summary.unchanged, summary.encoded, encoder.encoded) == (4, 0, 0)
    assert (contents(index_dir), rankings(index_dir)) == before
    assert verify(index_dir, folder) == []


def test_a_flipped_bit_is_found_and_the_next_run_makes_the_arrays_again(folder: Path) -> None:
    index_dir = folder / ".assistant"
    before = rankings(index_dir)
    flip(next(file for file in arrays(folder) if file.suffix == ".faiss"))
    assert [difference.path for difference in verify(index_dir, folder)] == [""]
    update_index(folder, encoder=BagEncoder())
    assert verify(index_dir, folder) == []
    assert rankings(index_dir) == before


@pytest.mark.parametrize("damage", ["not a database", "zeros", "cut"])
def test_a_damaged_catalogue_is_made_again(folder: Path, damage: str) -> None:
    index_dir = folder / ".assistant"
    before = contents(index_dir), rankings(index_dir)
    data = (index_dir / CATALOGUE).read_bytes()
    broken = {"not a database": b"x" * len(data), "zeros": data[:4096] + bytes(len(data) - 4096), "cut": data[:5000]}
    (index_dir / CATALOGUE).write_bytes(broken[damage])
    for use in (lambda: open_index(index_dir, encoder=BagEncoder()), lambda: status(index_dir)):
        with pytest.raises(IndexProblem, match="dañado"):
            use()
    summary = update_index(folder, encoder=BagEncoder())
    assert summary.notes == ("El índice estaba dañado y se ha vuelto a crear entero.",)
    assert (contents(index_dir), rankings(index_dir)) == before
    assert verify(index_dir, folder) == []


def test_an_index_of_another_format_is_made_again(folder: Path) -> None:
    index_dir = folder / ".assistant"
    with sqlite3.connect(index_dir / CATALOGUE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(IndexProblem, match="otra versión"):
        open_index(index_dir, encoder=BagEncoder())
    assert "otra versión" in update_index(folder, encoder=BagEncoder()).notes[0]
    assert verify(index_dir, folder) == []


def test_an_index_of_another_analyzer_gets_new_arrays_and_nothing_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_dir = folder / ".assistant"
    monkeypatch.setattr(publishing, "analysis_recipe", lambda: "another")
    with pytest.raises(IndexProblem, match="otra versión"):
        open_index(index_dir, encoder=BagEncoder())
    summary = update_index(folder, encoder=BagEncoder())
    assert (summary.unchanged, summary.encoded) == (4, 0)
    assert open_index(index_dir, encoder=BagEncoder()).generation == 2


def test_no_index(tmp_path: Path, folder: Path) -> None:
    for use in (lambda: open_index(tmp_path / "nada"), lambda: status(tmp_path / "nada")):
        with pytest.raises(NoIndex) as caught:
            use()
        assert "assistant index" in caught.value.remedy


def test_a_full_disk_while_reading(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_dir = folder / ".assistant"
    before = contents(index_dir), rankings(index_dir)
    change(folder)
    for number in range(5):
        write(folder, f"largo-{number}.md", "\n\n".join(f"Párrafo {number} {line}." for line in range(400)))
    create = Catalogue.create

    def nearly_full(index_dir: Path) -> Catalogue:
        catalogue = create(index_dir)
        (pages,) = catalogue.one("PRAGMA page_count")
        catalogue.run(f"PRAGMA max_page_count = {pages + 20}")
        return catalogue

    monkeypatch.setattr(Catalogue, "create", nearly_full)
    with pytest.raises(IndexProblem, match="No queda espacio") as caught:
        update_index(folder, encoder=BagEncoder())
    assert "continuará" in caught.value.remedy
    assert (contents(index_dir), rankings(index_dir)) == before
    monkeypatch.undo()
    goes_on(folder, tmp_path)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "x"), OSError("9 requested and 3 written"), RuntimeError("No space left on device")]
)
def test_a_full_disk_while_writing_the_arrays(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    index_dir = folder / ".assistant"
    before = contents(index_dir), rankings(index_dir)
    change(folder)

    def fail(self: VectorIndex, folder: Path) -> None:
        (folder / "vectors.faiss").write_bytes(b"half")
        raise error

    monkeypatch.setattr(VectorIndex, "save", fail)
    with pytest.raises(IndexProblem, match="No queda espacio"):
        update_index(folder, encoder=BagEncoder())
    assert (contents(index_dir), rankings(index_dir)) == before
    monkeypatch.undo()
    goes_on(folder, tmp_path)


def goes_on(folder: Path, tmp_path: Path) -> None:
    """The next run ends as a clean build does."""
    update_index(folder, encoder=BagEncoder())
    update_index(folder, encoder=BagEncoder(), index_dir=tmp_path / "limpio")
    assert contents(folder / ".assistant") == contents(tmp_path / "limpio")
    assert rankings(folder / ".assistant") == rankings(tmp_path / "limpio")
    assert verify(folder / ".assistant", folder) == []


def test_arrays_that_cannot_be_opened_are_never_published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rankings(folder / ".assistant")
    change(folder)
    save = VectorIndex.save

    def lose_the_end(self: VectorIndex, folder: Path) -> None:
        save(self, folder)
        file = folder / "vectors.faiss"
        file.write_bytes(file.read_bytes()[:-100])

    monkeypatch.setattr(VectorIndex, "save", lose_the_end)
    with pytest.raises(IndexProblem, match="no se puede volver a leer"):
        update_index(folder, encoder=BagEncoder())
    assert rankings(folder / ".assistant") == before


def test_a_searcher_keeps_its_generation_until_refreshed(folder: Path) -> None:
    index_dir = folder / ".assistant"
    searcher = open_index(index_dir, encoder=BagEncoder())
    before = searcher.search(["vacaciones"], k=12)
    old = searcher.document("manual-0.md")
    assert not searcher.refresh()
    change(folder)
    update_index(folder, encoder=BagEncoder())
    assert searcher.generation == 1
    assert searcher.search(["vacaciones"], k=12) == before
    assert searcher.document("manual-0.md") == old
    assert searcher.refresh()
    assert searcher.generation == 2
    assert searcher.document("manual-0.md") != old
    assert searcher.stats.documents == 9
    searcher.close()


def test_a_searcher_left_behind_moves_on_by_itself(folder: Path) -> None:
    searcher = open_index(folder / ".assistant", encoder=BagEncoder())
    for number in range(3):
        write(folder, "manual-0.md", text_about(50 + number))
        update_index(folder, encoder=BagEncoder())
    hits = searcher.search(["52 vacaciones 72"], k=3)[0]
    assert searcher.generation == 4
    for hit in hits:
        document = searcher.document(hit.passage.document)
        assert document.text[hit.passage.start : hit.passage.end] == hit.passage.text
    searcher.close()


def test_a_searcher_moves_on_to_an_index_made_anew(folder: Path) -> None:
    searcher = open_index(folder / ".assistant", encoder=BagEncoder())
    (folder / ".assistant" / CATALOGUE).write_bytes(b"x" * 5000)
    with pytest.raises(IndexProblem, match="dañado"):
        searcher.search(["vacaciones"])
    write(folder, "manual-0.md", text_about(60))
    update_index(folder, encoder=BagEncoder())
    assert searcher.refresh()
    assert "60" in searcher.document("manual-0.md").text
    shutil.rmtree(folder / ".assistant")
    assert not searcher.refresh()  # gone for the moment: what is loaded goes on serving
    write(folder, "manual-0.md", text_about(61))
    update_index(folder, encoder=BagEncoder())
    assert searcher.refresh()
    assert "61" in searcher.document("manual-0.md").text
    searcher.close()


def test_many_threads_search_while_the_index_moves(folder: Path) -> None:
    searcher = open_index(folder / ".assistant", encoder=BagEncoder())
    stop = threading.Event()

    def ask() -> int:
        answered = 0
        while not stop.is_set():
            for hit in searcher.search(["vacaciones de la impresora"], k=5)[0]:
                assert hit.passage.text
                answered += 1
            searcher.refresh()
        return answered

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for number in range(4):
            write(folder, "manual-0.md", text_about(70 + number))
            update_index(folder, encoder=BagEncoder())
        stop.set()
        assert all(future.result() for future in asking)
    assert searcher.refresh() or searcher.generation == 5
    searcher.close()


def test_a_second_process_says_so_while_the_first_goes_on(folder: Path) -> None:
    with FileLock(folder / ".assistant" / "lock"), victim(folder) as process:
        process.communicate("go\n")
    assert process.returncode != 0
    assert update_index(folder, encoder=BagEncoder()).unchanged == 4
