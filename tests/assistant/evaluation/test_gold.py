"""Where the answers of a question file stand in the documents of a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import AssistantProblem
from assistant.evaluation.gold import locate, read_questions
from index.types import Document
from tests.assistant.fakes import FakeSearcher, document_of, passage_of

LEAVE = document_of("rrhh/permisos.pdf", "Son 15 días de aviso.", "Las vacaciones son 22 días hábiles, no 15 días.")


def found(text: str, context: str, answer: str) -> str | None:
    start = context.index(answer)
    span = locate(text, context, start, start + len(answer))
    return text[slice(*span)] if span else None


def test_the_place_with_the_same_neighbours_is_the_right_one() -> None:
    span = locate(LEAVE.text, "hábiles, no 15 días.", 12, 19)
    assert span is not None and span[0] > LEAVE.text.index("hábiles")


def test_marks_line_breaks_and_case_do_not_matter() -> None:
    assert found(
        "# Las VACACIONES\n\n* son **22 días**\n  hábiles", "vacaciones son 22 días hábiles", "22 días hábiles"
    ) == ("22 días**\n  hábiles")


def test_an_answer_of_signs_only_is_found_as_it_is() -> None:
    assert found("Pulse «+» para añadir", "Pulse «+»", "+") == "+"
    assert found("Pulse para añadir", "Pulse «+»", "+") is None


def test_an_answer_that_the_document_lacks_is_not_found() -> None:
    assert found(LEAVE.text, "son 23 días hábiles", "23 días") is None


WORDS = st.lists(st.sampled_from(["uno", "dos", "tres", "año", "e-101"]), min_size=1, max_size=30)


@settings(deadline=None)
@given(WORDS, WORDS, WORDS, st.data())
def test_a_context_cut_out_of_the_text_is_found_where_it_was_cut(
    before: list[str], context: list[str], after: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(context) - 1))
    last = data.draw(st.integers(first, len(context) - 1))
    joined = " ".join(context)
    start = len(" ".join([*context[:first], ""]))
    end = len(" ".join(context[: last + 1]))
    # a word that occurs once on each side makes the place unique
    text = " ".join([*before, "aquí", joined, "allí", *after])
    span = locate(text, f"aquí {joined} allí", start + 5, end + 5)
    assert span is not None
    assert text[slice(*span)] == joined[start:end]
    if len(context) <= 20:
        assert span[0] == text.index("aquí") + 5 + start


def write(path: Path, *entries: dict[str, Any]) -> Path:
    file = path / "preguntas.json"
    file.write_text(json.dumps({"version": "v2.0", "data": entries}), encoding="utf-8")
    return file


def entry(context: str, answer: str, **names: str) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": context.index(answer)}] if answer else []
    qa = {"id": f"{names}{answer}", "question": "¿Cuánto?", "is_impossible": not answer, "answers": answers}
    return {**names, "paragraphs": [{"context": context, "qas": [qa]}]}


def read(file: Path, *documents: Document, foreign: bool = False) -> Any:
    return read_questions(file, FakeSearcher(documents or [LEAVE], []).document, foreign=foreign)


@pytest.mark.parametrize("key", ["document", "path", "title"])
def test_the_document_may_be_named_in_three_ways(tmp_path: Path, key: str) -> None:
    questions = read(write(tmp_path, entry("Son 15 días de aviso.", "15 días", **{key: LEAVE.path})))
    (asked,) = questions.questions
    assert asked.document == LEAVE.path and asked.answerable
    assert asked.is_gold(passage_of(LEAVE, 0, 21)) and not asked.is_gold(passage_of(LEAVE, 8, 21))


def test_a_question_about_another_folder_has_no_answer_here(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        entry("Son 15 días de aviso.", "15 días", title=LEAVE.path),
        entry("Son 15 días de aviso.", "15 días", title="otra.pdf"),
    )
    questions = read(file)
    assert questions.foreign == 1 and questions.lost == 0
    stranger = questions.questions[1]
    assert not stranger.answerable and stranger.question.is_impossible and stranger.document is None


def test_an_answer_that_is_not_in_its_document_leaves_the_question_out(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        entry("Son 15 días de aviso.", "15 días", title=LEAVE.path),
        entry("Son 16 días de aviso.", "16 días", title=LEAVE.path),
    )
    questions = read(file)
    assert len(questions.questions) == 1 and questions.lost == 1


def test_questions_about_no_document_of_the_folder_are_refused_unless_that_is_meant(tmp_path: Path) -> None:
    file = write(tmp_path, entry("Son 15 días de aviso.", "15 días", title="otra.pdf"))
    with pytest.raises(AssistantProblem) as caught:
        read(file)
    assert "--ajenas" in caught.value.remedy
    assert read(file, foreign=True).foreign == 1
