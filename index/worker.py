"""Parsing in worker processes: a hostile file can hang, exhaust or kill its worker, never the run.

Each worker is a process of its own (``python -m index.worker``) that reads files one after another for as long as it
lives. Its memory is limited by the system, its time by the parent, which kills it; the next file gets a new one.
Requests and answers are lines of JSON over pipes: unlike pickles, what a subverted worker sends cannot run code here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from index.documents import read_document
from index.documents.text import printable
from index.errors import DocumentProblem
from index.types import Block, Document, Place

_AHEAD = 4  # files in flight for each worker: enough to keep it busy, few enough to bound memory
_place = attrgetter(*(field.name for field in fields(Place)))
_GRACE_S = 5  # seconds after which a worker whose parent is gone ends itself


class ParserWorkers:
    """A pool of parser processes. Use it as a context manager; every method may be called from several threads.

    ``timeout_s`` and ``memory_mb`` limit one file. Memory is limited where the system can (not on Windows or macOS).
    With ``ocr`` scanned pages are read too, some seconds each: allow a longer time.
    """

    def __init__(
        self, processes: int = 1, timeout_s: float = 120.0, memory_mb: int = 2048, *, ocr: bool = False
    ) -> None:
        self._workers = [_Worker(timeout_s, memory_mb, ocr) for _ in range(processes)]
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="parser")

    def read(self, file: Path, path: str) -> Document:
        """As :func:`index.documents.read_document`, within the limits. Raises DocumentProblem."""
        worker = self._idle.get()
        try:
            return worker.read(file, path)
        finally:
            self._idle.put(worker)

    def map(self, files: Iterable[tuple[Path, str]]) -> Iterator[Document | DocumentProblem]:
        """The document or the problem of each ``(file, path)``, in the order given, read by all workers at once.

        ``files`` is taken lazily, a few ahead of what has been consumed.
        """
        pending: deque[Future[Document | DocumentProblem]] = deque()
        try:
            for file, path in files:
                pending.append(self._threads.submit(self._outcome, file, path))
                if len(pending) >= _AHEAD * len(self._workers):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    def _outcome(self, file: Path, path: str) -> Document | DocumentProblem:
        try:
            return self.read(file, path)
        except DocumentProblem as problem:
            return problem

    def close(self) -> None:
        """Kill the workers, also in the middle of a file. Calling it again does nothing."""
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Worker:
    """One process, started when the first file comes and again after it died."""

    def __init__(self, timeout_s: float, memory_mb: int, ocr: bool) -> None:
        self._ocr = ocr
        self._timeout_s = timeout_s
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._starting = threading.Lock()  # no process may start once the worker is stopped

    def read(self, file: Path, path: str) -> Document:
        name = printable(path)
        request = json.dumps([str(file), path, self._ocr]).encode() + b"\n"
        used = self._process is not None
        answer, late = self._ask(request, name)
        if used and not answer and not late:  # perhaps what earlier files left behind killed it
            answer, late = self._ask(request, name)
        if self._stopped:
            raise _interrupted(name)
        if answer:
            return _unpack(json.loads(answer))
        if late:
            raise DocumentProblem(
                f"«{name}» no se pudo leer en {self._timeout_s:g} segundos.",
                "Divídalo en partes más pequeñas, o guárdelo de nuevo por si está dañado.",
            )
        raise DocumentProblem(
            f"«{name}» hizo fallar al lector de su formato, o necesita más de {self._memory_mb} MB de memoria.",
            "Divídalo en partes más pequeñas, o guárdelo de nuevo por si está dañado.",
        )

    def _ask(self, request: bytes, name: str) -> tuple[bytes, bool]:
        """The answer of the process, empty when it died; and whether it was killed for being late."""
        process = self._running(name)
        assert process.stdin and process.stdout
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._timeout_s, stop)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:  # it died before it took the request
            answer = b""
        finally:
            timer.cancel()
        if answer.endswith(b"\n"):
            return answer, False
        self.end()
        return b"", late.is_set()

    def stop(self) -> None:
        """Kill the process, from any thread; the one that reads through it sees it end."""
        with self._starting:
            self._stopped = True
            if self._process:
                self._process.kill()

    def end(self) -> None:
        """Kill the process and clean up after it. Only for the thread that owns the worker."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # a request that was never taken
                if pipe:
                    pipe.close()

    def _running(self, name: str) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._stopped:
                raise _interrupted(name)
            if self._process and self._process.poll() is not None:
                self.end()
            if self._process is None:
                self._process = self._start()
            return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C at the terminal reaches only the parent, which ends its workers in order.
        return subprocess.Popen(
            [sys.executable, "-m", "index.worker", str(self._memory_mb), str(self._timeout_s + _GRACE_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )


def _interrupted(name: str) -> DocumentProblem:
    return DocumentProblem(f"«{name}» no se llegó a leer: la lectura se interrumpió.", "Vuelva a indexar.")


def _unpack(answer: dict[str, Any]) -> Document:
    if "problem" in answer:
        raise DocumentProblem(*answer["problem"])
    blocks = tuple(
        Block(start, end, kind, tuple(headings), Place(*place))
        for start, end, kind, headings, place in answer["blocks"]
    )
    return Document(answer["path"], answer["title"], answer["text"], blocks, tuple(answer["warnings"]))


def _pack(document: Document) -> dict[str, Any]:
    blocks = [(b.start, b.end, b.kind, b.headings, _place(b.place)) for b in document.blocks]
    return {
        "path": document.path,
        "title": document.title,
        "text": document.text,
        "blocks": blocks,
        "warnings": document.warnings,
    }


def main(memory_mb: int, limit_s: float) -> None:
    """Serve requests from standard input until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    _limit_memory(memory_mb)
    for line in sys.stdin.buffer:
        file, path, ocr = json.loads(line)
        if hasattr(signal, "alarm"):
            signal.alarm(int(limit_s))  # the default action ends the process: no orphan parses for ever
        exhausted = False
        try:
            answer = _pack(read_document(Path(file), path=path, ocr=ocr))
        except DocumentProblem as problem:
            answer = {"problem": (problem.message, problem.remedy)}
            exhausted = isinstance(problem.__cause__, MemoryError)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
        if exhausted:
            return  # what is left of the address space is in pieces; the next file gets a fresh process
        if hasattr(signal, "alarm"):
            signal.alarm(0)


def _limit_memory(memory_mb: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = memory_mb << 20
    with contextlib.suppress(ValueError, OSError):  # macOS does not enforce it, and may refuse
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
