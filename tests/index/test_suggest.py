"""Words that look like one that the folder does not hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from index.suggest import LETTERS, distance, similar_terms

TERMS = {"vacaciones", "~vacacion", "vocacion", "contraseña", "mudanza", "e-101", "dieta", "dietas"}
WORDS = st.text(alphabet=LETTERS, min_size=1, max_size=9)


def test_a_typo_finds_the_word_and_never_a_stem() -> None:
    assert similar_terms("vacacoines", TERMS) == ["vacaciones"]  # two letters swapped
    assert similar_terms("contrasena", TERMS) == ["contraseña"]
    assert similar_terms("vacacione", TERMS) == ["vacaciones"]


def test_two_edits_are_forgiven_in_long_words_only() -> None:
    assert similar_terms("mudamsa", TERMS) == ["mudanza"]
    assert similar_terms("dixxa", TERMS) == []


def test_nearer_words_come_first_and_only_a_few() -> None:
    assert similar_terms("dietaz", TERMS) == ["dietas", "dieta"]
    assert len(similar_terms("a", {"b", "c", "d", "e", "f"}, limit=3)) == 3


@settings(deadline=None)
@given(WORDS, WORDS)
def test_distance_is_a_symmetric_count_of_edits(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))


@settings(deadline=None)
@given(WORDS, st.lists(WORDS, max_size=20))
def test_only_terms_within_reach_are_suggested(word: str, terms: list[str]) -> None:
    for term in similar_terms(word, terms):
        assert term in terms and term != word and distance(term, word) <= 2


@settings(deadline=None)
@given(WORDS, st.integers(0, 8), st.sampled_from(LETTERS))
def test_a_word_one_edit_away_is_always_found(word: str, place: int, letter: str) -> None:
    typed = word[:place] + letter + word[place:]
    assert word in similar_terms(typed, {word})
