"""The same question as other people type it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.evaluation.variants import (
    VARIANTS,
    as_keywords,
    in_voseo,
    with_a_typo,
    without_accents,
    without_opening_marks,
)

QUESTION = "¿Cuántos días de vacaciones tienes al año en España?"


def test_each_variant_of_a_question() -> None:
    assert without_accents(QUESTION) == "¿Cuantos dias de vacaciones tienes al año en España?"
    assert without_opening_marks(QUESTION) == QUESTION[1:]
    assert in_voseo(QUESTION) == QUESTION.replace("tienes", "tenés")
    assert in_voseo("¿Quién firma?") == "Decime: ¿Quién firma?"
    assert as_keywords(QUESTION) == "días vacaciones año españa"


def test_a_typo_swaps_two_letters_inside_a_word() -> None:
    typed = with_a_typo(QUESTION)
    changed = [i for i, (a, b) in enumerate(zip(QUESTION, typed, strict=True)) if a != b]
    assert len(changed) == 2 and changed[1] == changed[0] + 1
    assert sorted(typed) == sorted(QUESTION)
    assert with_a_typo("¿Qué es?") == "¿Qué es?"  # nothing long enough to mistype


def test_a_question_of_function_words_keeps_them() -> None:
    assert as_keywords("¿Qué es?") == "qué es"


@pytest.mark.parametrize("name", VARIANTS)
@settings(deadline=None)
@given(text=st.text(alphabet="aáeéñÑ ¿?.xYz1", max_size=40))
def test_every_variant_is_repeatable_and_stays_normal(name: str, text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    made = VARIANTS[name](text)
    assert made == VARIANTS[name](text)
    assert unicodedata.is_normalized("NFC", made)
