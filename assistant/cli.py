"""The ``assistant`` program: its commands and its exit codes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assistant import __version__, console
from assistant.commands import ask, calibrate, chat, config, demo, evaluate, index, models, search, status, verify, why
from assistant.spanish import SpanishCommand, SpanishGroup, usage_problem

EPILOG = """
Códigos de salida: 0 bien · 1 hecho, pero algún archivo falló · 2 orden mal escrita · 3 problema con remedio ·
70 fallo interno · 130 interrumpido.
"""

app = typer.Typer(
    name="assistant",
    cls=SpanishGroup,
    help="Contesta preguntas con las palabras exactas de sus documentos, sin conexión, y dice de dónde salen.",
    epilog=EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback(invoke_without_command=True)
def _program(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Muestra la versión y termina.")] = False,
) -> None:
    if version:
        _version()
    elif context.invoked_subcommand is None:
        chat.chat()


def _version() -> None:
    """Muestra la versión."""
    print(f"assistant {__version__}")


_ASKING = "Preguntar"
_INDEX = "Índice"
_MEASURE = "Medir"
_HOUSE = "Modelos y ajustes"

for name, command, panel in (
    ("chat", chat.chat, _ASKING),
    ("ask", ask.ask, _ASKING),
    ("search", search.search, _ASKING),
    ("why", why.why, _ASKING),
    ("demo", demo.demo, _ASKING),
    ("index", index.index, _INDEX),
    ("status", status.status, _INDEX),
    ("verify", verify.verify, _INDEX),
    ("eval", evaluate.evaluate, _MEASURE),
    ("calibrate", calibrate.calibrate, _MEASURE),
    ("config", config.config, _HOUSE),
    ("version", _version, _HOUSE),
):
    app.command(name, cls=SpanishCommand, rich_help_panel=panel)(command)
app.add_typer(models.app, name="models", rich_help_panel=_HOUSE)


def main() -> None:
    """Run the program and leave with its exit code."""
    sys.exit(console.run(_run))


def _run() -> int | None:
    try:
        result = app(prog_name="assistant", standalone_mode=False)
    except typer.TyperException as error:
        raise usage_problem(error) from error
    except typer.Abort:
        return console.ExitCode.INTERRUPTED
    return result if isinstance(result, int) else None
