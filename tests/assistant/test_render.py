"""An answer in a terminal and in a pipe."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from assistant import records, render
from assistant.citing import citation, describe_place, quote_of
from assistant.console import one_line
from assistant.types import Abstention, Answer, Quote
from index.types import Place
from tests.assistant.fakes import document_of, hit_of, passage_of

DOCUMENT = document_of("rrhh/permisos.pdf", "El permiso por mudanza es de 1 día hábil y lo concede la jefatura.")
PASSAGE = passage_of(DOCUMENT, 0, len(DOCUMENT.text))
HIT = hit_of(PASSAGE)


def quote(words: str) -> Quote:
    start = DOCUMENT.text.index(words)
    return quote_of(DOCUMENT, PASSAGE, start, start + len(words), score=3.0, null_score=1.0)


ANSWER = Answer("¿Cuánto?", quote("1 día hábil"), "alta", (quote("la jefatura"),), (HIT,))


def shown(view: object, *, terminal: bool = False, width: int = 100) -> str:
    console = Console(file=StringIO(), force_terminal=terminal, width=width, no_color=not terminal, highlight=False)
    console.print(view)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_in_a_pipe_the_words_are_marked_and_no_line_ends_in_spaces() -> None:
    text = shown(render.result_view(ANSWER))
    assert "es de «1 día hábil» y lo" in text and "lo concede «la jefatura»." in text
    assert "rrhh/permisos.pdf · pág. 1 · Vacaciones" in text and "Confianza: alta" in text
    assert "\x1b" not in text and all(line == line.rstrip() for line in text.splitlines())


def test_in_a_terminal_the_words_are_styled() -> None:
    text = shown(render.result_view(ANSWER), terminal=True)
    assert "\x1b[1;4m1 día hábil\x1b[0m" in text and "«" not in text


def test_in_a_terminal_without_styles_the_words_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    text = shown(render.result_view(ANSWER), terminal=True)
    assert "es de «1 día hábil» y lo" in text and "\x1b" not in text


def test_where_the_sentence_has_such_quotes_the_mark_is_another() -> None:
    document = document_of("circular.txt", "El permiso «retribuido» es de 1 día hábil.")
    start = document.text.index("1 día")
    words = quote_of(document, passage_of(document, start, start + 5), start, start + 5, score=1, null_score=0)
    assert "«retribuido» es de [1 día] hábil" in shown(render.QuotedSentence(words))


def test_a_long_sentence_is_cut_around_the_words() -> None:
    words = "palabra " * 200
    document = document_of("largo.txt", f"{words}AQUÍ {words}".strip())
    start = document.text.index("AQUÍ")
    view = render.QuotedSentence(
        quote_of(document, passage_of(document, start, start + 4), start, start + 4, score=1, null_score=0)
    )
    text = shown(view, width=10_000)
    assert "«AQUÍ»" in text and text.startswith("…") and text.strip().endswith("…")
    assert len(text) < 2 * render.CONTEXT + 20


def test_an_abstention_shows_its_reason_and_the_nearest_passages() -> None:
    text = shown(render.result_view(Abstention("¿?", "not_answered", (HIT,), quote("1 día hábil"))))
    assert text.startswith(render.REASONS["not_answered"])
    assert "1. El permiso por mudanza" in text and "   rrhh/permisos.pdf · pág. 1" in text
    assert shown(render.result_view(Abstention("", "empty_question"))).strip() == render.REASONS["empty_question"]


def test_places_in_words() -> None:
    assert describe_place(Place(page=3)) == "pág. 3"
    assert describe_place(Place(page=3, page_label="iii")) == "pág. 3 (impresa iii)"
    assert describe_place(Place(slide=2)) == "diapositiva 2"
    assert describe_place(Place(sheet="Tarifas", row=7)) == "hoja Tarifas, fila 7"
    assert describe_place(Place(row=7)) == "fila 7"
    assert describe_place(Place(line=12)) == "línea 12"
    assert citation("a.docx", Place(anchor="x"), ("Sección", "Apartado")) == "a.docx · Sección › Apartado"
    assert citation("a.docx", Place(), ()) == "a.docx"


@given(st.text())
def test_nothing_in_a_document_reaches_the_terminal_as_a_control(text: str) -> None:
    safe = one_line(text)
    assert all(character == " " or character.isprintable() or ord(character) > 0x9F for character in safe)
    assert not set(safe) & set("\x1b\x07\x9b\u202e\u2066\n\r\t")


def test_records_are_json_with_the_invariants() -> None:
    record = json.loads(records.dump(records.result_record(ANSWER)))
    assert record["answer"] == "1 día hábil" and record["quote"]["margin"] == 2.0
    assert DOCUMENT.text[record["quote"]["start"] : record["quote"]["end"]] == record["answer"]
    assert record["quote"]["place"] == {"page": 1} and record["hits"][0]["lexical_rank"] == 1
    abstained = json.loads(records.dump(records.result_record(Abstention("¿?", "no_passages"))))
    assert abstained == {
        "question": "¿?",
        "answered": False,
        "reason": "no_passages",
        "best_rejected": None,
        "missing": None,
        "hits": [],
    }
