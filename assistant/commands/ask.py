"""``assistant ask``: one question from the command line, or many from standard input as JSON lines."""

from __future__ import annotations

import sys

from assistant.commands.options import Device, Encoder, Folder, Index, Json, K, Prudence, Reader, Words
from assistant.console import ExitCode


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
) -> int:
    """Contesta con las palabras exactas de los documentos y su cita, o dice que no lo dicen.

    Sin PREGUNTA y con una tubería en la entrada, lee una pregunta por línea y escribe una línea de JSON por respuesta,
    en el mismo orden; «line» es el número de línea. Una línea que no se puede contestar lleva «error», y el código de
    salida es entonces 1:

        assistant ask < preguntas.txt > respuestas.jsonl
    """
    from assistant import console, places, records, render, settings
    from assistant.asking import answer_lines
    from assistant.errors import UsageProblem
    from assistant.opening import open_assistant

    if not question and sys.stdin.isatty():
        raise UsageProblem("Falta la pregunta.", 'Por ejemplo: assistant ask "¿Cuántos días de vacaciones hay?"')
    chosen = settings.resolve({"reader": reader, "device": device, "k": k, "prudencia": prudencia}).settings
    assistant = open_assistant(places.locate(folder, index), chosen, encoder=encoder)
    if not question:
        broken = 0
        for record in answer_lines(assistant, sys.stdin.buffer):
            print(records.dump(record), flush=True)
            broken += "error" in record
        return ExitCode.PARTIAL if broken else ExitCode.OK
    result = assistant.ask(" ".join(question))
    if json:
        print(records.dump(records.result_record(result), indent=2))
    else:
        console.out().print(render.result_view(result))
    return ExitCode.OK
