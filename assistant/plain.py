"""A conversation line by line: for screen readers, pipes and terminals that cannot draw a screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

from assistant import console, render
from assistant.answering import Assistant

FAREWELLS = {"salir", "adiós", "exit", "quit"}
PROMPT = "\nPregunta: "


def converse(assistant: Assistant) -> None:
    """Answer each line of standard input until it ends, or until the person says goodbye."""
    if sys.stdin.isatty():
        console.err().print("Escriba su pregunta y pulse Intro; «salir» para terminar.")
    for line in _lines():
        if line.strip().casefold() in FAREWELLS:
            return
        if line.strip():
            console.out().print(render.result_view(assistant.ask(line)))
            sys.stdout.flush()


def _lines() -> Iterator[str]:
    """Lines from the terminal with editing and history where Python has them, or as they come from a pipe."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    with suppress(ImportError):
        import readline  # noqa: F401  # gives input() its keys
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            print()
            return
