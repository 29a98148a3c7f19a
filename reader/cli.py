"""``python -m reader``: the commands, each in its own module under ``reader.commands``."""

from __future__ import annotations

import sys

import typer

from reader import console
from reader.commands import describe, download, evaluate, export, predict, pretrain, recipe, recurrent, train

app = typer.Typer(
    cls=console.SpanishGroup,
    help="Lectura extractiva en español: datos, entrenamiento, evaluación y calibración.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for name, command in (
    ("describe", describe.describe),
    ("download", download.download),
    ("predict", predict.predict),
    ("evaluate", evaluate.evaluate),
    ("train", train.train),
    ("pretrain", pretrain.pretrain),
    ("export", export.export),
    ("recipe", recipe.recipe),
):
    app.command(name, cls=console.SpanishCommand)(command)
app.add_typer(recurrent.app, name="recurrent")


def main() -> None:
    """Run the program and leave with its exit code."""
    sys.exit(console.run(app))
