"""The conversation: turns one under the other, and a cursor over the places that they cite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.console import one_line
from assistant.errors import Explanation
from assistant.render import REASONS, missing_lines, rejected_line
from assistant.tui.turns import Source, State, Turn, sources_of
from assistant.tui.widgets.blocks import Block
from assistant.types import Abstention, Answer

MAX_TURNS = 60
"""Turns kept on the screen, so that it stays quick after hundreds. The export has them all."""

_STATES: dict[State, str] = {
    "queued": "En espera: se contestará cuando los modelos estén cargados.",
    "running": "Buscando en los documentos…  (Esc cancela)",
    "cancelled": "Cancelada.",
}


class TurnView(Vertical):
    """A question and, below it, its state or its answer."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(classes="turn")
        self.number = turn.number
        self.turn = turn
        self.expanded = False

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("› ", "$text-primary"), one_line(self.turn.question)), classes="question")
        yield from self._body()

    async def show(self, turn: Turn) -> None:
        """Show what the turn has become."""
        self.turn = turn
        with self.app.batch_update():
            await self.query(".body").remove()
            await self.mount_all(self._body())

    async def toggle(self) -> bool:
        """Unfold or fold the alternatives. False where there are none."""
        if not isinstance(self.turn.result, Answer) or not self.turn.result.alternatives:
            return False
        self.expanded = not self.expanded
        await self.show(self.turn)
        return True

    def _body(self) -> list[Static]:
        widgets = self._result() if self.turn.result else [self._state()]
        for widget in widgets:
            widget.add_class("body")
        return widgets

    def _state(self) -> Static:
        if self.turn.problem is not None:
            return Static(problem_content(self.turn.problem), classes="problem")
        return Static(_STATES[self.turn.state], markup=False, classes="state")

    def _result(self) -> list[Static]:
        result = self.turn.result
        assert result is not None
        sources = sources_of(result)
        if isinstance(result, Abstention):
            return _abstention(result, sources)
        best = Block(sources[0], confidence=result.confidence)
        if not result.alternatives:
            return [best]
        shown = [Block(source, number=n) for n, source in enumerate(sources[1:], start=1)] if self.expanded else []
        return [best, Alternatives(len(sources) - 1, self.expanded), *shown]


def _abstention(result: Abstention, sources: Sequence[Source]) -> list[Static]:
    """What is missing, the quote that fell short, and the nearest passages."""
    missing = missing_lines(result.missing) if result.missing else []
    widgets: list[Static] = [Static(REASONS[result.reason], classes="abstention")]
    widgets += [Static(line, markup=False, classes="missing") for line in missing]
    near = sources
    if result.best_rejected is not None:
        widgets += [Static(f"{rejected_line(result.best_rejected)}:", markup=False, classes="aside"), Block(sources[0])]
        near = sources[1:]
    if near:
        widgets.append(Static("Lo más cercano que hay:", classes="aside"))
    return widgets + [Block(source, number=number) for number, source in enumerate(near, start=1)]


class Alternatives(Static):
    """The line that tells of other answers, and unfolds them when clicked."""

    def __init__(self, count: int, expanded: bool) -> None:
        others = "otra respuesta posible" if count == 1 else f"otras {count} respuestas posibles"
        text = "▾ También dicen los documentos:" if expanded else f"▸ Hay {others}"
        super().__init__(Content.assemble(text, ("  F3", "$foreground-muted")), classes="aside alternatives")


class Notice(Static):
    """Something the program says that is neither question nor answer."""


