"""What counts as a right answer."""

from __future__ import annotations

import pytest

from assistant.evaluation.rightness import is_right, same_answer
from reader.squad import Answer, Question


@pytest.mark.parametrize(
    ("said", "expected", "right"),
    [
        ("30 días", "3 días", False),
        ("3 días", "3 días hábiles", True),
        ("tres días", "3 días", True),
        ("de 22 días", "22 días hábiles", True),
        ("22 días hábiles", "días hábiles", False),
        ("1.500 euros", "1500 euros", True),
        ("1 500,00 euros", "1.500 euros", False),  # F1 below one half
        ("2,50 euros", "2.5 euros", True),
        ("12/03/2024", "12/04/2024", False),
        ("código E-101", "código E-102", False),
        ("una semana", "la semana", True),
        ("Ana Ruiz", "doña Ana Ruiz", True),
    ],
)
def test_words_and_numbers(said: str, expected: str, right: bool) -> None:
    assert same_answer(said, expected) is right


def test_any_of_the_right_answers_will_do() -> None:
    question = Question("1", "¿?", "Son 3 días.", (Answer("3 días", 4), Answer("cinco días", 0)), False, "")
    assert is_right(question, "5 días") and is_right(question, "tres días") and not is_right(question, "30 días")
