"""F1: what can be done where the person is, and every key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown

from assistant.tui.help import help_text


class HelpScreen(ModalScreen[None]):
    """A page of help over the chat."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss", "Cerrar", id="help.close"),
    ]

    def __init__(self, topic: str | None) -> None:
        super().__init__()
        self._topic = topic

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as frame:
            frame.border_title = "Ayuda"
            frame.border_subtitle = "Esc cierra · ↑ ↓ desplazan"
            yield Markdown(help_text(self._topic))
