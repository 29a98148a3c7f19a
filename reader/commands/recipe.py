"""``recipe``: from text and questions to a finished reader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reader.options import RecipeOptions as Default


def recipe(
    name: Annotated[str, typer.Argument(metavar="NOMBRE", help="Del lector que se hace, por ejemplo «mini».")],
    corpus: Annotated[list[Path], typer.Option(metavar="RUTA", help="Texto: .txt, .md, .jsonl, o carpetas con ellos.")],
    train: Annotated[list[Path], typer.Option(metavar="FICHERO", help="Preguntas SQuAD; puede repetirse.")],
    out: Annotated[Path, typer.Option(metavar="CARPETA", help="Dónde se dejan las etapas y el lector.")],
    minutes: Annotated[float, typer.Option(min=0.1, help="Tiempo de reloj para todo.")],
    dev: Annotated[Path | None, typer.Option(metavar="FICHERO", help="Preguntas con que se informa al final.")] = None,
    heldout: Annotated[
        Path | None, typer.Option(metavar="FICHERO", help="Texto con que se mide el preentrenamiento.")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="TAMAÑO", help="nano, micro, mini, small o medium; por omisión, el que dé tiempo."),
    ] = Default.size,
    init: Annotated[
        str | None, typer.Option(metavar="MODELO", help="Codificador del que se parte, en vez de cero.")
    ] = Default.init,
    seeds: Annotated[int, typer.Option(min=1, help="Ajustes cuyos pesos se promedian.")] = Default.seeds,
    seed: Annotated[int, typer.Option(help="Semilla de todo lo aleatorio.")] = Default.seed,
) -> None:
    """Hace un lector compacto con su texto y sus preguntas en el tiempo dado.

    Vocabulario, preentrenamiento, preguntas por regla, ajuste y evaluación, con el tamaño que el equipo permita. Si se
    interrumpe, la misma orden sigue donde quedó.
    """
    options = Default(
        name=name,
        corpus=tuple(corpus),
        train=tuple(train),
        out=out,
        minutes=minutes,
        dev=dev,
        heldout=heldout,
        size=size,
        init=init,
        seeds=seeds,
        seed=seed,
    )
    from reader.recipe import run_recipe

    typer.echo(run_recipe(options))
