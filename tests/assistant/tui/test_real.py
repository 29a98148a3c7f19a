"""The chat with the shipped models over a real index, and what it imports before they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from textual.pilot import Pilot

from assistant.opening import open_encoder
from assistant.places import Location
from assistant.settings import Settings, resolve
from assistant.tui.app import ChatApp
from assistant.tui.widgets.blocks import Block
from assistant.tui.widgets.status import StatusLine
from index.builder import update_index
from tests.assistant.tui.sessions import chat_screen, text_of, until


def test_the_application_imports_no_model_library() -> None:
    code = (
        "import sys, assistant.tui.app; "
        "print(*{'torch', 'transformers', 'sentence_transformers', 'faiss', 'numpy', 'bm25s'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


async def answered(pilot: Pilot[None], number: int, question: str) -> None:
    await pilot.press(*question.replace("¿", ""), "enter")
    await until(pilot, lambda: chat_screen(pilot).turns[number].state in ("answered", "failed"), patience=12_000)


async def test_a_question_from_the_index_and_then_from_a_newer_one(documents: Path) -> None:
    location = Location(documents, documents / ".assistant")
    encoder = open_encoder(location, resolve())
    update_index(documents, encoder=encoder)
    app = ChatApp(location, Settings())
    async with app.run_test(size=(160, 40)) as pilot:
        await answered(pilot, 1, "Cuántos días son las vacaciones anuales?")
        assert "permisos.md · línea 5 · Permisos › Vacaciones" in text_of(pilot)
        quote = app.query(Block).first().source
        assert quote.document == "permisos.md"
        assert "22" in quote.words
        (documents / "becas.md").write_text("# Becas\n\nLa beca de transporte es de 300 euros al año.\n")
        update_index(documents, encoder=encoder)
        await answered(pilot, 2, "De cuánto es la beca de transporte?")
        assert "becas.md" in text_of(pilot)
        assert "3 documentos" in app.query_one(StatusLine).render().plain
