"""Every key does what the help says, and the help and the palette tell of every key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.pilot import Pilot

from assistant.tui import viewer
from assistant.tui.app import ChatApp
from assistant.tui.help import TOPICS, help_text
from assistant.tui.screens.chat import ChatScreen
from assistant.tui.screens.help import HelpScreen
from assistant.tui.themes import DARK, LIGHT
from assistant.tui.widgets.blocks import Block
from assistant.tui.widgets.conversation import Conversation
from assistant.tui.widgets.evidence import EvidenceText, PieceView
from assistant.tui.widgets.prompt import Prompt
from tests.assistant.tui.sessions import FakeSession, ask, chat_over, chat_screen, settled, text_of, until

Press = Callable[[Pilot[None]], Awaitable[None]]
KEYS: dict[str, Press] = {}
"""What each binding does, by its id."""


def key(*ids: str) -> Callable[[Press], Press]:
    def keep(press: Press) -> Press:
        KEYS.update(dict.fromkeys(ids, press))
        return press

    return keep


def current(pilot: Pilot[None]) -> str:
    block = pilot.app.query_one(Conversation).current
    assert block is not None
    return block.source.words


def opened(pilot: Pilot[None]) -> list[tuple[str, int | None]]:
    return pilot.app.opened  # type: ignore[attr-defined,no-any-return]


@key("help", "help.close")
async def help_is_about_the_part_that_has_the_focus(pilot: Pilot[None]) -> None:
    for widget in (Prompt, Conversation, EvidenceText):
        pilot.app.query_one(widget).focus()
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        assert pilot.app.screen._topic in TOPICS
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChatScreen))


@key("palette")
async def palette_opens(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))


@key("quit")
async def quits(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+q")
    await pilot.pause()
    await until(pilot, lambda: not pilot.app.is_running)


@key("theme")
async def theme_changes_and_comes_back(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+t")
    await until(pilot, lambda: pilot.app.theme == LIGHT)
    await pilot.press("ctrl+t")
    await until(pilot, lambda: pilot.app.theme == DARK)


@key("evidence", "conversation.evidence")
async def evidence_is_shown_over_the_conversation_and_left(pilot: Pilot[None]) -> None:
    text = pilot.app.query_one(EvidenceText)
    for focus, press in ((Prompt, "f2"), (Conversation, "f")):
        pilot.app.query_one(focus).focus()
        await pilot.press(press)
        await pilot.pause()
        await until(pilot, lambda: text.has_focus)
        await until(pilot, lambda: text.region.width > 70)
        await pilot.press("f2")
        await pilot.pause()
        await until(pilot, lambda: pilot.app.query_one(Prompt).has_focus)
        await until(pilot, lambda: not text.region)


@key("alternatives", "conversation.alternatives")
async def alternatives_unfold_and_fold(pilot: Pilot[None]) -> None:
    await pilot.press("f3")
    await until(pilot, lambda: current(pilot) == "45 euros")
    pilot.app.query_one(Conversation).focus()
    await pilot.press("enter")
    await until(pilot, lambda: current(pilot) == "22 días hábiles")
    await until(pilot, lambda: len(pilot.app.query(Block)) == 1)


@key("copy", "conversation.copy", "evidence.copy")
async def copies_the_words_with_their_source(pilot: Pilot[None]) -> None:
    for focus, press in ((Prompt, "f4"), (Conversation, "c"), (EvidenceText, "c")):
        pilot.app._clipboard = ""
        chat_screen(pilot).add_class("-evidence")
        await pilot.pause()
        pilot.app.query_one(focus).focus()
        await pilot.press(press)
        await until(pilot, lambda: pilot.app.clipboard == "«22 días hábiles» (rrhh/permisos.pdf · pág. 2 · Vacaciones)")


@key("open", "conversation.open", "evidence.open")
async def opens_the_file_at_its_page(pilot: Pilot[None]) -> None:
    for focus, press in ((Prompt, "f5"), (Conversation, "o"), (EvidenceText, "o")):
        chat_screen(pilot).add_class("-evidence")
        await pilot.pause()
        pilot.app.query_one(focus).focus()
        await pilot.press(press)
    await until(pilot, lambda: opened(pilot) == [("permisos.pdf", 2)] * 3)


@key("export")
async def export_writes_a_file_and_says_where(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+s")
    await until(pilot, lambda: "Conversación guardada en" in text_of(pilot))
    written = list(Path.cwd().glob("conversacion-*.md"))
    assert len(written) == 1
    assert str(written[0]) in text_of(pilot)
    assert "**22 días hábiles**" in written[0].read_text(encoding="utf-8")


@key("new")
async def new_conversation_is_empty(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+l")
    await pilot.pause()
    await until(pilot, lambda: not pilot.app.query(Block))
    await until(pilot, lambda: not chat_screen(pilot).turns)
    await ask(pilot)
    await until(pilot, lambda: current(pilot) == "22 días hábiles")


@key("previous", "next")
async def cursor_moves_without_leaving_the_prompt(pilot: Pilot[None]) -> None:
    await ask(pilot, "¿y las vacaciones?")
    first, second = pilot.app.query(Block)
    await pilot.press("ctrl+up")
    await until(pilot, lambda: pilot.app.query_one(Conversation).current is first)
    await pilot.press("alt+down")
    await until(pilot, lambda: pilot.app.query_one(Conversation).current is second)
    await until(pilot, lambda: pilot.app.query_one(Prompt).has_focus)


@key("conversation.previous", "conversation.next", "conversation.first", "conversation.last")
async def cursor_moves_over_the_blocks(pilot: Pilot[None]) -> None:
    pilot.app.query_one(Conversation).focus()
    await pilot.press("enter", "home")
    await until(pilot, lambda: current(pilot) == "22 días hábiles")
    await pilot.press("down")
    await until(pilot, lambda: current(pilot) == "45 euros")
    await pilot.press("end")
    await until(pilot, lambda: current(pilot) == "1 día")
    await pilot.press("j")
    await until(pilot, lambda: current(pilot) == "1 día")
    await pilot.press("up", "k")
    await until(pilot, lambda: current(pilot) == "22 días hábiles")
    await settled(pilot)
    await until(pilot, lambda: "22 días hábiles" in text_of(pilot, "#evidence"))


@key("back")
async def escape_leaves_one_thing_at_a_time(pilot: Pilot[None]) -> None:
    await pilot.press("f2", "escape")
    await pilot.pause()
    await until(pilot, lambda: pilot.app.query_one(Prompt).has_focus)
    await until(pilot, lambda: not pilot.app.query_one(EvidenceText).region)
    await pilot.press("shift+tab")
    await until(pilot, lambda: pilot.app.query_one(Conversation).has_focus)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.query_one(Prompt).has_focus)


@key("prompt.send", "prompt.newline")
async def prompt_sends_and_breaks_lines(pilot: Pilot[None]) -> None:
    await pilot.press("a", "ctrl+j", "b", "enter")
    await until(pilot, lambda: chat_screen(pilot).turns[2].question == "a\nb")


@key("evidence.earlier", "evidence.later", "evidence.back")
async def evidence_reads_on_and_comes_back(pilot: Pilot[None]) -> None:
    def marked() -> bool:
        return any(view.marked_from is not None for view in pilot.app.query(PieceView))

    session = chat_screen(pilot).session
    assert isinstance(session, FakeSession)
    await pilot.press("f2")
    await pilot.press("right")
    await until(pilot, lambda: not marked())
    await pilot.press("enter")
    await until(pilot, marked)
    await pilot.press("left", "left")
    await until(pilot, lambda: "reúne los permisos" in text_of(pilot, "#evidence"))
    await pilot.press("enter")
    await until(pilot, marked)


@pytest.mark.parametrize("name", sorted(KEYS))
async def test_key(name: str, session: FakeSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    app = chat_over(session)
    app.opened = []  # type: ignore[attr-defined]
    monkeypatch.setattr(
        viewer,
        "open_document",
        lambda path, page: app.opened.append((path.name, page)),  # type: ignore[attr-defined]
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot)
        await KEYS[name](pilot)


def bindings() -> list[Binding]:
    owners = (ChatApp, ChatScreen, HelpScreen, Prompt, Conversation, EvidenceText)
    return [binding for owner in owners for binding in owner.BINDINGS if isinstance(binding, Binding)]


def test_every_binding_is_tested_and_has_a_name_of_its_own() -> None:
    ids = [binding.id for binding in bindings()]
    assert sorted(KEYS) == sorted(id for id in ids if id)
    assert None not in ids


def test_the_help_tells_of_every_key_that_works_everywhere() -> None:
    written = {"f1": "F1", "ctrl+up,alt+up": "Ctrl+↑", "ctrl+down,alt+down": "Ctrl+↓", "escape": "Esc"}
    for owner in (ChatApp, ChatScreen):
        for binding in owner.BINDINGS:
            assert isinstance(binding, Binding)
            shown = written.get(binding.key, "+".join(part.capitalize() for part in binding.key.split("+")))
            assert shown in help_text("prompt"), binding.key


async def test_the_palette_has_every_action_in_spanish(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        await ask(pilot)
        commands = {command.title: command for command in pilot.app.get_system_commands(pilot.app.screen)}
        await pilot.pause()
        assert set(commands) == {
            "Ver la fuente",
            "Otras respuestas",
            "Copiar la cita",
            "Abrir el documento",
            "Cita anterior",
            "Cita siguiente",
            "Guardar la conversación",
            "Conversación nueva",
            "Cancelar",
            "Ayuda",
            "Tema claro u oscuro",
            "Elegir otro tema",
            "Salir",
        }
        await pilot.press("ctrl+p", *"copiar la")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.clipboard)
        assert "22 días hábiles" in pilot.app.clipboard


async def test_the_mouse_selects_unfolds_and_focuses(session: FakeSession) -> None:
    async with chat_over(session).run_test(size=(120, 40)) as pilot:
        await ask(pilot)
        await pilot.click(".alternatives")
        await until(pilot, lambda: len(pilot.app.query(Block)) == 3)
        await pilot.click(pilot.app.query(Block)[2])
        assert current(pilot) == "1 día"
        await pilot.click("#prompt")
        assert pilot.app.query_one(Prompt).has_focus
