"""A conversation line by line: for screen readers, pipes and terminals that cannot draw a screen.

No colour, no movement, one paragraph a line; the cited words stand between «». The prompt and the notices are for a
person at a terminal and go to standard error, so that standard output holds the answers alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

from assistant import console, render
from assistant.answering import Assistant
from assistant.errors import explain

FAREWELLS = {"salir", "adiós", "adios", "exit", "quit"}
PROMPT = "Pregunta: "


def converse(assistant: Assistant) -> int:
    """Answer each line of standard input until it ends or the person says goodbye. Returns the exit code."""
    return PlainChat(assistant).run()


class PlainChat:
    """Reads lines, hands each to :meth:`answer` and goes on after a problem."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.attended = sys.stdin.isatty()
        self.code = console.ExitCode.OK

    def run(self) -> int:
        self.tell("Escriba su pregunta y pulse Intro; «salir» para terminar.")
        for line in self.lines():
            line = line.strip()
            if line.casefold() in FAREWELLS:
                break
            if line:
                self.meet(line)
        return self.code

    def meet(self, line: str) -> None:
        """Answer one line. A problem is told and the conversation goes on; so it does after Ctrl+C, if attended."""
        try:
            self.answer(line)
            sys.stdout.flush()
        except KeyboardInterrupt:
            if not self.attended:
                raise
            self.tell("\nCancelada.")
        except (BrokenPipeError, console.OutputClosed):
            raise
        except Exception as error:
            problem = explain(error)
            if problem is None:
                raise
            console.report(problem)
            self.code = console.ExitCode.PARTIAL

    def answer(self, line: str) -> None:
        self.show(self.assistant.ask(line))

    def show(self, result: render.Result) -> None:
        console.plain().print(render.result_view(result))

    def tell(self, text: str) -> None:
        """A notice for a person at the terminal; in a pipe, nothing."""
        if self.attended:
            print(text, file=sys.stderr, flush=True)

    def lines(self) -> Iterator[str]:
        """Lines from the terminal with editing and history where Python has them, or as they come from a pipe."""
        if not self.attended:
            yield from sys.stdin
            return
        with suppress(ImportError):
            import readline  # noqa: F401  # gives input() its keys
        while True:
            try:
                yield self.asked()
            except EOFError:
                self.tell("")
                return

    def asked(self) -> str:
        if sys.stdout.isatty():
            return input(PROMPT)
        # input() would write the prompt among the answers.
        print(PROMPT, end="", file=sys.stderr, flush=True)
        return input()
