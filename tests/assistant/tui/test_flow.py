"""From the first key to the answer: queueing, answering, abstaining, cancelling, failing."""

from __future__ import annotations

from dataclasses import replace

from textual.events import Paste

from assistant.tui.widgets.blocks import WORDS, Block
from assistant.tui.widgets.conversation import MAX_TURNS, TurnView
from assistant.tui.widgets.evidence import EvidenceText, PieceView
from assistant.tui.widgets.prompt import MAX_QUESTION, Prompt
from assistant.tui.widgets.status import READY, StatusLine
from index.errors import IndexProblem
from tests.assistant.tui.sessions import (
    QUESTION,
    UNANSWERED,
    FakeSession,
    ask,
    chat_over,
    chat_screen,
    settled,
    text_of,
    until,
)


async def test_one_types_and_sends_while_the_models_load(session: FakeSession) -> None:
    session.opening.clear()
    async with chat_over(session).run_test() as pilot:
        prompt = pilot.app.query_one(Prompt)
        assert prompt.has_focus
        await pilot.press(*"vacaciones", "enter", *"dietas")
        await until(pilot, lambda: prompt.text == "dietas")
        await until(pilot, lambda: "En espera" in text_of(pilot))
        assert session.asked == []
        session.opening.set()
        await until(pilot, lambda: chat_screen(pilot).turns[1].state == "answered")
        assert session.asked == ["vacaciones"]
        await until(pilot, lambda: prompt.text == "dietas")
        assert pilot.app.query_one(StatusLine).state == READY


