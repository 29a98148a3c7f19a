"""The output folder of a run: started, to be continued with the same arguments, or finished."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reader.errors import ReaderProblem
from reader.record import now, read_record, write_record

RECORD = "run.json"


def open_run(out: Path, record: Mapping[str, Any], *, write: bool = True) -> dict[str, Any]:
    """Start a run in ``out``, or take up the one that was started there: the record to go on with.

    Raises ReaderProblem where the folder holds a finished run, one with other arguments or data, or cannot be written.
    """
    earlier = read_record(out / RECORD)
    if earlier is None:
        if write:
            _start(out, record)
        return dict(record)
    if "finished" in earlier:
        raise ReaderProblem(f"El entrenamiento de {out} ya terminó.", "Dé otra carpeta en --out, o bórrela antes.")
    changed = [name for name, value in record["arguments"].items() if earlier["arguments"].get(name) != value]
    changed += ["los datos"] if earlier["data"] != record["data"] else []
    if changed or earlier["kind"] != record["kind"]:
        raise ReaderProblem(
            f"En {out} hay un entrenamiento a medias con otros argumentos ({', '.join(changed)}).",
            "Repita los mismos para seguirlo, dé otra carpeta en --out, o bórrela.",
        )
    resumed = {**earlier, "resumed": [*earlier.get("resumed", []), now()]}
    if write:
        write_record(out / RECORD, resumed)
    return resumed


def _start(out: Path, record: Mapping[str, Any]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_record(out / RECORD, record)
    except OSError as error:
        raise ReaderProblem(f"No se puede escribir en {out}: {error.strerror}.", "Dé otra carpeta en --out.") from error
