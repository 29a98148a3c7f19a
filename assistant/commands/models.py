"""``assistant models``: list, fetch and choose the models that read and search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.options import Json
from assistant.errors import UsageProblem
from assistant.spanish import SpanishCommand, SpanishGroup

if TYPE_CHECKING:
    from assistant.models import Kind
    from reader.model_files import OnProgress

app = typer.Typer(
    cls=SpanishGroup,
    help="Muestra los modelos que hay, descarga uno o elige cuál se usa.",
    rich_markup_mode=None,
)

Name = Annotated[
    str, typer.Argument(metavar="MODELO", help="Nombre de la lista, carpeta o identificador de Hugging Face.")
]
KindOption = Annotated[
    str | None,
    typer.Option("--kind", metavar="CLASE", help="lector o codificador, cuando el nombre no basta para saberlo."),
]
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="CARPETA", help="Toma el modelo de una carpeta copiada de otro equipo, sin red."),
]


@app.callback(invoke_without_command=True)
def _models(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_models()


@app.command("list", cls=SpanishCommand)
def list_models(json: Json = False) -> None:
    """Muestra los modelos conocidos, cuáles están en este equipo y cuáles se usan."""
    from assistant import console, models, records

    words: dict[str, str] = {kind: word for word, kind in models.KINDS.items()}
    if json:
        fields = ("name", "kind", "source", "description", "licence", "megabytes")
        listed = [
            {name: getattr(one.model, name) for name in fields} | {"present": one.present, "in_use": one.in_use}
            for one in models.listed()
        ]
        print(records.dump(listed, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for one in models.listed():
        table.add_row(
            Text("●" if one.in_use else "", style="green"),
            Text(one.model.name, style="bold"),
            words.get(one.model.kind, "base"),
            Text("en este equipo", style="green") if one.present else Text("por descargar", style="yellow"),
            Text(one.model.description, style="dim"),
        )
    console.out().print(table)
    print("\n● en uso. Para descargar uno: assistant models get MODELO; para elegirlo: assistant models use MODELO")


@app.command("get", cls=SpanishCommand)
def get(name: Name, source: From = None, kind: KindOption = None) -> None:
    """Descarga un modelo y comprueba sus archivos, o lo toma de una carpeta con --from.

    Es la única orden que usa la red. Una descarga cortada sigue donde se quedó al repetir la orden.
    """
    from assistant import models

    with _progress(name) as show:
        folder = models.get(models.find(name, _kind(kind)), source, show)
    print(f"«{name}» está en {folder}")


@app.command("use", cls=SpanishCommand)
def use(name: Name, kind: KindOption = None) -> None:
    """Elige un modelo: desde ahora es el que se usa si ninguna opción dice otro."""
    from assistant import models, settings

    words = {one: word for word, one in models.KINDS.items()}
    kinds = models.use(name, _kind(kind))
    print(f"Desde ahora «{name}» es el {' y el '.join(words[one] for one in kinds)}.")
    if "encoder" in kinds:
        print("Un índice ya hecho conserva el suyo hasta que se repita «assistant index» en su carpeta.")
    print(f"Apuntado en {settings.settings_path()}")


def _kind(word: str | None) -> Kind | None:
    from assistant.models import KINDS

    if word is None:
        return None
    if word not in KINDS:
        raise UsageProblem(f"El valor «{word}» de la opción «--kind» no vale.", f"Se espera {' o '.join(KINDS)}.")
    return KINDS[word]


@contextmanager
def _progress(name: str) -> Iterator[OnProgress]:
    """Bytes on standard error: a bar in a terminal, a line every tenth elsewhere."""
    from assistant import console

    if not console.err().is_terminal:
        last = -1

        def line(done: int, total: int) -> None:
            nonlocal last
            tenth = 10 * done // total if total else 0
            if tenth > last:
                last = tenth
                console.err().print(f"{name}: {done / 1e6:.0f} de {total / 1e6:.0f} MB", markup=False)

        yield line
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console.err()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
