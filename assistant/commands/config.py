"""``assistant config``: every setting, its value and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.options import Device, Encoder, Json, K, Prudence, Reader, Theme, Threshold

if TYPE_CHECKING:
    from assistant.settings import Resolved

Keys = Annotated[bool, typer.Option("--keys", help="Muestra las acciones de la pantalla y sus teclas, y termina.")]


def config(
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    prudencia: Prudence = None,
    threshold: Threshold = None,
    theme: Theme = None,
    keys: Keys = False,
    json: Json = False,
) -> None:
    """Muestra cada ajuste, su valor y de dónde sale.

    Un ajuste vale lo que diga la opción de la orden; si no, la variable de entorno (ASSISTANT_READER…); si no, el
    archivo de ajustes; si no, el valor por defecto. Con opciones, muestra lo que valdría una orden que las lleve.
    """
    from assistant import console, settings

    flags = {"reader": reader, "encoder": encoder, "device": device, "k": k, "prudencia": prudencia}
    resolved = settings.resolve(flags | {"threshold": threshold, "theme": theme})
    if keys:
        _show_keys(resolved, json=json)
        return
    values = asdict(resolved.settings)
    if json:
        listed = {name: {"value": value, "origin": resolved.origins[name]} for name, value in values.items()}
        console.out().print_json(data={"file": str(resolved.path), "settings": listed})
        return
    _show_rows(
        [name, _shown(values[name]), resolved.origins[name], rule.meaning] for name, rule in settings.RULES.items()
    )
    state = "" if resolved.path.exists() else " (todavía no existe)"
    print(f"\nArchivo de ajustes: {resolved.path}{state}")


def _show_keys(resolved: Resolved, *, json: bool) -> None:
    from assistant import console
    from assistant.tui.keymap import bindings

    changed = resolved.settings.keymap
    rows = [(one.id, changed.get(one.id, ",".join(one.keys)), one.description) for one in bindings().values()]
    if json:
        listed = [{"id": name, "keys": keys, "description": description} for name, keys, description in rows]
        console.out().print_json(data=listed)
        return
    _show_rows([name, keys, "cambiada" if name in changed else "", description] for name, keys, description in rows)


def _show_rows(rows: Iterable[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from assistant import console

    table = Table.grid(padding=(0, 2))
    for row in rows:
        table.add_row(*(Text(cell, style=style) for cell, style in zip(row, ("bold", "", "cyan", "dim"), strict=True)))
    console.out().print(table)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {keys}" for name, keys in value.items()) or "sin cambios"
    return "modelo" if value is None else str(value)
