"""Where a command meets the terminal: exit codes, the two consoles, and the one place that reports an error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING

from assistant.errors import Explanation, UsageProblem, explain

if TYPE_CHECKING:
    from rich.console import Console


_UNWRAPPED = 1_000_000


class ExitCode(IntEnum):
    """What a command returns to the shell; ``docs/exit-codes.md`` says the same to people."""

    OK = 0
    PARTIAL = 1  # done, but some files failed or some check did not hold
    USAGE = 2
    PROBLEM = 3  # a problem with a remedy
    INTERNAL = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT
    BROKEN_PIPE = 141  # 128 + SIGPIPE


class OutputClosed(Exception):
    """Whoever read our standard output has left."""


@cache
def out() -> Console:
    """Standard output: data. Honours NO_COLOR; where it is not a terminal, no styles and no wrapped lines."""
    terminal = _console()
    return terminal if terminal.is_terminal else _console(width=_UNWRAPPED)


@cache
def plain() -> Console:
    """Standard output for those who listen to it: no styles and no wrapped lines, in a terminal too."""
    return _console(width=_UNWRAPPED, plain=True)


@cache
def err() -> Console:
    """Standard error: progress, notices and problems."""
    return _console(stderr=True)


def _console(*, stderr: bool = False, width: int | None = None, plain: bool = False) -> Console:
    from rich.console import Console

    class OurConsole(Console):
        def on_broken_pipe(self) -> None:
            raise OutputClosed  # Rich would leave with an exit code of its own

    return OurConsole(stderr=stderr, width=width, force_terminal=False if plain else None, highlight=False)


def can_draw() -> bool:
    """Whether the terminal can show a full screen and take keys."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def one_line(text: str) -> str:
    """The text on one line, without control or bidirectional marks: a hostile file must not drive the terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+", " ", text)


def report(problem: Explanation) -> None:
    """Show a problem on standard error: what happened, and on the next line what to do."""
    from rich.text import Text

    console = err()
    console.print(Text.assemble(("Error: ", "bold red"), one_line(problem.message)), soft_wrap=True)
    if problem.remedy:
        console.print(Text.assemble(("  → ", "bold"), problem.remedy), soft_wrap=True)


def run(command: Callable[[], int | None]) -> int:
    """The exit code of ``command``, with every exception it lets out reported in the person's words.

    A traceback is shown only where ``ASSISTANT_DEBUG=1``.
    """
    debugging = os.environ.get("ASSISTANT_DEBUG", "") not in ("", "0")
    try:
        code = command() or ExitCode.OK
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except (OutputClosed, BrokenPipeError):
        # Let the interpreter's own flush at exit find a place to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except Exception as error:
        if debugging:
            raise
        problem = explain(error)
        if problem is None:
            report(_unforeseen(error))
            return ExitCode.INTERNAL
        report(problem)
        return ExitCode.USAGE if isinstance(error, UsageProblem) else ExitCode.PROBLEM


def _unforeseen(error: Exception) -> Explanation:
    return Explanation(
        f"Fallo interno del programa ({type(error).__name__}: {error}).",
        "Repita la orden con ASSISTANT_DEBUG=1 para ver el detalle y adjúntelo al informar del fallo.",
    )
