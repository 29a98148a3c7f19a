"""The evidence: the cited passage where it stands in its document, with the words marked and in view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.errors import Explanation
from assistant.tui.excerpt import REACH, Excerpt, Piece, excerpt_of, passage_alone, still_says
from assistant.tui.turns import Source
from assistant.tui.widgets.blocks import WORDS
from assistant.tui.widgets.conversation import problem_content
from index.types import Document

MARKED = f"{WORDS} on $warning-muted"
_EMPTY = "Aquí verá, dentro de su documento, las palabras de cada respuesta."
_CHANGED = "El documento ha cambiado desde esta respuesta; este es el pasaje tal como se leyó."


class PieceView(Static):
    """One block of the document."""

    def __init__(self, piece: Piece) -> None:
        classes = f"piece {piece.kind}" + (" -cited" if piece.cited else "")
        self.text = Content.assemble(
            "• " if piece.kind == "list_item" else "", piece.before, (piece.words, MARKED), piece.after
        )
        self.cited = piece.cited
        self.marked_from = len(piece.before) if piece.words else None
        super().__init__(self.text, markup=False, classes=classes)

    @dataclass
    class Placed(Message):
        """A cited block has got its place on the screen, for the first time or at another width."""

    def on_resize(self) -> None:
        if self.cited:
            self.post_message(self.Placed())

    @property
    def marked_row(self) -> int:
        """The row of the marked words within this widget, as it is wrapped now."""
        if not self.marked_from or not self.content_size.width:
            return 0
        return max(len(self.text[: self.marked_from + 1].wrap(self.content_size.width)) - 1, 0)


class EvidenceText(VerticalScroll, can_focus=True):
    """The scrolling text of the panel."""

    HELP_TITLE = "Leer la fuente"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,p", "turn(-1)", "Antes", show=False, id="evidence.earlier"),
        Binding("right,n", "turn(1)", "Después", show=False, id="evidence.later"),
        Binding("enter,space", "back", "Volver a la cita", show=False, id="evidence.back"),
        Binding("c", "screen.copy", "Copiar", show=False, id="evidence.copy"),
        Binding("o", "screen.open", "Abrir", show=False, id="evidence.open"),
    ]

    @dataclass
    class Turned(Message):
        """Another stretch of the document is wanted: so many steps on, or 0 for the citation."""

        step: int

    def action_turn(self, step: int) -> None:
        self.post_message(self.Turned(step))

    def action_back(self) -> None:
        self.post_message(self.Turned(0))


class Evidence(Vertical):
    """The panel: beside the conversation where there is room, over it where there is not."""

    def __init__(self) -> None:
        super().__init__(id="evidence")
        self.source: Source | None = None
        self._document: Document | None = None
        self._centre: int | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="evidence-title", markup=False)
        with EvidenceText(id="evidence-text"):
            yield Static(_EMPTY, classes="aside")
        yield Static("← → leer antes y después · Intro vuelve a la cita", id="evidence-hint", markup=False)

    async def show(self, source: Source, document: Document) -> None:
        """Show a source in its document, or alone where the document says something else by now."""
        self._document = document if still_says(document, source) else None
        self._centre = None
        await self._fill(source, "" if self._document else _CHANGED)

    async def show_alone(self, source: Source, problem: Explanation) -> None:
        """Show a source whose document cannot be had any more, and why."""
        self._document = self._centre = None
        await self._fill(source, problem_content(problem))

    async def clear(self) -> None:
        """Show nothing."""
        self.source = self._document = None
        self.query_one("#evidence-title", Static).update("")
        await self._replace(Static(_EMPTY, classes="aside"))

    async def on_evidence_text_turned(self, message: EvidenceText.Turned) -> None:
        message.stop()
        if self.source is None or self._document is None:
            return
        centre = self.source.start if self._centre is None else self._centre
        wanted = centre + message.step * REACH * 3 // 2
        self._centre = min(max(wanted, 0), len(self._document.text)) if message.step else None
        await self._fill(self.source, "")

    @on(PieceView.Placed)
    def _placed(self, message: PieceView.Placed) -> None:
        message.stop()
        self._reveal()

    async def _fill(self, source: Source, notice: str | Content) -> None:
        document = self._document
        title = document.title if document else ""
        heading = Content.assemble((source.citation, "bold $text-accent"))
        shown = title and title not in source.citation
        self.query_one("#evidence-title", Static).update(Content(f"{title}\n") + heading if shown else heading)
        excerpt = excerpt_of(document, source, self._centre) if document else passage_alone(source)
        await self._replace(*([Static(notice, markup=False, classes="aside")] if notice else []), *_views(excerpt))
        self.source = source

    async def _replace(self, *widgets: Static) -> None:
        text = self.query_one(EvidenceText)
        with self.app.batch_update():
            await text.remove_children()
            text.scroll_to(y=0, animate=False, immediate=True)  # at once: later it would undo what is revealed
            await text.mount_all(widgets)

    def _reveal(self) -> None:
        """Scroll the marked words, or else the cited passage, to a third of the height."""
        text = self.query_one(EvidenceText)
        views = list(text.query(PieceView))
        marked = [view for view in views if view.marked_from is not None] or [view for view in views if view.cited]
        if marked:
            row = marked[0].virtual_region.y + marked[0].marked_row
            text.scroll_to(y=max(row - text.size.height // 3, 0), animate=False)


def _views(excerpt: Excerpt) -> list[Static]:
    views: list[Static] = [Static("⋮", classes="aside")] if excerpt.earlier else []
    for piece in excerpt.pieces:
        if piece.heading:
            views.append(Static(f"── {piece.heading} ──", markup=False, classes="aside"))
        views.append(PieceView(piece))
    return [*views, Static("⋮", classes="aside")] if excerpt.later else views