async def test_an_answer_shows_the_words_in_their_sentence_with_citation_and_confidence(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        await ask(pilot)
        content = pilot.app.query_one(Block).visual
        assert "Las vacaciones anuales son de 22 días hábiles por año" in content.plain
        assert "rrhh/permisos.pdf · pág. 2 · Vacaciones" in content.plain
        assert "Confianza alta" in content.plain
        marked = [content.plain[span.start : span.end] for span in content.spans if span.style == WORDS]
        assert marked == ["22 días hábiles"]


async def test_the_evidence_shows_the_words_marked_and_in_view(session: FakeSession) -> None:
    async with chat_over(session).run_test(size=(120, 24)) as pilot:
        await ask(pilot)
        view = next(view for view in pilot.app.query(PieceView) if view.marked_from is not None)
        assert view.text.plain[view.marked_from :].startswith("22 días hábiles")
        text = pilot.app.query_one(EvidenceText)
        row = view.virtual_region.y + view.marked_row
        assert text.scroll_y <= row < text.scroll_y + text.size.height


async def test_a_long_block_is_scrolled_to_the_row_of_the_words(session: FakeSession) -> None:
    session.find = lambda _, passage: [(at, at + 5, 9.0)] if (at := passage.rfind("1 día")) > 0 else []
    async with chat_over(session).run_test(size=(120, 14)) as pilot:
        await ask(pilot)
        view = next(view for view in pilot.app.query(PieceView) if view.marked_from is not None)
        assert view.marked_row > 3
        text = pilot.app.query_one(EvidenceText)
        row = view.virtual_region.y + view.marked_row
        assert text.scroll_y <= row < text.scroll_y + text.size.height


async def test_an_abstention_shows_the_nearest_passages(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        await ask(pilot, UNANSWERED)
        said = text_of(pilot)
        assert "Los documentos no lo dicen" in said
        assert "viajes.md" in said
        assert len(pilot.app.query(Block)) == 3
        assert "22 días hábiles" in text_of(pilot, "#evidence")


async def test_questions_are_answered_in_order(session: FakeSession) -> None:
    session.answering.clear()
    questions = [f"vacaciones {number}" for number in range(5)]
    async with chat_over(session).run_test() as pilot:
        prompt = pilot.app.query_one(Prompt)
        for question in questions:
            prompt.load_text(question)
            prompt.action_send()
        session.answering.set()
        await until(pilot, lambda: len(session.asked) == 5 and chat_screen(pilot).turns[5].state == "answered")
        assert session.asked == questions


async def test_escape_cancels_and_the_late_answer_is_ignored(session: FakeSession) -> None:
    session.answering.clear()
    async with chat_over(session).run_test() as pilot:
        await pilot.press(*"vacaciones", "enter")
        await until(pilot, lambda: session.asked)
        await pilot.press(*"dietas", "enter", *"otra", "enter", "escape")
        screen = chat_screen(pilot)
        await until(pilot, lambda: [turn.state for turn in screen.turns.values()] == ["cancelled"] * 3)
        await pilot.press(*"luego vacaciones", "enter")
        session.answering.set()
        await until(pilot, lambda: screen.turns[4].state == "answered")
        await until(pilot, lambda: [turn.state for turn in screen.turns.values()] == ["cancelled"] * 3 + ["answered"])
        assert session.asked == ["vacaciones", "luego vacaciones"]


async def test_models_that_cannot_be_loaded_are_a_message_and_asking_tries_again(session: FakeSession) -> None:
    session.fails_to_open = IndexProblem("No hay índice en «carpeta».", "Créelo con: assistant index carpeta")
    async with chat_over(session).run_test() as pilot:
        await until(pilot, lambda: "No hay índice en «carpeta»." in text_of(pilot))
        assert "assistant index carpeta" in text_of(pilot)
        await ask(pilot)
        assert chat_screen(pilot).turns[1].state == "failed"
        session.fails_to_open = None
        await ask(pilot)
        assert chat_screen(pilot).turns[2].state == "answered"


async def test_a_failed_answer_is_a_message_and_the_chat_goes_on(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        session.fails_to_answer = ZeroDivisionError("sorpresa")
        await ask(pilot)
        assert "Fallo interno del programa (ZeroDivisionError: sorpresa)" in text_of(pilot)
        session.fails_to_answer = None
        await ask(pilot)
        assert chat_screen(pilot).turns[2].state == "answered"


async def test_a_document_that_has_gone_leaves_the_passage_that_was_read(session: FakeSession) -> None:
    async with chat_over(session).run_test(size=(120, 36)) as pilot:
        await ask(pilot)
        session.searcher.documents = {}
        await pilot.press("f3")
        await settled(pilot)
        said = text_of(pilot, "#evidence")
        assert "45 euros" in said
        assert "no está en el índice" in said


async def test_a_document_that_says_something_else_by_now_leaves_the_passage_that_was_read(
    session: FakeSession,
) -> None:
    async with chat_over(session).run_test(size=(120, 36)) as pilot:
        await ask(pilot)
        travel = session.searcher.documents["viajes.md"]
        session.searcher.documents["viajes.md"] = replace(travel, text="Otro texto, bien distinto del de antes.")
        await pilot.press("f3")
        await settled(pilot)
        said = text_of(pilot, "#evidence")
        assert "El documento ha cambiado" in said
        assert "45 euros" in said


async def test_the_status_follows_the_index(session: FakeSession) -> None:
    async with chat_over(session).run_test(size=(140, 36)) as pilot:
        await ask(pilot)
        status = pilot.app.query_one(StatusLine)
        assert "2 documentos · 4 pasajes · lector mini · buscador mini · cpu" in status.render().plain
        session.collection = replace(session.collection, documents=3, passages=1)
        await ask(pilot)
        assert "3 documentos · 1 pasaje ·" in status.render().plain


async def test_closing_during_an_answer_and_during_loading(session: FakeSession) -> None:
    session.answering.clear()
    app = chat_over(session)
    async with app.run_test() as pilot:
        await pilot.press(*"vacaciones", "enter")
        await until(pilot, lambda: session.asked)
        await pilot.press("ctrl+q")
        session.answering.set()
    assert app.return_code == 0
    session.opening.clear()
    app = chat_over(session)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+q")
        session.opening.set()
    assert app.return_code == 0


async def test_a_huge_paste_is_cut_to_a_question(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        prompt = pilot.app.query_one(Prompt)
        pilot.app.post_message(Paste("palabra " * 12_500))
        await until(pilot, lambda: prompt.text)
        assert len(prompt.text) == MAX_QUESTION
        assert any("100000 caracteres" in toast.message for toast in pilot.app._notifications)
        prompt.load_text("")
        pilot.app.post_message(Paste("una pregunta\nde dos líneas"))
        await until(pilot, lambda: prompt.text)
        await until(pilot, lambda: prompt.text == "una pregunta\nde dos líneas")


async def test_markup_and_control_characters_are_only_text(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        await ask(pilot, "[bold]vacaciones[/] \x1b[31m[nope")
        assert "[bold]vacaciones[/]" in text_of(pilot)
        assert "\x1b" not in text_of(pilot)


async def test_only_the_last_turns_stay_on_the_screen(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        for _ in range(MAX_TURNS + 3):
            await ask(pilot, UNANSWERED)
        assert len(pilot.app.query(TurnView)) == MAX_TURNS
        assert len(chat_screen(pilot).turns) == MAX_TURNS + 3


async def test_a_storm_of_resizes(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        await ask(pilot)
        await pilot.press("f2")
        for width, height in [(80, 24), (20, 5), (200, 60), (99, 30), (100, 30), (1, 1), (120, 36)] * 3:
            await pilot.resize_terminal(width, height)
        view = next(view for view in pilot.app.query(PieceView) if view.marked_from is not None)
        await pilot.pause()
        text = pilot.app.query_one(EvidenceText)
        row = view.virtual_region.y + view.marked_row
        assert text.scroll_y <= row < text.scroll_y + text.size.height
        await ask(pilot, QUESTION)


async def test_history_and_lines_of_the_prompt(session: FakeSession) -> None:
    async with chat_over(session).run_test() as pilot:
        prompt = pilot.app.query_one(Prompt)
        await pilot.press(*"una", "enter", *"dos", "ctrl+j", *"tres", "enter", *"borrador")
        await pilot.press("up")
        await until(pilot, lambda: prompt.text == "dos\ntres")
        await pilot.press("up", "up")
        await until(pilot, lambda: prompt.text == "una")
        await pilot.press("up")
        await until(pilot, lambda: prompt.text == "una")
        await pilot.press("down", "down")
        await until(pilot, lambda: prompt.text == "borrador")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: prompt.text == "")
        await until(
            pilot,
            lambda: [turn.question for turn in chat_screen(pilot).turns.values()] == ["una", "dos\ntres", "borrador"],
        )
