"""A session that a test steers, over two real documents, with the real answering code and a fake reader."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from assistant.answering import Assistant
from assistant.places import Location
from assistant.settings import Settings
from assistant.tui.app import ChatApp
from assistant.tui.screens.chat import ChatScreen
from assistant.tui.session import Collection, Session
from assistant.tui.widgets.conversation import Conversation
from assistant.tui.widgets.evidence import Evidence
from assistant.tui.widgets.prompt import Prompt
from assistant.types import Abstention, Answer
from index.types import Document
from tests.assistant.fakes import FakeReader, FakeSearcher, document_of, finder, passage_of

HOLIDAYS = document_of(
    "rrhh/permisos.pdf",
    "Este manual reúne los permisos del personal. " * 120,
    "Las vacaciones anuales son de 22 días hábiles por año completo de servicio. Se piden con 15 días de antelación.",
    "El permiso por mudanza es de 1 día si es en la misma localidad y de 2 días si no lo es. " * 60,
)
TRAVEL = document_of(
    "viajes.md", "La dieta completa es de 45 euros al día, salvo en el extranjero.", headings=("Dietas", "Importes")
)


class FakeSession(Session):
    """Opens at once, or when ``opening`` is set; answers at once, or when ``answering`` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Location(folder, folder / ".assistant"), Settings())
        self.opening, self.answering = threading.Event(), threading.Event()
        self.opening.set()
        self.answering.set()
        self.fails_to_open: Exception | None = None
        self.fails_to_answer: Exception | None = None
        self.asked: list[str] = []
        self.searcher = FakeSearcher(
            [HOLIDAYS, TRAVEL],
            [passage_of(HOLIDAYS, b.start, b.end, n) for n, b in enumerate(HOLIDAYS.blocks[1:], start=1)]
            + [passage_of(TRAVEL, 0, len(TRAVEL.text), 9)],
        )
        self.collection = Collection(2, 4, "mini", "mini", "cpu")
        self.find: Callable[[str, str], list[tuple[int, int, float]]] = finder(
            {"22 días hábiles": 9.0, "45 euros": 4.0, "1 día": 2.0}
        )

    def open(self) -> Collection:
        self.opening.wait(10)
        if self.fails_to_open is not None:
            raise self.fails_to_open
        return self.collection

    def ask(self, question: str, *, unless: Callable[[], bool]) -> tuple[Answer | Abstention, Collection] | None:
        with self._using:
            if unless():
                return None
            self.asked.append(question)
            self.answering.wait(10)
            if self.fails_to_answer is not None:
                raise self.fails_to_answer
            reader = FakeReader(self.find if "vacaciones" in question else lambda *_: [])
            return Assistant(self.searcher, reader, self.settings).ask(question), self.collection

    def document(self, path: str) -> Document:
        return self.searcher.document(path)


def chat_over(session: Session) -> ChatApp:
    return ChatApp(session.location, session.settings, session=session)


QUESTION = "¿Cuántos días de vacaciones tengo?"
UNANSWERED = "¿Quién ganó la liga?"


async def until(pilot: Pilot[None], condition: Callable[[], object], *, patience: int = 500) -> None:
    """Let the app run until the condition holds, for so many hundredths of a second at most."""
    for _ in range(patience):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came about")


async def ask(pilot: Pilot[None], question: str = QUESTION) -> None:
    """Send a question and wait for what becomes of it, evidence included."""
    screen = chat_screen(pilot)
    screen.query_one(Prompt).load_text(question)
    screen.query_one(Prompt).action_send()
    await pilot.pause()
    number = max(screen.turns)
    await until(pilot, lambda: screen.turns[number].state in ("answered", "failed"))
    await settled(pilot)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the evidence shows what the cursor is on."""
    conversation, evidence = pilot.app.query_one(Conversation), pilot.app.query_one(Evidence)
    await until(pilot, lambda: evidence.source is (conversation.current.source if conversation.current else None))


def chat_screen(pilot: Pilot[None]) -> ChatScreen:
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, ChatScreen)
    return screen


def text_of(pilot: Pilot[None], selector: str = "#conversation") -> str:
    """Everything that the widgets under ``selector`` say, whether scrolled into view or not."""
    found = pilot.app.query_one(selector).query(Static)
    return "\n".join(str(widget.visual) for widget in found)
