"""What counts as the same word in a question and in a document."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import analyze, fold, matched_terms

SPANISH = st.text(alphabet="aáeéñÑüU ¿?.,-/E1230º«»\u0301\n", max_size=60)


def test_accents_and_capitals_change_nothing_and_the_ñ_stays() -> None:
    assert analyze("¿CUÁNTOS DÍAS de vacación?") == analyze("cuantos dias de vacacion")
    assert not set(analyze("año")) & set(analyze("ano"))


def test_a_word_gives_its_folded_form_and_its_stem() -> None:
    assert analyze("Vacaciones") == ["vacaciones", "~vacacion"]
    assert set(analyze("vacaciones")) & set(analyze("vacación"))


def test_a_stem_never_meets_a_word_that_is_spelt_like_it() -> None:
    assert "cas" not in analyze("casa")


def test_codes_stay_whole_and_in_parts() -> None:
    assert analyze("Error E-101")[2:] == ["e-101", "e", "101"]
    assert analyze("RD 39/1997")[-3:] == ["39/1997", "39", "1997"]
    assert analyze("versión v2.3")[-3:] == ["v2.3", "v2", "3"]


def test_joined_words_without_a_digit_are_only_words() -> None:
    assert analyze("teórico-práctico") == analyze("teórico práctico")


@pytest.mark.parametrize(
    ("one", "other"), [("D.N.I.", "DNI"), ("EE.UU.", "EEUU"), ("artículo 5.º", "artículo 5"), ("1.ª", "1ª")]
)
def test_two_ways_of_writing_meet(one: str, other: str) -> None:
    assert analyze(one) == analyze(other)


def test_a_number_is_found_with_and_without_its_separator() -> None:
    assert {"15.000", "15000"} <= set(analyze("15.000 euros"))
    assert "15000" in analyze("15000 €")


def test_little_words_that_mean_something_stay() -> None:
    assert {"no", "sin", "hay"} <= set(analyze("no hay sin"))
    assert analyze("el de la que") == []


@given(SPANISH)
def test_composed_and_decomposed_text_is_the_same_text(text: str) -> None:
    assert analyze(unicodedata.normalize("NFD", text)) == analyze(unicodedata.normalize("NFC", text))


@given(SPANISH)
def test_tokens_are_folded(text: str) -> None:
    assert all(token and token == fold(token) for token in analyze(text))


def test_matched_terms_are_the_words_as_written() -> None:
    question = "¿Cuántos DÍAS de vacaciones, días, tiene un Año?"
    assert matched_terms(question, "Los dias de vacación del año.") == ("DÍAS", "vacaciones", "días", "Año")
    assert matched_terms("el de la", "el de la") == ()
