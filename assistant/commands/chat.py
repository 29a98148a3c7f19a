"""``assistant chat``: the Textual screen, or a conversation line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.options import Device, Encoder, Index, K, Prudence, Reader, Theme

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="CARPETA", help="Carpeta de documentos ya indexada; si falta, la más cercana o la última."),
]
Plain = Annotated[
    bool, typer.Option("--plain", help="Conversa línea a línea: para lectores de pantalla y terminales sencillas.")
]


def chat(
    folder: Folder = None,
    index: Index = None,
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    prudencia: Prudence = None,
    theme: Theme = None,
    plain: Plain = False,
) -> int:
    """Abre la conversación en pantalla completa. Es lo que hace «assistant» a secas."""
    from assistant import console, places, settings

    flags = {"reader": reader, "device": device, "k": k, "prudencia": prudencia, "theme": theme}
    chosen = settings.resolve(flags).settings
    location = places.locate(folder, index)
    if plain or not console.can_draw():
        from assistant.opening import open_assistant
        from assistant.plain import converse

        return converse(open_assistant(location, chosen, encoder=encoder))

    from assistant.tui.app import ChatApp

    ChatApp(location, chosen, encoder=encoder).run()
    return console.ExitCode.OK
