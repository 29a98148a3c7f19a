"""Kinds of question."""

import pytest

from reader.slices import DIMENSIONS, answer_length, context_length, question_word
from tests.reader.scripted import make_question


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("¿Qué días abre?", "qué"),
        ("que dias abre", "qué"),
        ("EN QUE PISO ESTA", "qué"),
        ("En Lync Server 2013, ¿qué tengo que elegir?", "qué"),
        ("¿Por qué cierra?", "por qué"),
        ("por que cierra", "por qué"),
        ("¿Para qué sirve que lo firme?", "para qué"),
        ("¿A quién aviso?", "quién"),
        ("¿De quiénes depende?", "quién"),
        ("¿Cuáles son los requisitos?", "cuál"),
        ("¿Hasta cuándo se puede?", "cuándo"),
        ("¿Adónde voy?", "dónde"),
        ("como saco un filtro", "cómo"),
        ("¿Cuántas plazas hay?", "cuánto"),
        ("Dime el libro que leyó", "sin interrogativo"),
        ("altitud del pueblo", "sin interrogativo"),
        ("¿Hay tope de tamaño?", "sin interrogativo"),
        ("¿Cua\u0301ndo abre?", "cuándo"),
    ],
)
def test_question_word(asked: str, word: str) -> None:
    assert question_word(make_question("x", asked, "texto", "texto")) == word


@pytest.mark.parametrize(
    ("golds", "length"),
    [
        (("uno",), "1 palabra"),
        (("uno dos",), "2–3 palabras"),
        (("uno", "uno dos tres cuatro", "uno dos"), "2–3 palabras"),  # the middle one
        (("uno dos tres cuatro",), "4–7 palabras"),
        ((), "sin respuesta"),
    ],
)
def test_answer_length(golds: tuple[str, ...], length: str) -> None:
    assert answer_length(make_question("x", "¿?", "uno dos tres cuatro", *golds)) == length


@pytest.mark.parametrize(
    ("words", "length"), [(99, "menos de 100 palabras"), (100, "100–149 palabras"), (500, "500 o más palabras")]
)
def test_context_length(words: int, length: str) -> None:
    assert context_length(make_question("x", "¿?", "a " * words)) == length


def test_every_slice_has_its_place_in_the_order() -> None:
    for slice_of, order in DIMENSIONS.values():
        assert len(set(order)) == len(order)
        assert slice_of(make_question("x", "¿Qué?", "uno", "uno")) in order
