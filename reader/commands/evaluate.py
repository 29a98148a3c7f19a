"""``evaluate``: official figures of a model, of saved predictions, or of two of either against each other."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reader.errors import ReaderProblem

if TYPE_CHECKING:
    from reader.evaluate import Evaluation
    from reader.squad import QuestionSet
    from reader.types import Reader

FLOOR = "suelo"


def evaluate(
    data: Annotated[Path, typer.Option(metavar="FICHERO", help="Preguntas en formato SQuAD v1.1 o v2.0.")],
    model: Annotated[
        str, typer.Option(metavar="MODELO", help="Nombre, carpeta o modelo del hub; «suelo» es la referencia léxica.")
    ] = "",
    calibrate_on: Annotated[
        Path | None, typer.Option(metavar="FICHERO", help="Ajusta el umbral con estas otras preguntas.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="FICHERO", help="Guarda aquí las predicciones; sin --model, evalúa las de este fichero."),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Compara dos modelos o ficheros de predicciones, con su significación."),
    ] = None,
    device: Annotated[str, typer.Option(metavar="DISPOSITIVO", help="auto, cpu, cuda o mps.")] = "auto",
    html: Annotated[Path | None, typer.Option(metavar="FICHERO", help="Escribe un informe en HTML.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Escribe las cifras en JSON.")] = False,
) -> None:
    """Evalúa un modelo con las cifras oficiales de SQuAD 2.0.

    Añade la normalización española, intervalos, resultados por partes y la curva de riesgo y cobertura.
    """
    from reader.evaluate import check_disjoint
    from reader.squad import read_squad

    questions = read_squad(data)
    calibration = read_squad(calibrate_on) if calibrate_on else None
    if calibration:
        check_disjoint(calibration, questions)
    for read in (questions, calibration):
        if read and read.report.issues:
            typer.echo("\n".join(read.report.lines()), err=True)
    if compare:
        if model or predictions or html:
            raise ReaderProblem(
                "--compare no se combina con --model, --predictions ni --html.", "Evalúelos por separado."
            )
        first, second = (_evaluated(name, questions, calibration, device) for name in compare)
        _show_comparison(first, second, as_json)
        return
    if not model and not predictions:
        raise ReaderProblem("Falta qué evaluar.", "Indique --model, o --predictions con un fichero ya hecho.")
    evaluation = _evaluated(model or str(predictions), questions, calibration, device, predictions if model else None)
    if html:
        from reader.record import write_text
        from reader.report import html_report

        write_text(html, html_report(evaluation))
        typer.echo(f"Informe escrito en {html}.", err=True)
    if as_json:
        typer.echo(json.dumps(evaluation.as_json(), ensure_ascii=False, indent=2))
    else:
        from reader.summary import text_report

        typer.echo(text_report(evaluation))


def _evaluated(
    name: str, questions: QuestionSet, calibration: QuestionSet | None, device: str, save_to: Path | None = None
) -> Evaluation:
    """Evaluate a model, or a file of predictions."""
    from reader.evaluate import calibrate, evaluate
    from reader.predictions import load_predictions, predict, save_predictions

    if name.endswith(".json"):
        if calibration is not None:
            raise ReaderProblem(f"{name} no contesta las preguntas de --calibrate-on.", "Use --model.")
        return evaluate(questions, load_predictions(Path(name)), "el de las predicciones")
    reader = _reader(name, questions, device)
    made, source = predict(reader, questions.questions, questions.report.path), "el del modelo"
    if calibration is not None:
        elsewhere = predict(reader, calibration.questions, calibration.report.path)
        made = replace(made, threshold=calibrate(calibration, elsewhere).value)
        source = f"ajustado con {calibration.report.path}"
    if save_to:
        save_predictions(save_to, made)
        typer.echo(f"Predicciones guardadas en {save_to}.", err=True)
    return evaluate(questions, made, source)


def _reader(name: str, questions: QuestionSet, device: str) -> Reader:
    if name == FLOOR:
        from reader.sentences import SentenceReader

        return SentenceReader(question.context for question in questions)
    from reader.load import load_reader

    return load_reader(name, device=device)


def _show_comparison(first: Evaluation, second: Evaluation, as_json: bool) -> None:
    from reader.evaluate import compare
    from reader.summary import comparison_text

    found = compare(first, second)
    if as_json:
        content = {"a": first.model, "b": second.model, **{name: asdict(result) for name, result in found.items()}}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        typer.echo(comparison_text(first, second, found))
