"""``download``: fetch public question files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reader.errors import ReaderProblem


def download(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CONJUNTO]…", help="squad-es-v1.1, squad-es-v2, xquad-es, mlqa-es o sqac."),
    ] = None,
    to: Annotated[Path, typer.Option(metavar="CARPETA", help="Dónde guardarlos.")] = Path("datasets"),
) -> None:
    """Descarga preguntas públicas en español, con comprobación y reanudación; sin conjunto, los enumera.

    Lo que esté a medias sigue donde se quedó; lo que ya esté, descargado o puesto a mano, solo se comprueba.
    """
    from reader.download import DATASETS, download

    unknown = [name for name in names or () if name not in DATASETS]
    if unknown:
        raise ReaderProblem(f"No existe el conjunto «{unknown[0]}».", f"Los hay: {', '.join(DATASETS)}.")
    if not names:
        typer.echo("\n".join(f"{name:14} {dataset.title} · {dataset.licence}" for name, dataset in DATASETS.items()))
        return
    for name in names:
        for path in download(DATASETS[name], to):
            typer.echo(path)
