"""``assistant ask``: one question from the command line, or many from standard input as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from assistant.commands.options import Device, Encoder, Folder, Index, Json, K, Prudence, Reader, Words

if TYPE_CHECKING:
    from assistant.answering import Assistant

BATCH = 32
"""Questions searched and read together: enough to fill the reader's batches, few enough to see results come."""


def ask(
    question: Words = None,
    folder: Folder = None,
    index: Index = None,
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    prudencia: Prudence = None,
    json: Json = False,
) -> None:
    """Contesta con las palabras exactas de los documentos y su cita, o dice que no lo dicen.

    Sin PREGUNTA y con una tubería en la entrada, lee una pregunta por línea y escribe una línea de JSON por respuesta:

        assistant ask < preguntas.txt > respuestas.jsonl
    """
    from assistant import console, places, records, render, settings
    from assistant.errors import UsageProblem
    from assistant.opening import open_assistant

    if not question and sys.stdin.isatty():
        raise UsageProblem("Falta la pregunta.", 'Por ejemplo: assistant ask "¿Cuántos días de vacaciones hay?"')
    chosen = settings.resolve({"reader": reader, "device": device, "k": k, "prudencia": prudencia}).settings
    assistant = open_assistant(places.locate(folder, index), chosen, encoder=encoder)
    if not question:
        _answer_lines(assistant, sys.stdin)
        return
    result = assistant.ask(" ".join(question))
    if json:
        print(records.dump(records.result_record(result), indent=2))
    else:
        console.out().print(render.result_view(result))


def _answer_lines(assistant: Assistant, lines: Iterable[str]) -> None:
    from assistant import records

    for questions in _batches(line for line in lines if line.strip()):
        for result in assistant.ask_many(questions):
            print(records.dump(records.result_record(result)))
        sys.stdout.flush()


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(lines, BATCH)):
        yield batch
