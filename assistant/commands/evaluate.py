"""``assistant eval``: how good the answers about a folder are, measured on questions whose answers are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.options import Device, Encoder, Folder, Index, K, Prudence, Reader

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.evaluation.figures import Setup
    from assistant.places import Location
    from index.local import LocalSearcher

Questions = Annotated[
    Path,
    typer.Argument(
        metavar="PREGUNTAS.json", help="Preguntas en formato SQuAD; cada entrada de «data» nombra su documento."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Escribe las cifras en JSON.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="ARCHIVO", help="Escribe además un informe con gráficas y errores.")
]
Variants = Annotated[
    bool, typer.Option("--variantes", help="Repite 200 preguntas sin acentos, en mayúsculas, con erratas…")
]
Foreign = Annotated[
    bool, typer.Option("--ajenas", help="Las preguntas son de otra carpeta: lo correcto es callar siempre.")
]


def evaluate(
    questions: Questions,
    folder: Folder = None,
    index: Index = None,
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    prudencia: Prudence = None,
    variants: Variants = False,
    foreign: Foreign = False,
    html: Html = None,
    json: Json = False,
) -> None:
    """Mide todo el recorrido con preguntas de respuesta conocida: buscar, leer, decidir, citar y callar.

    Un documento se nombra en «document», «path» o «title», relativo a la carpeta.
    """
    from assistant import console, places, records, settings
    from assistant.answering import Assistant
    from assistant.evaluation.gold import read_questions
    from assistant.evaluation.run import evaluate
    from assistant.evaluation.summary import text_report
    from assistant.opening import open_calibration, open_reader, open_searcher

    flags = {"reader": reader, "device": device, "k": k, "prudencia": prudencia}
    chosen = settings.resolve(flags).settings
    location = places.locate(folder, index)
    searcher = open_searcher(location, chosen, encoder=encoder)
    asked = read_questions(questions.expanduser(), searcher.document, foreign=foreign)
    assistant = Assistant(searcher, open_reader(chosen), chosen, open_calibration(chosen))
    found = evaluate(assistant, asked, _setup(location, searcher, assistant), variants=variants)
    if html:
        from assistant.evaluation.report import html_report
        from reader.record import write_text

        write_text(html.expanduser(), html_report(found, searcher))
        console.err().print(f"Informe escrito en {html}", markup=False, soft_wrap=True)
    print(records.dump(found.as_json(), indent=2) if json else text_report(found))


def _setup(location: Location, searcher: LocalSearcher, assistant: Assistant) -> Setup:
    from assistant.evaluation.figures import Setup
    from assistant.evaluation.run import rule_text

    stats = searcher.stats
    return Setup(
        folder=location.folder.name,
        documents=stats.documents,
        passages=stats.passages,
        reader=assistant.reader.name,
        encoder=stats.encoder,
        k=assistant.settings.k,
        rule=rule_text(assistant),
    )
