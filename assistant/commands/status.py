"""``assistant status``: what is indexed, what is not and why."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.options import Folder, Index, Json
from assistant.console import one_line

if TYPE_CHECKING:
    from assistant.places import Location
    from index.status import FileStatus, IndexStatus

Failed = Annotated[bool, typer.Option("--failed", help="Solo los archivos que fallaron.")]
_STATES = {"indexed": "indexado", "unchanged": "sin cambios", "skipped": "omitido", "failed": "con fallo"}


def status(folder: Folder = None, index: Index = None, failed: Failed = False, json: Json = False) -> None:
    """Muestra el estado del índice, archivo por archivo, con el motivo de cada fallo y omisión."""
    from assistant import places, records
    from index.status import status as read_status

    location = places.locate(folder, index)
    state = read_status(location.index)
    files = [file for file in state.files if file.state == "failed" or not failed]
    if json:
        record = {"folder": str(location.folder), "index": str(location.index), **asdict(state)}
        print(records.dump(record | {"files": [asdict(file) for file in files]}, indent=2))
        return
    for file in files:
        print(_line(file))
    if not failed:
        _show_totals(location, state)
    elif not files:
        print("Ningún archivo ha fallado.")


def _line(file: FileStatus) -> str:
    detail = f"{file.passages} pasajes" if file.state in ("indexed", "unchanged") else file.reason
    notes = "".join(f" · {warning}" for warning in file.warnings)
    remedy = f" → {file.remedy}" if file.remedy else ""
    return one_line(f"{file.path}: {_STATES[file.state]} · {detail}{notes}{remedy}")


def _show_totals(location: Location, state: IndexStatus) -> None:
    counts = Counter[str](file.state for file in state.files)
    pages = sum(1 for file in state.files if file.warnings)
    print(f"\nCarpeta: {location.folder}")
    print(f"Índice: {location.index} ({_size(state.catalogue_bytes + state.arrays_bytes)})")
    print("Archivos: " + " · ".join(f"{counts[name]} {word}" for name, word in _STATES.items() if counts[name]))
    if pages:
        print(f"Archivos con avisos: {pages}")
    print(f"Documentos: {state.documents} · pasajes: {state.passages} · codificador: {state.encoder or '—'}")
    if state.created is not None:
        print(f"Creado: {time.strftime('%d/%m/%Y %H:%M', time.localtime(state.created))}")
    if state.finished is None and state.started is not None:
        print("La última indexación no ha terminado: repita «assistant index» para que siga donde se quedó.")


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB".replace(".", ",") if size >= 1e5 else f"{size / 1e3:.0f} kB"
