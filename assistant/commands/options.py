"""The options that several commands share. Model choices stay text here: settings validate them in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="CARPETA",
        help="Carpeta ya indexada; si falta, la más cercana hacia arriba con «.assistant/», o la última usada.",
    ),
]
Index = Annotated[
    Path | None,
    typer.Option("--index", metavar="CARPETA", help="Dónde está el índice, si no es CARPETA/.assistant/."),
]
Reader = Annotated[str | None, typer.Option("--reader", metavar="MODELO", help="Modelo que lee y señala la respuesta.")]
Encoder = Annotated[
    str | None, typer.Option("--encoder", metavar="MODELO", help="Modelo que busca por el significado.")
]
Device = Annotated[
    str | None,
    typer.Option("--device", metavar="DISPOSITIVO", help="Dónde se ejecutan los modelos: auto, cpu, cuda o mps."),
]
K = Annotated[str | None, typer.Option("--k", metavar="N", help="Pasajes que se buscan, de 1 a 100.")]
Prudence = Annotated[
    str | None,
    typer.Option("--prudencia", metavar="CUÁNTA", help="baja, media o alta: cuánto cuesta una respuesta equivocada."),
]
Threshold = Annotated[
    str | None,
    typer.Option("--threshold", metavar="MARGEN", help="Margen mínimo para contestar, o «modelo»."),
]
Theme = Annotated[str | None, typer.Option("--theme", metavar="TEMA", help="auto, claro, oscuro o el nombre de otro.")]
Json = Annotated[bool, typer.Option("--json", help="Escribe JSON con desplazamientos y puntuaciones.")]
Words = Annotated[list[str] | None, typer.Argument(metavar="PREGUNTA", help="La pregunta; no hacen falta comillas.")]
