"""Many questions from a stream: in batches, in order, each with its record."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import Assistant
from assistant.asking import BATCH, answer_lines
from assistant.lines import batches
from assistant.settings import Settings
from index.errors import IndexProblem
from index.types import Hit
from tests.assistant.fakes import FakeReader, FakeSearcher, document_of, finder, passage_of

DOCUMENT = document_of("permisos.pdf", "El permiso por mudanza es de 1 día hábil.")


class Searcher(FakeSearcher):
    """Keeps the size of each search, and fails at a question that tells it to."""

    def __init__(self) -> None:
        super().__init__([DOCUMENT], [passage_of(DOCUMENT, 0, len(DOCUMENT.text))])
        self.sizes: list[int] = []

    def search(self, questions: object, *, k: int = 8) -> list[list[Hit]]:
        assert isinstance(questions, list)
        self.sizes.append(len(questions))
        for question in questions:
            if "fallo" in question:
                raise ZeroDivisionError(question)
            if "índice" in question:
                raise IndexProblem("El índice ya no está.", "Repita.")
        return super().search(questions, k=k)


def assistant_over(searcher: Searcher) -> Assistant:
    return Assistant(searcher, FakeReader(finder({"1 día hábil": 3.0})), Settings())


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"").rstrip(b"\r"))), st.integers(1, 5))
def test_batches_hold_every_line_in_order(lines: list[bytes], size: int) -> None:
    found = list(batches(BytesIO(b"".join(line + b"\n" for line in lines)), size))
    assert [line for batch in found for line in batch] == lines
    assert all(len(batch) == size for batch in found[:-1])


def test_a_pipe_in_use_gives_what_it_holds_and_a_long_line_comes_whole() -> None:
    source, sink = os.pipe()
    with os.fdopen(source, "rb") as stream, os.fdopen(sink, "wb", buffering=0) as writer:
        found = batches(stream, 3)
        writer.write(b"uno\ndos\ntr")
        assert next(found) == [b"uno", b"dos"]  # and does not wait for the third
        writer.write(b"es\n" + b"x" * 10_000)
        assert next(found) == [b"tres"]
        writer.close()
        assert list(found) == [[b"x" * 10_000]]


def test_questions_are_searched_and_read_together_and_keep_their_order() -> None:
    searcher = Searcher()
    asked = [f"¿Cuánto dura la mudanza {number}?" for number in range(2 * BATCH + 5)]
    records = list(answer_lines(assistant_over(searcher), BytesIO("\n".join(asked).encode())))
    assert [record["question"] for record in records] == asked
    assert [record["line"] for record in records] == list(range(1, len(asked) + 1))
    assert {record["answer"] for record in records} == {"1 día hábil"}
    assert searcher.sizes == [BATCH, BATCH, 5]


def test_a_question_that_fails_is_told_in_its_place_and_the_others_are_answered() -> None:
    records = list(answer_lines(assistant_over(Searcher()), BytesIO("¿uno?\n¿fallo?\n\n¿dos?\n".encode())))
    assert [record["line"] for record in records] == [1, 2, 4]
    assert [record["answered"] for record in records] == [True, False, True]
    assert "ZeroDivisionError" in records[1]["error"]["message"]


def test_a_problem_that_is_no_fault_of_the_question_ends_the_run() -> None:
    with pytest.raises(IndexProblem):
        list(answer_lines(assistant_over(Searcher()), BytesIO("¿uno?\n¿índice?\n".encode())))
