"""Exceptions become a Spanish message, a remedy and an exit code, in one place."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from assistant import console
from assistant.console import ExitCode
from assistant.errors import AssistantProblem, SettingsProblem, UsageProblem, explain
from index.errors import DocumentProblem, NoIndex
from reader.errors import ModelProblem


@pytest.fixture(autouse=True)
def fresh_consoles() -> None:
    """The consoles hold the streams that were standard when they were made; each test has its own."""
    console.out.cache_clear()
    console.err.cache_clear()


def raising(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageProblem("Sobra algo.", "Quítelo."), ExitCode.USAGE),
        (SettingsProblem("El ajuste no vale.", "Corríjalo."), ExitCode.PROBLEM),
        (AssistantProblem("No se puede.", "Haga otra cosa."), ExitCode.PROBLEM),
        (NoIndex("No hay índice.", "Créelo."), ExitCode.PROBLEM),
        (DocumentProblem("El archivo está roto.", "Repárelo."), ExitCode.PROBLEM),
        (ModelProblem("No está el modelo.", "Descárguelo."), ExitCode.PROBLEM),
        (PermissionError(errno.EACCES, "denied", "/x/y"), ExitCode.PROBLEM),
        (FileNotFoundError(errno.ENOENT, "none", "/x/y"), ExitCode.PROBLEM),
        (OSError(errno.ENOSPC, "full"), ExitCode.PROBLEM),
        (MemoryError(), ExitCode.PROBLEM),
    ],
)
def test_a_foreseen_problem_is_shown_with_its_remedy(
    error: BaseException, code: ExitCode, capsys: pytest.CaptureFixture[str]
) -> None:
    assert console.run(raising(error)) == code
    shown = capsys.readouterr()
    explanation = explain(error)
    assert explanation is not None and explanation.remedy
    assert shown.out == ""
    assert shown.err == f"Error: {explanation.message}\n  → {explanation.remedy}\n"


def test_a_bug_is_told_in_two_lines_and_shown_whole_when_debugging(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSISTANT_DEBUG", raising=False)
    assert console.run(raising(KeyError("clave"))) == ExitCode.INTERNAL
    shown = capsys.readouterr().err
    assert "KeyError: 'clave'" in shown and "ASSISTANT_DEBUG=1" in shown and "Traceback" not in shown
    monkeypatch.setenv("ASSISTANT_DEBUG", "1")
    with pytest.raises(KeyError):
        console.run(raising(KeyError("clave")))


def test_interruption_and_success_have_their_codes() -> None:
    assert console.run(raising(KeyboardInterrupt())) == ExitCode.INTERRUPTED
    assert console.run(lambda: None) == ExitCode.OK
    assert console.run(lambda: ExitCode.PARTIAL) == ExitCode.PARTIAL


def test_markup_in_a_file_name_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.run(raising(AssistantProblem("No existe «[bold]x[/bold].pdf».", "Mire [aquí].")))
    assert "«[bold]x[/bold].pdf»" in capsys.readouterr().err
