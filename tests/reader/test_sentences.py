"""Sentence bounds and the lexical floor."""

from hypothesis import given
from hypothesis import strategies as st

from reader.sentences import SentenceReader, sentence_of, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_abbreviations_and_initials_end_no_sentence() -> None:
    assert sentences("El Sr. García vive en el n.º 114. J. Pérez dijo: «No. Nunca.» ¿Y qué? Según el art. 12, sí.") == [
        "El Sr. García vive en el n.º 114.",
        "J. Pérez dijo: «No.",
        "Nunca.»",
        "¿Y qué?",
        "Según el art. 12, sí.",
    ]


def test_lines_and_numbers() -> None:
    assert sentences("# Título\nCuesta 9.000 € en total. 20 días después, no.\n\nFin") == [
        "# Título",
        "Cuesta 9.000 € en total.",
        "20 días después, no.",
        "Fin",
    ]
    assert sentences("  \n ") == []


@given(st.text(alphabet="aA1 .?¿\n«»Sr"))
def test_sentences_are_ordered_and_leave_out_only_white_space(text: str) -> None:
    covered, last = set(), 0
    for number, (start, end) in enumerate(sentence_spans(text)):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert sentence_of(text, start) == sentence_of(text, end - 1) == number
        covered |= set(range(start, end))
        last = end
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)


def test_the_floor_chooses_by_rare_words_whatever_accents_and_endings() -> None:
    passage = "La oficina abre a las 9. La piscina municipal cierra los lunes. La oficina está en la plaza."
    reader = SentenceReader([passage, "La oficina de turismo.", "La plaza mayor.", "Otra cosa."])
    (reading,) = reader.read([("¿que dia cerro la PISCINA?", passage)])
    best = reading.spans[0]
    assert best.text == passage[best.start : best.end] == "La piscina municipal cierra los lunes."
    assert reading.margin > 0
    assert [span.score for span in reading.spans] == sorted((span.score for span in reading.spans), reverse=True)
    assert reader.read([("¿?", "")])[0].spans == ()
