"""Where ``python -m reader`` meets the terminal: Spanish help and usage errors, problems on stderr, exit codes."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from reader.errors import ReaderProblem

PROGRAM = "python -m reader"
OK, USAGE, PROBLEM, INTERRUPTED = 0, 2, 3, 130

# What Typer writes in its plain help pages, and what we say instead.
_HELP = {
    "Usage: ": "Uso: ",
    "Arguments:": "Argumentos:",
    "Options:": "Opciones:",
    "Commands:": "Órdenes:",
    "[OPTIONS]": "[OPCIONES]",
    "COMMAND [ARGS]...": "ORDEN …",
    "[required]": "[obligatorio]",
    "[default: ": "[por omisión: ",
    "Show this message and exit.": "Muestra esta ayuda y termina.",
}


class SpanishCommand(TyperCommand):
    """A command whose help page is in Spanish."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, formatter)
        _translate(formatter)


class SpanishGroup(TyperGroup):
    """A group whose help page is in Spanish, with its commands in the order they were added."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, formatter)
        _translate(formatter)


def _translate(formatter: Any) -> None:
    text = formatter.getvalue()
    for english, spanish in _HELP.items():
        text = text.replace(english, spanish)
    formatter.buffer[:] = [text]


def run(app: typer.Typer, arguments: list[str] | None = None) -> int:
    """Run the program and return its exit code; problems are told on stderr with their remedy."""
    try:
        result = app(arguments, prog_name=PROGRAM, standalone_mode=False)
    except ReaderProblem as problem:
        return tell(problem, PROBLEM)
    except typer.TyperException as error:
        return tell(_usage_problem(error), USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output left; let the interpreter's own flush at exit find a place to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return result if isinstance(result, int) else OK


def tell(problem: ReaderProblem, code: int) -> int:
    """Write a problem and its remedy to stderr; returns ``code``."""
    print(f"Error: {problem.message}", file=sys.stderr)
    if problem.remedy:
        print(f"  → {problem.remedy}", file=sys.stderr)
    return code


def _usage_problem(error: typer.TyperException) -> ReaderProblem:
    context = getattr(error, "ctx", None)
    remedy = f"Vea «{context.command_path if context else PROGRAM} --help»."
    option, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    name = max(parameter.opts, key=len) if parameter else ""
    match type(error).__name__:
        case "NoSuchOption":
            return ReaderProblem(f"No existe la opción «{option}».", remedy)
        case "BadOptionUsage":
            return ReaderProblem(f"La opción «{option}» está mal escrita o le falta su valor.", remedy)
        case "MissingParameter" if name:
            return ReaderProblem(f"Falta «{name}».", remedy)
        case "BadParameter" if name:
            return ReaderProblem(f"El valor de «{name}» no vale.", remedy)
    if error.message.startswith("No such command"):
        name = error.message.split("'")[1]
        return ReaderProblem(f"No existe la orden «{name}».", remedy)
    return ReaderProblem(f"Orden mal escrita: {error.message}", remedy)
