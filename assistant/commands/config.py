"""``assistant config``: every setting, its value and where it came from."""

from __future__ import annotations

from dataclasses import asdict

from assistant.commands.options import Json


def config(json: Json = False) -> None:
    """Muestra cada ajuste, su valor y de dónde sale.

    Un ajuste vale lo que diga la opción de la orden; si no, la variable de entorno (ASSISTANT_READER…); si no, el
    archivo de ajustes; si no, el valor por defecto.
    """
    from assistant import console, settings

    resolved = settings.resolve()
    values = asdict(resolved.settings)
    if json:
        listed = {name: {"value": value, "origin": resolved.origins[name]} for name, value in values.items()}
        console.out().print_json(data={"file": str(resolved.path), "settings": listed})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, rule in settings.RULES.items():
        value = "modelo" if values[name] is None else str(values[name])
        origin = Text(resolved.origins[name], style="cyan")
        table.add_row(Text(name, style="bold"), Text(value), origin, Text(rule.meaning, style="dim"))
    console.out().print(table)
    state = "" if resolved.path.exists() else " (todavía no existe)"
    print(f"\nArchivo de ajustes: {resolved.path}{state}")
