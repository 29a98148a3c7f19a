"""How each screen looks at three sizes. Accept a change with ``pytest --snapshot-update`` after looking at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from assistant.tui.widgets.prompt import Prompt
from index.errors import IndexProblem
from tests.assistant.tui.sessions import UNANSWERED, FakeSession, ask, chat_over, settled, until

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x50": (200, 50)}


async def welcome(pilot: Pilot[None]) -> None:
    pass


async def answered(pilot: Pilot[None]) -> None:
    await ask(pilot)


async def evidence(pilot: Pilot[None]) -> None:
    await ask(pilot)
    await pilot.press("f2")


async def alternatives(pilot: Pilot[None]) -> None:
    await ask(pilot)
    await pilot.press("f3")
    await settled(pilot)


async def abstained(pilot: Pilot[None]) -> None:
    await ask(pilot, UNANSWERED)


async def light(pilot: Pilot[None]) -> None:
    await ask(pilot)
    await pilot.press("ctrl+t")


async def helped(pilot: Pilot[None]) -> None:
    await pilot.press("f1")


async def failed(pilot: Pilot[None]) -> None:
    session = pilot.app.session  # type: ignore[attr-defined]
    session.fails_to_answer = IndexProblem("El índice está dañado.", "Vuelva a indexar la carpeta.")
    await ask(pilot)


SCREENS = (welcome, answered, evidence, alternatives, abstained, light, helped, failed)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_screen(
    screen: Callable[[Pilot[None]], Awaitable[None]],
    size: tuple[int, int],
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR")

    async def run(pilot: Pilot[None]) -> None:
        pilot.app.query_one(Prompt).cursor_blink = False
        await until(pilot, lambda: pilot.app.query_one("#status").collection)  # type: ignore[attr-defined]
        await screen(pilot)
        await pilot.pause()

    assert snap_compare(chat_over(FakeSession(Path("documentos"))), terminal_size=size, run_before=run)


def test_without_colour(snap_compare: Callable[..., bool]) -> None:
    """The words and the cursor are told apart by underlining and shape alone."""

    async def run(pilot: Pilot[None]) -> None:
        pilot.app.query_one(Prompt).cursor_blink = False
        await ask(pilot)

    assert snap_compare(chat_over(FakeSession(Path("documentos"))), terminal_size=(120, 36), run_before=run)
