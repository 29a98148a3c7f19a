"""The chat: prompt, conversation, evidence and status, and the two threads that load and answer."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import get_current_worker

from assistant.errors import AssistantProblem, Explanation
from assistant.tui import export, viewer
from assistant.tui.help import WELCOME
from assistant.tui.messages import (
    AnswerFailed,
    AnswerReady,
    AnswerStarted,
    EvidenceFailed,
    EvidenceReady,
    ModelsFailed,
    ModelsReady,
)
from assistant.tui.session import Session, explanation_of
from assistant.tui.turns import Source, Turn
from assistant.tui.widgets.conversation import Conversation
from assistant.tui.widgets.evidence import Evidence, EvidenceText
from assistant.tui.widgets.prompt import MAX_QUESTION, Prompt
from assistant.tui.widgets.status import LOADING, READY, StatusLine

SIDE_BY_SIDE = 100
"""Columns from which the evidence stands beside the conversation; below, it lies over it."""


class ChatScreen(Screen[None]):
    """Questions are queued and answered one at a time, in order, once the models are there."""

    AUTO_FOCUS = "#prompt"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (SIDE_BY_SIDE, "-beside")]  # noqa: RUF012 (an instance variable to mypy)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "evidence", "Fuente", id="evidence", tooltip="Ver la cita dentro de su documento"),
        Binding("f3", "alternatives", "Otras", id="alternatives", tooltip="Ver u ocultar las otras respuestas"),
        Binding("f4", "copy", "Copiar", id="copy", tooltip="Copiar las palabras citadas y su procedencia"),
        Binding("f5", "open", "Abrir", id="open", tooltip="Abrir el documento con su programa"),
        Binding("ctrl+s", "export", "Guardar", id="export", tooltip="Guardar la conversación en un archivo Markdown"),
        Binding("ctrl+l", "new", "Nueva", show=False, id="new", tooltip="Empezar una conversación nueva"),
        Binding("ctrl+up,alt+up", "move(-1)", "Cita anterior", show=False, id="previous"),
        Binding("ctrl+down,alt+down", "move(1)", "Cita siguiente", show=False, id="next"),
        Binding("escape", "back", "Cancelar o volver", show=False, id="back"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.turns: dict[int, Turn] = {}
        self._queue: deque[int] = deque()
        self._answering: int | None = None
        self._asked = 0
        self._ready = False
        self._loading = False

    def compose(self) -> ComposeResult:
        yield StatusLine(self.session.location.folder)
        with Horizontal(id="main"):
            yield Conversation()
            yield Evidence()
        yield Prompt()
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        await self.query_one(Conversation).notice(WELCOME)
        # After the first paint: importing torch would compete with it for the interpreter.
        self.call_after_refresh(self._start_loading)

    # Loading

    def _start_loading(self) -> None:
        self._loading = True
        self._show_state()
        self._load()

    @work(thread=True, exclusive=True, group="load", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(ModelsReady(self.session.open()))
        except Exception as error:
            self.post_message(ModelsFailed(explanation_of(error)))

    @on(ModelsReady)
    def _models_ready(self, message: ModelsReady) -> None:
        self._loading, self._ready = False, True
        self.query_one(StatusLine).collection = message.collection
        self._answer_next()

    @on(ModelsFailed)
    async def _models_failed(self, message: ModelsFailed) -> None:
        self._loading = False
        self._show_state()
        while self._queue:
            await self._update(self._queue.popleft(), state="failed", problem=message.problem)
        again = f"{message.problem.remedy} Cuando esté resuelto, pregunte otra vez y se volverá a intentar.".strip()
        await self.query_one(Conversation).notice_problem(Explanation(message.problem.message, again))

    # Asking

    @on(Prompt.Sent)
    async def _sent(self, message: Prompt.Sent) -> None:
        self._asked += 1
        turn = Turn(self._asked, message.question)
        self.turns[turn.number] = turn
        self._queue.append(turn.number)
        await self.query_one(Conversation).add(turn)
        if not self._ready and not self._loading:
            self._start_loading()
        self._answer_next()

    @on(Prompt.PasteCut)
    def _paste_cut(self, message: Prompt.PasteCut) -> None:
        self._tell(
            f"Lo pegado tiene {message.characters} caracteres y en una pregunta caben {MAX_QUESTION}: "
            "solo se ha tomado el principio.",
            warning=True,
        )

    def _answer_next(self) -> None:
        if self._ready and self._answering is None and self._queue:
            self._answering = self._queue.popleft()
            self._answer(self._answering, self.turns[self._answering].question)
        self._show_state()

    @work(thread=True, exclusive=True, group="answer", exit_on_error=False)
    def _answer(self, number: int, question: str) -> None:
        worker = get_current_worker()
        self.post_message(AnswerStarted(number))
        try:
            answered = self.session.ask(question, unless=lambda: worker.is_cancelled)
            if answered is not None:
                self.post_message(AnswerReady(number, *answered))
        except Exception as error:
            self.post_message(AnswerFailed(number, explanation_of(error)))

    @on(AnswerStarted)
    async def _answer_started(self, message: AnswerStarted) -> None:
        if message.turn == self._answering:
            await self._update(message.turn, state="running")

    @on(AnswerReady)
    async def _answer_ready(self, message: AnswerReady) -> None:
        self.query_one(StatusLine).collection = message.collection
        if message.turn == self._answering:  # and not one cancelled meanwhile
            self._answering = None
            await self._update(message.turn, state="answered", result=message.result)
            self._answer_next()

    @on(AnswerFailed)
    async def _answer_failed(self, message: AnswerFailed) -> None:
        if message.turn == self._answering:
            self._answering = None
            await self._update(message.turn, state="failed", problem=message.problem)
            self._answer_next()

    async def _update(self, number: int, **changes: object) -> None:
        turn = self.turns[number] = replace(self.turns[number], **changes)  # type: ignore[arg-type]
        await self.query_one(Conversation).show(turn)

    def _show_state(self) -> None:
        if self._loading:
            state = LOADING
        elif not self._ready:
            state = "Sin modelos"
        else:
            state = READY if self._answering is None else "Buscando…"
        self.query_one(StatusLine).state = state

    # Evidence

    @on(Conversation.Selected)
    async def _selected(self, message: Conversation.Selected) -> None:
        if message.source is None:
            await self.query_one(Evidence).clear()
        else:
            self._fetch(message.source)

    @work(thread=True, exclusive=True, group="evidence", exit_on_error=False)
    def _fetch(self, source: Source) -> None:
        try:
            self.post_message(EvidenceReady(source, self.session.document(source.document)))
        except Exception as error:
            self.post_message(EvidenceFailed(source, explanation_of(error)))

    @on(EvidenceReady)
    async def _evidence_ready(self, message: EvidenceReady) -> None:
        if message.source is self._source:  # and not one that the cursor has left
            await self.query_one(Evidence).show(message.source, message.document)

    @on(EvidenceFailed)
    async def _evidence_failed(self, message: EvidenceFailed) -> None:
        if message.source is self._source:
            await self.query_one(Evidence).show_alone(message.source, message.problem)

    @property
    def _source(self) -> Source | None:
        current = self.query_one(Conversation).current
        return current.source if current else None

    # Actions

    def action_evidence(self) -> None:
        """Show the evidence and go to it; from there, go back."""
        text = self.query_one(EvidenceText)
        if text.has_focus:
            self._leave_evidence()
        else:
            self.add_class("-evidence")
            self.call_after_refresh(text.focus)

    async def action_alternatives(self) -> None:
        if not await self.query_one(Conversation).toggle_alternatives():
            self._tell("Esta respuesta no tiene alternativas.")

    def action_copy(self) -> None:
        if source := self._cited():
            self.app.copy_to_clipboard(source.copied)
            self._tell("Cita copiada.")

    def action_open(self) -> None:
        if source := self._cited():
            path = self.session.location.folder / source.document
            try:
                viewer.open_document(path, source.place.page)
                self._tell(f"Abriendo «{path.name}»…")
            except AssistantProblem as problem:
                self._tell(f"{problem.message} {problem.remedy}", warning=True)

    async def action_export(self) -> None:
        if not self.turns:
            self._tell("Todavía no hay nada que guardar.")
            return
        now, folder = datetime.now(), self.session.location.folder
        conversation = self.query_one(Conversation)
        try:
            path = export.save(export.to_markdown(self.turns.values(), folder, now), folder, now)
            await conversation.notice(f"Conversación guardada en {path}")
        except (OSError, AssistantProblem) as error:
            await conversation.notice_problem(explanation_of(error))

    async def action_new(self) -> None:
        """Begin again with an empty conversation."""
        self._cancel()
        self.turns.clear()
        conversation = self.query_one(Conversation)
        await conversation.clear()
        await conversation.notice(WELCOME)
        self.query_one(Prompt).focus()

    def action_move(self, step: int) -> None:
        self.query_one(Conversation).action_move(step)

    async def action_back(self) -> None:
        """Leave the evidence, or the conversation; in the prompt, cancel what is being answered."""
        if self.query_one(EvidenceText).has_focus or (self.has_class("-narrow") and self.has_class("-evidence")):
            self._leave_evidence()
        elif not self.query_one(Prompt).has_focus:
            self.query_one(Prompt).focus()
        else:
            await self.action_cancel()

    async def action_cancel(self) -> None:
        """Stop waiting for the question being answered and for those after it."""
        for number in self._cancel():
            await self._update(number, state="cancelled")

    def _leave_evidence(self) -> None:
        self.remove_class("-evidence")
        self.query_one(Prompt).focus()

    def _cancel(self) -> list[int]:
        """Forget the question being answered and those waiting. Returns their numbers."""
        numbers = [*([self._answering] if self._answering is not None else []), *self._queue]
        self._queue.clear()
        self._answering = None
        self.workers.cancel_group(self, "answer")
        self._show_state()
        return numbers

    def _cited(self) -> Source | None:
        if self._source is None:
            self._tell("Todavía no hay ninguna cita seleccionada.")
        return self._source

    def _tell(self, text: str, *, warning: bool = False) -> None:
        self.app.notify(text, severity="warning" if warning else "information", markup=False)
