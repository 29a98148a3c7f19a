"""``predict``: answer a file of questions, or one question about one text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reader.errors import DataProblem, ReaderProblem

if TYPE_CHECKING:
    from reader.types import Reader


def predict(
    model: Annotated[str, typer.Option(metavar="MODELO", help="Nombre, carpeta o modelo del hub ya descargado.")],
    data: Annotated[
        Path | None, typer.Option(metavar="FICHERO", help="Preguntas en formato SQuAD v1.1 o v2.0.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FICHERO", help="Con --data: guarda posiciones y márgenes para «evaluate».")
    ] = None,
    question: Annotated[str, typer.Option(metavar="PREGUNTA", help="Una pregunta sobre el texto de --text.")] = "",
    text: Annotated[str, typer.Option(metavar="FICHERO", help="Texto en UTF-8; «-» es la entrada estándar.")] = "",
    n_best: Annotated[int, typer.Option(min=1, help="Con --question: cuántas respuestas.")] = 5,
    device: Annotated[str, typer.Option(metavar="DISPOSITIVO", help="auto, cpu, cuda o mps.")] = "auto",
) -> None:
    """Contesta un fichero de preguntas, o una sola pregunta sobre un texto.

    Con --data escribe {«id»: «respuesta»} como lo quiere el programa oficial de SQuAD 2.0, vacía donde se abstiene.
    Con --question escribe una respuesta por línea, en JSON, con su posición, su puntuación y su margen.
    """
    from reader.load import load_reader

    if bool(data) == bool(question):
        raise ReaderProblem("Falta qué contestar.", "Indique --data con un fichero, o --question y --text.")
    if question:
        passage = _read(text)
        _answer(load_reader(model, device), question, passage, n_best)
        return
    from reader.predictions import predict, save_predictions
    from reader.squad import read_squad

    questions = read_squad(Path(str(data)))
    if questions.report.issues:
        typer.echo("\n".join(questions.report.lines()), err=True)
    made = predict(load_reader(model, device), questions.questions, questions.report.path)
    if out:
        save_predictions(out, made)
        typer.echo(f"Predicciones guardadas en {out}.", err=True)
        return
    official = {one.id: one.text if one.margin > made.threshold else "" for one in made.predictions.values()}
    typer.echo(json.dumps(official, ensure_ascii=False, indent=1))


def _answer(reader: Reader, question: str, passage: str, n_best: int) -> None:
    (reading,) = reader.read([(question, passage)], n_best=n_best)
    for span in reading.spans:
        margin = span.score - reading.null_score
        line = {
            "text": span.text,
            "start": span.start,
            "end": span.end,
            "score": round(span.score, 4),
            "margin": round(margin, 4),
            "answers": margin > reader.threshold,
        }
        typer.echo(json.dumps(line, ensure_ascii=False))


def _read(text: str) -> str:
    if not text:
        raise ReaderProblem("Falta el texto.", "Indique --text con un fichero, o «--text -» para la entrada estándar.")
    try:
        return sys.stdin.read() if text == "-" else Path(text).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataProblem(f"No se puede leer {text}: {error}.", "Compruebe la ruta, y que esté en UTF-8.") from error
