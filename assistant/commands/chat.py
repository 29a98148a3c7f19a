"""``assistant chat``: the Textual screen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.options import Device, Encoder, Index, K, Reader

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="CARPETA", help="Carpeta de documentos ya indexada; si falta, la más cercana o la última."),
]


def chat(
    folder: Folder = None,
    index: Index = None,
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
) -> None:
    """Abre la conversación en pantalla completa. Es lo que hace «assistant» a secas."""
    from assistant import places, settings

    chosen = settings.resolve({"reader": reader, "device": device, "k": k}).settings
    location = places.locate(folder, index)

    from assistant.tui.app import ChatApp

    ChatApp(location, chosen, encoder=encoder).run()
