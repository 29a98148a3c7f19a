"""``assistant calibrate``: learn from questions with known answers how far the reader can be believed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.options import Device, Encoder, Folder, Index, K, Reader

if TYPE_CHECKING:
    from assistant.calibrating import Fit

Questions = Annotated[
    Path,
    typer.Argument(
        metavar="PREGUNTAS.json",
        help="Preguntas en formato SQuAD sobre la carpeta, con las que el lector no se haya entrenado.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Dice cómo quedaría, sin guardarlo.")]


def calibrate(
    questions: Questions,
    folder: Folder = None,
    index: Index = None,
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    dry_run: DryRun = False,
) -> None:
    """Ajusta la probabilidad de acierto del lector y desde cuál contesta con cada prudencia.

    Se guarda en la carpeta del lector y solo vale para él. Hacen falta preguntas sobre muchos documentos, con y sin
    respuesta; no mida después con las mismas.
    """
    from assistant import places, settings
    from assistant.answering import Assistant
    from assistant.calibrating import fit
    from assistant.calibration import fingerprint, save_calibration
    from assistant.evaluation.gold import read_questions
    from assistant.evaluation.observing import observe
    from assistant.evaluation.summary import question_lines
    from assistant.opening import open_reader, open_searcher
    from reader.record import describe_file, now
    from reader.registry import locate

    chosen = settings.resolve({"reader": reader, "device": device, "k": k}).settings
    searcher = open_searcher(places.locate(folder, index), chosen, encoder=encoder)
    path = questions.expanduser()
    asked = read_questions(path, searcher.document)
    print("\n".join(question_lines(asked)))
    assistant = Assistant(searcher, open_reader(chosen), chosen)
    model = locate(chosen.reader)
    source = {"data": describe_file(path), "encoder": Path(searcher.stats.encoder).name, "k": chosen.k, "date": now()}
    found = fit(
        observe(assistant, asked.questions),
        reader=assistant.reader.name,
        fingerprint=fingerprint(model),
        source=source,
    )
    print("\n".join(_lines(found)))
    if not dry_run:
        print(f"Guardada en {save_calibration(model, found.calibration)}")


def _lines(found: Fit) -> list[str]:
    from reader.summary import aligned, number

    weights = found.calibration.weights
    right, by_margin = number(100 * found.right), number(100 * found.right_by_margin)
    rows = [
        (name, number(100 * trial.threshold), number(100 * trial.answered), number(100 * trial.wrong))
        for name, trial in found.trials.items()
    ]
    return [
        f"{found.questions} preguntas sobre {found.documents} documentos; validación cruzada por documentos",
        f"Elegir pasaje: puesto {number(weights.rank)}, palabras de la frase {number(weights.cover)}: acierta el "
        f"{right} % de las que tienen respuesta (solo por el margen, {by_margin} %)",
        f"Error de calibración: {number(100 * found.error.value)} % "
        f"({number(100 * found.error.low)} – {number(100 * found.error.high)})",
        f"AURC: {number(100 * found.aurc)} % (margen nulo de SQuAD, {number(100 * found.aurc_by_margin)} %)",
        *aligned([("Prudencia", "desde (%)", "contesta (%)", "mal (%)"), *rows]),
    ]
