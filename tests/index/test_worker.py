"""Parsing in worker processes: what they read, what they survive, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from index.documents import read_document
from index.errors import DocumentProblem
from index.types import Document
from index.worker import ParserWorkers

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the files that hang are pipes")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        (tmp_path / f"{number}.md").write_text(f"# Documento {number}\n\nTexto ñ.\n\n| a | b |\n|---|---|\n| c | d |\n")
    return tmp_path


def hanging(folder: Path) -> Path:
    """A file whose reading never ends: a pipe that nobody writes to."""
    file = folder / "cuelga.txt"
    os.mkfifo(file)
    return file


def pid(workers: ParserWorkers) -> int:
    process = workers._workers[0]._process
    assert process is not None
    return process.pid


def test_documents_come_out_as_if_read_here_and_in_order(folder: Path) -> None:
    files = [(folder / f"{number}.md", f"carpeta/{number}.md") for number in (*range(6), 9)]
    with ParserWorkers(2) as workers:
        outcomes = list(workers.map(files))
    assert [outcome for outcome in outcomes if isinstance(outcome, Document)] == [
        read_document(file, path=path) for file, path in files[:-1]
    ]
    assert isinstance(outcomes[-1], DocumentProblem) and "ya no está" in outcomes[-1].message


def test_one_process_reads_many_files(folder: Path) -> None:
    with ParserWorkers() as workers:
        workers.read(folder / "0.md", "0.md")
        first = pid(workers)
        workers.read(folder / "1.md", "1.md")
        assert pid(workers) == first


def test_files_are_taken_only_a_few_ahead(folder: Path) -> None:
    taken = 0

    def files() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield folder / "0.md", "0.md"

    with ParserWorkers() as workers:
        outcomes = workers.map(files())  # type: ignore[arg-type]
        next(outcomes)
        assert taken < 10
        outcomes.close()  # type: ignore[attr-defined]


def test_a_file_that_hangs_is_given_up_and_the_next_one_read(folder: Path) -> None:
    hanging(folder)
    with ParserWorkers(timeout_s=5) as workers:
        late, read = workers.map([(folder / "cuelga.txt", "cuelga.txt"), (folder / "0.md", "0.md")])
    assert isinstance(late, DocumentProblem) and "«cuelga.txt» no se pudo leer en 5 segundos" in late.message
    assert late.remedy and isinstance(read, Document)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce the limit")
def test_a_file_that_needs_too_much_memory_is_given_up_and_the_next_one_read(folder: Path) -> None:
    with (folder / "enorme.txt").open("wb") as file:
        file.truncate(2 << 30)  # a sparse file: it takes no room on the disk
    with ParserWorkers(memory_mb=600) as workers:
        with pytest.raises(DocumentProblem, match="memoria"):
            workers.read(folder / "enorme.txt", "enorme.txt")
        assert workers.read(folder / "0.md", "0.md").title == "Documento 0"


def test_a_worker_that_dies_between_files_is_not_noticed(folder: Path) -> None:
    with ParserWorkers() as workers:
        workers.read(folder / "0.md", "0.md")
        os.kill(pid(workers), signal.SIGKILL)
        assert workers.read(folder / "1.md", "1.md").title == "Documento 1"


def test_a_worker_that_dies_over_a_file_is_a_problem_of_that_file(folder: Path) -> None:
    file = hanging(folder)
    with ParserWorkers() as workers:
        outcome: list[DocumentProblem | Document] = []
        thread = threading.Thread(target=lambda: outcome.extend(workers.map([(file, "cuelga.txt")])))
        thread.start()
        while workers._workers[0]._process is None:
            time.sleep(0.01)
        os.kill(pid(workers), signal.SIGKILL)
        thread.join(20)
        assert isinstance(outcome[0], DocumentProblem) and "hizo fallar al lector" in outcome[0].message
        assert workers.read(folder / "0.md", "0.md").title == "Documento 0"


def test_closing_ends_a_reading_that_hangs(folder: Path) -> None:
    file = hanging(folder)
    workers = ParserWorkers()
    outcomes: list[DocumentProblem | Document] = []
    thread = threading.Thread(target=lambda: outcomes.extend(workers.map([(file, "cuelga.txt")])))
    thread.start()
    while workers._workers[0]._process is None:
        time.sleep(0.01)
    workers.close()
    thread.join(20)
    assert isinstance(outcomes[0], DocumentProblem) and "se interrumpió" in outcomes[0].message
    with pytest.raises(DocumentProblem, match="se interrumpió"):
        workers.read(folder / "0.md", "0.md")
    workers.close()


def test_ctrl_c_at_the_terminal_ends_everything_at_once(folder: Path) -> None:
    hanging(folder)
    program = (
        "import signal, sys; from pathlib import Path; from index.worker import ParserWorkers\n"
        # A shell that starts the tests in the background has them ignore Ctrl-C, and so their children.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "file = Path(sys.argv[1])\n"
        "with ParserWorkers(2) as workers:\n"
        "    outcomes = workers.map([(file.with_name('0.md'), '0.md'), (file, 'a'), (file, 'b')])\n"
        "    next(outcomes); print(workers._workers[0]._process.pid, flush=True); next(outcomes)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "cuelga.txt")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
    _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors and process.returncode
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_names_that_are_no_text_survive_the_journey(folder: Path) -> None:
    (folder / "aviso.csv").write_text("a;b\n" * 3)
    with ParserWorkers() as workers:
        assert workers.read(folder / "aviso.csv", "a\nb\udcff.csv").path == "a\nb\udcff.csv"


def test_a_worker_loads_neither_torch_nor_the_assistant() -> None:
    program = (
        "import index.worker, sys; print([m for m in ('torch', 'assistant', 'numpy', 'faiss') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
