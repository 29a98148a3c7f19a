"""``export``: hand a trained reader on with smaller weights and its model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reader.errors import ReaderProblem


def export(
    model: Annotated[str, typer.Argument(metavar="MODELO", help="Nombre o carpeta del lector.")],
    out: Annotated[Path, typer.Option(metavar="CARPETA", help="Carpeta nueva.")],
    weights: Annotated[str, typer.Option("--format", metavar="FORMATO", help="fp32, bf16 o int8.")] = "fp32",
    name: Annotated[str, typer.Option(metavar="NOMBRE", help="Nombre que lleva; por omisión, el que tenía.")] = "",
    data: Annotated[
        Path | None, typer.Option(metavar="FICHERO", help="Preguntas con las que medir cuánto cambia lo que contesta.")
    ] = None,
    evaluation: Annotated[
        list[Path] | None,
        typer.Option(metavar="FICHERO", help="Salida de «evaluate --json» para la ficha; puede repetirse."),
    ] = None,
    licence: Annotated[str, typer.Option(metavar="LICENCIA", help="Licencia de los pesos, para la ficha.")] = "",
    device: Annotated[str, typer.Option(metavar="DISPOSITIVO", help="auto, cpu, cuda o mps.")] = "auto",
) -> None:
    """Escribe un lector con pesos de 32, 16 u 8 bits y su ficha.

    La ficha sale del registro del entrenamiento. Con --data dice además en cuántas preguntas contesta lo mismo.
    """
    from reader.card import model_card, read_evaluation
    from reader.config import load_config
    from reader.export import FORMATS, Difference, difference, export
    from reader.record import read_record, write_text
    from reader.registry import locate
    from reader.runs import RECORD

    if weights not in FORMATS:
        raise ReaderProblem(f"No existe el formato «{weights}».", f"Use uno de: {', '.join(FORMATS)}.")
    source = locate(model)
    evaluations = [read_evaluation(path) for path in evaluation or ()]
    pairs = _pairs(data) if data else None
    export(source, out, weights, name=name)
    changed: Difference | None = None
    if pairs is not None:
        from reader.load import load_reader

        changed = difference(load_reader(source, device), load_reader(out, device), pairs)
    card = model_card(
        load_config(out),
        weights=weights,
        record=read_record(source / RECORD),
        evaluations=evaluations,
        difference=changed,
        licence=licence,
    )
    write_text(out / "README.md", card)
    if changed:
        share = f"{100 * changed.same_answer / max(1, changed.pairs):.2f}".replace(".", ",")
        typer.echo(f"Misma respuesta en {changed.same_answer} de {changed.pairs} preguntas ({share} %).", err=True)
    typer.echo(out)


def _pairs(data: Path) -> list[tuple[str, str]]:
    from reader.squad import read_squad

    return [(question.question, question.context) for question in read_squad(data)]
