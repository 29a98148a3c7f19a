"""What is saved can be read back, and is never saved where the assistant would come to cite it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.errors import AssistantProblem
from assistant.tui import export
from assistant.tui.excerpt import excerpt_of, passage_alone, still_says
from assistant.tui.turns import Source, Turn, sources_of
from assistant.types import Abstention, Answer
from index.types import Block, Document, Passage, Place
from tests.assistant.tui.sessions import QUESTION, UNANSWERED, FakeSession

WHEN = datetime(2026, 5, 4, 9, 30)


def result(session: FakeSession, question: str) -> Answer | Abstention:
    answered = session.ask(question, unless=lambda: False)
    assert answered is not None
    return answered[0]


def test_the_conversation_as_markdown(session: FakeSession) -> None:
    turns = [
        Turn(1, QUESTION, "answered", result(session, QUESTION)),
        Turn(2, UNANSWERED, "answered", result(session, UNANSWERED)),
        Turn(3, "otra", "cancelled"),
    ]
    text = export.to_markdown(turns, Path("documentos"), WHEN)
    assert "- Fecha: 04/05/2026 09:30" in text
    assert "> Las vacaciones anuales son de **22 días hábiles** por año completo de servicio.\n>\n" in text
    assert "> — rrhh/permisos.pdf · pág. 2 · Vacaciones" in text
    assert "Confianza: alta." in text
    assert "**45 euros**" in text
    assert "Los documentos no lo dicen" in text
    assert text.endswith("Sin contestar.\n")


@settings(deadline=None)
@given(st.text(min_size=1))
def test_a_question_is_never_markup(question: str) -> None:
    tokens = MarkdownIt().parse(export.to_markdown([Turn(1, question)], Path("x"), WHEN))
    headings = [tokens[n + 1] for n, token in enumerate(tokens) if token.type == "heading_open"]
    assert len(headings) == 2
    assert {child.type for child in headings[1].children or []} <= {"text"}


def test_it_is_saved_under_a_free_name_outside_the_documents(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "casa"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(documents)
    first, second = (export.save("texto", documents, WHEN) for _ in range(2))
    assert (first.name, second.name) == ("conversacion-2026-05-04-0930.md", "conversacion-2026-05-04-0930-2.md")
    assert not first.is_relative_to(documents)
    assert first.read_text(encoding="utf-8") == "texto"


def test_nowhere_to_save_is_a_problem_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_folders", lambda: [tmp_path / "missing"])
    with pytest.raises(AssistantProblem, match="No hay ninguna carpeta"):
        export.save("texto", tmp_path, WHEN)


WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Cf"]), min_size=1)


@settings(deadline=None)
@given(st.lists(WORD, min_size=1, max_size=60), st.data())
def test_an_excerpt_shows_the_words_once_and_the_text_around_them_unchanged(
    words: list[str], data: st.DataObject
) -> None:
    blocks, offset = [], 0
    for word in words:
        blocks.append(Block(offset, offset + len(word), "paragraph", (), Place(line=len(blocks) + 1)))
        offset += len(word) + 1
    document = Document("a.txt", "a", "\n".join(words), tuple(blocks))
    block = data.draw(st.sampled_from(blocks))
    start = data.draw(st.integers(block.start, block.end - 1))
    end = data.draw(st.integers(start + 1, block.end))
    passage = Passage(0, "a.txt", block.start, block.end, document.text[block.start : block.end], (), block.place)
    near = Source(passage, block.place, (), start, end)
    assert still_says(document, near)
    for excerpt in (excerpt_of(document, near), passage_alone(near)):
        assert not any(piece.words for piece in excerpt.pieces)
        shown = [piece.before + piece.words + piece.after for piece in excerpt.pieces]
        assert "\n".join(shown) in document.text
        assert any(piece.cited for piece in excerpt.pieces)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_words_of_a_quote_are_marked_in_its_document(session: FakeSession, number: int) -> None:
    source = sources_of(result(session, QUESTION))[number]
    document = session.document(source.document)
    for excerpt in (excerpt_of(document, source), passage_alone(source)):
        assert [piece.words for piece in excerpt.pieces if piece.words] == [source.words]


def test_an_excerpt_far_from_the_citation_says_that_there_is_more(session: FakeSession) -> None:
    source = sources_of(result(session, QUESTION))[0]
    document = session.document(source.document)
    excerpt = excerpt_of(document, source, len(document.text))
    assert excerpt.earlier
    assert not excerpt.later
    assert [piece.heading for piece in excerpt.pieces] == ["pág. 3"]