class Conversation(VerticalScroll, can_focus=True):
    """Posts :class:`Selected` when the cursor comes to stand on another block."""

    HELP_TITLE = "Recorrer la conversación"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Anterior", show=False, id="conversation.previous"),
        Binding("down,j", "move(1)", "Siguiente", show=False, id="conversation.next"),
        Binding("home,g", "edge(0)", "Primera", show=False, id="conversation.first"),
        Binding("end,G", "edge(-1)", "Última", show=False, id="conversation.last"),
        Binding("enter,space", "screen.alternatives", "Alternativas", show=False, id="conversation.alternatives"),
        Binding("c", "screen.copy", "Copiar", show=False, id="conversation.copy"),
        Binding("o", "screen.open", "Abrir", show=False, id="conversation.open"),
        Binding("f", "screen.evidence", "Fuente", show=False, id="conversation.evidence"),
    ]

    @dataclass
    class Selected(Message):
        """The block cursor is on this source, or nowhere."""

        source: Source | None

    def __init__(self) -> None:
        super().__init__(id="conversation")
        self.current: Block | None = None

    @property
    def turn_of_current(self) -> TurnView | None:
        """The turn that the cursor is in; the last one where the cursor is nowhere."""
        if self.current is not None and isinstance(self.current.parent, TurnView):
            return self.current.parent
        turns = self.query(TurnView)
        return turns.last() if turns else None

    async def add(self, turn: Turn) -> None:
        """Show a new turn at the end."""
        turns = list(self.query(TurnView))
        for old in turns[: max(len(turns) - MAX_TURNS + 1, 0)]:
            await old.remove()
        await self.mount(TurnView(turn))
        self._to_end()

    async def show(self, turn: Turn) -> None:
        """Show what a turn has become; its first source gets the cursor when it has been answered."""
        view = next((view for view in self.query(TurnView) if view.number == turn.number), None)
        if view is None:
            return
        await view.show(turn)
        if turn.result is not None:
            blocks = view.query(Block)
            self.select(blocks.first() if blocks else None, scroll=False)
            self.call_after_refresh(self.scroll_to_widget, view, animate=False, top=True)
        else:
            self._to_end()

    async def notice(self, text: str) -> None:
        """Say something outside the turns."""
        await self._say(Notice(text, markup=False, classes="notice"))

    async def notice_problem(self, problem: Explanation) -> None:
        """Say what went wrong outside the turns."""
        await self._say(Notice(problem_content(problem), markup=False, classes="problem"))

    async def clear(self) -> None:
        """Remove everything."""
        self.select(None)
        await self.remove_children()

    async def toggle_alternatives(self) -> bool:
        """Unfold or fold the other answers of the current turn. False where there are none."""
        view = self.turn_of_current
        if view is None or not await view.toggle():
            return False
        blocks = list(view.query(Block))
        self.select(blocks[1] if view.expanded else blocks[0])
        return True

    def select(self, block: Block | None, *, scroll: bool = True) -> None:
        """Put the cursor on a block, or nowhere."""
        for old in self.query(Block).filter(".-current"):
            old.remove_class("-current")
        self.current = block
        if block is not None:
            block.add_class("-current")
            if scroll:
                self.call_after_refresh(self.scroll_to_widget, block, animate=False)
        self.post_message(self.Selected(block.source if block else None))

    def action_move(self, step: int) -> None:
        blocks = list(self.query(Block))
        if not blocks:
            return
        at = blocks.index(self.current) if self.current in blocks else len(blocks)
        self.select(blocks[min(max(at + step, 0), len(blocks) - 1)])

    def action_edge(self, position: int) -> None:
        blocks = list(self.query(Block))
        if blocks:
            self.select(blocks[position])

    async def on_click(self, event: events.Click) -> None:
        if isinstance(event.widget, Block):
            self.select(event.widget)
        elif isinstance(event.widget, Alternatives) and isinstance(event.widget.parent, TurnView):
            self.select(event.widget.parent.query(Block).first(), scroll=False)
            await self.toggle_alternatives()

    async def _say(self, notice: Notice) -> None:
        await self.mount(notice)
        self._to_end()

    def _to_end(self) -> None:
        self.call_after_refresh(self.scroll_end, animate=False)


def problem_content(problem: Explanation) -> Content:
    """A problem and, on the next line, what to do."""
    remedy = f"\n→ {problem.remedy}" if problem.remedy else ""
    return Content.assemble(("No se pudo. ", "bold $text-error"), problem.message, (remedy, "bold"))
