"""Draw docs/chat.svg: the real chat, with the shipped models, over the demo documents.

python docs/screenshots.py
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from textual.pilot import Pilot

from assistant.commands.demo import demo_documents
from assistant.opening import open_encoder
from assistant.places import Location
from assistant.settings import Settings, resolve
from assistant.tui.app import ChatApp
from assistant.tui.screens.chat import ChatScreen
from assistant.tui.widgets.evidence import EvidenceText
from assistant.tui.widgets.prompt import Prompt
from index.builder import update_index

QUESTIONS = (
    "¿De qué marca son las fotocopiadoras multifunción?",
    "¿Cuál es el tamaño máximo de un mensaje de correo con sus adjuntos?",
)
SIZE = (120, 48)


def main() -> None:
    """Index a copy of the demo documents in a home folder made for the picture, ask, and write the picture."""
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        folder = Path(home) / "ayuntamiento"
        shutil.copytree(demo_documents(), folder, ignore=shutil.ignore_patterns(".assistant"))
        location = Location(folder, folder / ".assistant")
        update_index(folder, encoder=open_encoder(location, resolve()))
        picture = asyncio.run(picture_of(ChatApp(location, Settings()), QUESTIONS))
    Path(__file__).with_name("chat.svg").write_text(picture, encoding="utf-8")


async def picture_of(app: ChatApp, questions: Sequence[str]) -> str:
    """The screen, as SVG, after the questions have been answered."""
    async with app.run_test(size=SIZE) as pilot:
        for number, question in enumerate(questions, start=1):
            app.screen.query_one(Prompt).insert(question)
            await pilot.press("enter")
            await answered(pilot, number)
        while not app.screen.query_one(EvidenceText).scroll_y:  # the words asked about are far down their document
            await pilot.pause(0.1)
        return app.export_screenshot(title="assistant chat")


async def answered(pilot: Pilot[None], number: int) -> None:
    """Wait for what becomes of a question."""
    screen = pilot.app.screen
    assert isinstance(screen, ChatScreen)
    while screen.turns[number].state in ("queued", "running"):
        await pilot.pause(0.1)
    if screen.turns[number].problem is not None:
        raise SystemExit(screen.turns[number].problem)


if __name__ == "__main__":
    main()
