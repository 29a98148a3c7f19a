"""What a file holds, and what two files share."""

import pytest

from reader.describe import answer_type, describe, overlap
from reader.squad import Answer
from tests.reader.scripted import CONTEXT, QUESTIONS, make_question, make_set


def test_counts() -> None:
    found = describe(make_set(*QUESTIONS))
    assert (found.articles, found.contexts, found.questions, found.impossible, found.answers) == (1, 1, 5, 2, 4)
    words = found.lengths["respuesta"]
    assert (words.smallest, words.median, words.largest) == (1, 2.0, 3)
    assert found.lengths["texto"].mean == len(CONTEXT.split())
    assert found.answer_types == {"cifra": 3, "sintagma": 1}
    assert found.slices["Longitud de la respuesta"] == {"1 palabra": 1, "2–3 palabras": 2, "sin respuesta": 2}


def test_an_empty_set() -> None:
    found = describe(make_set())
    assert (found.questions, found.lengths, found.answer_types) == (0, {}, {})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12 de marzo", "fecha"),
        ("1998", "fecha"),
        ("siglo XIX", "fecha"),
        ("3.500 euros", "cifra"),
        ("Ministerio de Hacienda", "nombre propio"),
        ("el alcalde", "sintagma"),
        ("porque la caldera se averió y no había ninguna pieza", "oración"),
        ("—", "sintagma"),
    ],
)
def test_answer_types(text: str, kind: str) -> None:
    assert answer_type(Answer(text, 0)) == kind


def test_shared_questions_contexts_and_near_copies_are_found() -> None:
    long = "La ordenanza entra en vigor al día siguiente de su publicación en el boletín oficial de la provincia."
    near = long.replace("boletín", "diario").upper()
    train = make_set(make_question("1", "¿Cuándo?", long, "al día siguiente"), QUESTIONS[0], path="train.json")
    dev = make_set(
        make_question("9", "¿cuando entra?", near),  # a copy but for a word, in capitals
        make_question("abre", "¿A qué hora?", "El museo abre a las 10.", "a las 10"),  # only the id is the same
        make_question("8", "¿A QUÉ HORA ABRE EL REGISTRO?", CONTEXT, "9"),
        path="dev.json",
    )
    found = overlap(train, dev)
    assert (found.ids, found.questions, found.contexts, found.near_contexts) == (1, 1, 1, 1)
    assert found.contaminated
    clean = overlap(train, make_set(make_question("7", "¿Qué?", "Un texto que no tiene nada en común con los otros.")))
    assert not clean.contaminated
