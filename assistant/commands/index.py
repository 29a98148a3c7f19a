"""``assistant index``: bring the index of a folder in step with its files, and say what was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.options import Device, Encoder, Index
from assistant.console import ExitCode

if TYPE_CHECKING:
    from assistant.places import Location
    from index.summary import Summary

Folder = Annotated[Path, typer.Argument(metavar="CARPETA", help="Carpeta de documentos; se recorren sus subcarpetas.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="PATRÓN", help="Deja fuera lo que case (sintaxis de .gitignore); se puede repetir."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Dice qué haría, sin hacerlo.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Vuelve a leer los archivos que fallaron.")]
Ocr = Annotated[bool, typer.Option("--ocr", help="Lee las páginas escaneadas con Tesseract, si está instalado.")]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="Vuelve a leer y a codificar todos los archivos.")]
Watch = Annotated[bool, typer.Option("--watch", help="Se queda vigilando la carpeta y pone el índice al día.")]
Pack = Annotated[
    Path | None,
    typer.Option("--pack", metavar="ARCHIVO.tar.zst", help="Guarda después documentos e índice en un solo archivo."),
]


def index(
    folder: Folder,
    index: Index = None,
    encoder: Encoder = None,
    device: Device = None,
    exclude: Exclude = None,
    dry_run: DryRun = False,
    retry_failed: RetryFailed = False,
    ocr: Ocr = False,
    rebuild: Rebuild = False,
    watch: Watch = False,
    pack: Pack = None,
) -> int:
    """Indexa una carpeta, o pone al día su índice: solo lee lo que ha cambiado.

    El índice se guarda en CARPETA/.assistant/, o donde diga --index. Termina con un resumen; si algún archivo no se
    pudo leer, lo nombra con el motivo y el código de salida es 1.
    """
    from assistant import places, progress, settings, summaries
    from assistant.opening import open_encoder
    from index.builder import update_index

    chosen = settings.resolve({"encoder": encoder, "device": device})
    location = places.named(folder, index)
    model = open_encoder(location, chosen)

    def update() -> Summary:
        with progress.indexing() as show:
            return update_index(
                location.folder,
                encoder=model,
                index_dir=location.index,
                exclude=exclude or (),
                dry_run=dry_run,
                retry_failed=retry_failed,
                ocr=ocr,
                rebuild=rebuild,
                on_progress=show,
            )

    summary = update()
    summaries.show(summary, rehearsal=dry_run)
    if not dry_run:
        places.remember(location)
        if pack:
            _pack(location, pack)
        if watch:
            _keep_up(location, update)
    return ExitCode.PARTIAL if summary.failed else ExitCode.OK


def _pack(location: Location, out: Path) -> None:
    from index.archive import pack

    pack(location.index, location.folder, out.expanduser())
    print(f"Empaquetado en: {out}")


def _keep_up(location: Location, update: Callable[[], Summary]) -> None:
    """Update after each burst of changes, until interrupted."""
    from assistant import console, summaries
    from assistant.errors import explain
    from index.watch import watch

    console.err().print("Vigilando la carpeta; Ctrl+C para terminar.")
    for _ in watch(location.folder, index_dir=location.index):
        try:
            summaries.show(update())
        except Exception as error:
            problem = explain(error)
            if problem is None:
                raise
            console.report(problem)  # an emptied folder, a full disk: it may pass
