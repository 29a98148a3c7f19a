"""The conversation line by line: in a pipe, at a terminal, interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from assistant import console, settings
from assistant.answering import Assistant
from assistant.console import ExitCode
from assistant.plain import PROMPT, converse
from assistant.settings import Settings
from index.errors import IndexProblem
from tests.assistant.fakes import FakeReader, FakeSearcher, document_of, finder, passage_of

PROGRAM = [Path(sys.executable).with_name("assistant")]
DOCUMENT = document_of("permisos.pdf", "El permiso por mudanza es de 1 día hábil.")
QUESTION = "¿Cuánto dura el permiso por mudanza?"


class Keyboard(StringIO):
    """Standard input that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def assistant() -> Assistant:
    console.plain.cache_clear()
    console.err.cache_clear()
    searcher = FakeSearcher([DOCUMENT], [passage_of(DOCUMENT, 0, len(DOCUMENT.text))])
    return Assistant(searcher, FakeReader(finder({"1 día hábil": 3.0})), Settings())


def test_in_a_pipe_only_answers_are_written_and_words_are_marked(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(f"{QUESTION}\n\nADIÓS\n{QUESTION}\n"))
    assert converse(assistant) == ExitCode.OK
    shown = capsys.readouterr()
    assert shown.err == "" and shown.out.count("El permiso por mudanza es de «1 día hábil».") == 1
    assert "permisos.pdf · pág. 1 · Vacaciones" in shown.out and "\x1b" not in shown.out


def test_at_a_terminal_prompt_and_notices_stay_out_of_the_answers(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(f"{QUESTION}\n"))
    assert converse(assistant) == ExitCode.OK
    shown = capsys.readouterr()
    assert shown.err.startswith("Escriba su pregunta") and shown.err.count(PROMPT) == 2
    assert shown.out.startswith("El permiso por mudanza") and PROMPT not in shown.out


@pytest.mark.parametrize("colour", ["NO_COLOR", "FORCE_COLOR"])
def test_no_colour_even_where_it_is_forced(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], colour: str
) -> None:
    monkeypatch.setenv(colour, "1")
    monkeypatch.setattr(sys, "stdin", Keyboard(f"{QUESTION}\n"))
    converse(assistant)
    assert "\x1b" not in capsys.readouterr().out


def failing_once(assistant: Assistant, error: BaseException) -> Callable[[str], object]:
    answers = iter([error])
    ask = assistant.ask

    def answer(question: str) -> object:
        for failure in answers:
            raise failure
        return ask(question)

    return answer


def test_a_problem_is_told_and_the_conversation_goes_on(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assistant, "ask", failing_once(assistant, IndexProblem("Falta el índice.", "Hágalo.")))
    monkeypatch.setattr(sys, "stdin", StringIO(f"{QUESTION}\n{QUESTION}\n"))
    assert converse(assistant) == ExitCode.PARTIAL
    shown = capsys.readouterr()
    assert "Falta el índice." in shown.err and shown.out.count("«1 día hábil»") == 1


def test_an_answer_is_cancelled_by_a_person_and_ended_in_a_pipe(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assistant, "ask", failing_once(assistant, KeyboardInterrupt()))
    monkeypatch.setattr(sys, "stdin", Keyboard(f"{QUESTION}\n{QUESTION}\n"))
    assert converse(assistant) == ExitCode.OK
    shown = capsys.readouterr()
    assert "Cancelada." in shown.err and shown.out.count("«1 día hábil»") == 1
    monkeypatch.setattr(assistant, "ask", failing_once(assistant, KeyboardInterrupt()))
    monkeypatch.setattr(sys, "stdin", StringIO(f"{QUESTION}\n"))
    with pytest.raises(KeyboardInterrupt):
        converse(assistant)


# -- the program itself, in a process of its own


@pytest.fixture
def folder(home: Path, documents: Path, tiny_encoder: Path, tiny_reader: Path) -> Path:
    """An indexed folder, and settings that name the tiny models."""
    settings.store("encoder", str(tiny_encoder))
    settings.store("reader", str(tiny_reader))
    settings.store("device", "cpu")
    settings.store("threshold", -1000.0)
    subprocess.run([*PROGRAM, "index", documents], check=True, capture_output=True)
    return documents


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")
@pytest.mark.parametrize("command", ["ask", "chat --plain"])
@pytest.mark.parametrize("ending", ["interrupted", "closed"])
def test_a_pipe_gets_each_answer_at_once_and_leaving_is_quiet(folder: Path, command: str, ending: str) -> None:
    place = ["--folder", folder] if command == "ask" else [folder]
    with subprocess.Popen(
        [*PROGRAM, *command.split(), *place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin and running.stdout and running.stderr
        running.stdin.write(QUESTION.encode() + b"\n")
        running.stdin.flush()
        assert running.stdout.readline().strip()  # with the input still open
        if ending == "interrupted":
            running.send_signal(signal.SIGINT)
        else:
            running.stdout.close()
            running.stdin.write(QUESTION.encode() + b"\n")
            running.stdin.flush()
        assert running.wait(timeout=120) == (ExitCode.INTERRUPTED if ending == "interrupted" else ExitCode.BROKEN_PIPE)
        assert running.stderr.read().decode() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_at_a_real_terminal_there_is_a_prompt_and_no_escape_sequence(folder: Path, term: str) -> None:
    import pty

    # A dumb terminal gets the plain chat without asking for it.
    arguments = [folder] if term == "dumb" else [folder, "--plain"]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": term}
    environment.pop("NO_COLOR")
    with subprocess.Popen([*PROGRAM, "chat", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        os.write(ours, f"{QUESTION}\nsalir\n".encode())
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # how Linux tells that nobody holds the other end any more
            pass
    os.close(ours)
    text = shown.decode()
    assert text.count(PROMPT) == 2 and "«" in text.partition(PROMPT)[2]
    assert "\x1b" not in text.replace("\x1b[?2004h", "").replace("\x1b[?2004l", "")  # readline's bracketed paste
