"""The settings that shape the screen: theme and keys."""

from __future__ import annotations

import pytest

from assistant.settings import Settings
from assistant.tui.app import ChatApp
from assistant.tui.screens.help import HelpScreen
from assistant.tui.themes import DARK, LIGHT, names, theme_named
from tests.assistant.tui.sessions import FakeSession


@pytest.mark.parametrize(
    ("theme", "background", "shown"),
    [
        ("auto", None, DARK),
        ("auto", "15;0", DARK),
        ("auto", "0;15", LIGHT),
        ("auto", "0;default;7", LIGHT),
        ("claro", "15;0", LIGHT),
        ("oscuro", "0;15", DARK),
        ("nord", None, "nord"),
    ],
)
async def test_the_theme_of_the_settings(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch, theme: str, background: str | None, shown: str
) -> None:
    monkeypatch.delenv("COLORFGBG", raising=False)
    if background:
        monkeypatch.setenv("COLORFGBG", background)
    app = ChatApp(session.location, Settings(theme=theme), session=session)
    async with app.run_test():
        assert app.theme == shown


async def test_every_theme_that_can_be_named_is_registered(session: FakeSession) -> None:
    app = ChatApp(session.location, Settings(), session=session)
    async with app.run_test():
        assert {theme_named(name) for name in names()} <= set(app.available_themes)


async def test_keys_of_the_settings_take_the_place_of_the_usual_ones(session: FakeSession) -> None:
    app = ChatApp(session.location, Settings(keymap={"help": "f8", "theme": "ctrl+g"}), session=session)
    async with app.run_test() as pilot:
        await pilot.press("f1")
        assert not isinstance(app.screen, HelpScreen)
        before = app.theme
        await pilot.press("ctrl+g")
        assert app.theme != before
        await pilot.press("f8")
        assert isinstance(app.screen, HelpScreen)
