"""Where questions are typed: several lines if wanted, with those asked before a key away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

MAX_QUESTION = 2000
"""Characters. A question is a sentence or two; a pasted report is not one, and would only slow the search."""


class Prompt(TextArea):
    """A text area that sends with Enter and walks through the history where the cursor can go no further."""

    HELP_TITLE = "Escribir una pregunta"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Preguntar", show=False, id="prompt.send"),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "Otra línea", show=False, id="prompt.newline"),
    ]

    @dataclass
    class Sent(Message):
        """A question was sent. The prompt has emptied itself."""

        question: str

    @dataclass
    class PasteCut(Message):
        """More was pasted than a question can hold; only the beginning was taken."""

        characters: int

    def __init__(self) -> None:
        super().__init__(
            placeholder="Pregunte algo sobre sus documentos…",
            highlight_cursor_line=False,
            id="prompt",
        )
        self._sent: list[str] = []
        self._at = 0  # position in ``_sent``; its length means the draft
        self._draft = ""

    def action_send(self) -> None:
        question = self.text.strip()
        if not question:
            return
        if question not in self._sent[-1:]:
            self._sent.append(question)
        self._at, self._draft = len(self._sent), ""
        self.load_text("")
        self.post_message(self.Sent(question))

    def action_newline(self) -> None:
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        if not select and self._at > 0 and self.navigator.is_first_wrapped_line(self.cursor_location):
            self._recall(self._at - 1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        at_end = self.navigator.is_last_wrapped_line(self.cursor_location)
        if not select and self._at < len(self._sent) and at_end:
            self._recall(self._at + 1)
        else:
            super().action_cursor_down(select)

    async def _on_key(self, event: events.Key) -> None:
        # In its turn, behind the characters typed before it: a priority binding would overtake them, find the prompt
        # empty and lose the question of whoever types fast.
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_send()
        else:
            await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        room = MAX_QUESTION - len(self.text)
        if len(event.text) <= room:
            return
        event.prevent_default()
        self.insert(event.text[: max(room, 0)])
        self.post_message(self.PasteCut(len(event.text)))

    def _recall(self, at: int) -> None:
        if self._at == len(self._sent):
            self._draft = self.text
        self._at = at
        self.load_text(self._sent[at] if at < len(self._sent) else self._draft)
        self.move_cursor(self.document.end)
