"""Characters: cleaning, decoding, and the builder that puts blocks together."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.text import clean, printable
from index.types import Place
from tests.index.documents.checking import check, lines

SPANISH = "¿Cuántos días de vacaciones hay? Según el año, 22: «días hábiles». El señor Ibáñez cobró 15 €.\n"
ANYTHING = st.text(st.characters(), max_size=80)  # lone surrogates included


@given(ANYTHING)
@example("e\u200b\u0301")  # what is dropped may have kept apart what now composes
@example("\u1161\u1100\u1161")
@example("\ud83d \ude00")
def test_clean_text_is_one_composed_line_and_stays_so(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split()) == clean(cleaned)
    cleaned.encode()


def test_clean_composes_accents_folds_ligatures_and_drops_what_cannot_be_seen() -> None:
    assert clean("o\ufb01cina  de\nAtencio\u0301n") == "oficina de Atención"
    assert clean("im\xadpre\u200bsora\ufeff\x07") == "impresora"


def test_names_are_shown_on_one_line_in_their_own_direction() -> None:
    assert printable("acta\n2024\u202efdp.exe") == "acta 2024fdp.exe"
    assert printable("\n") == "(sin nombre)"
    assert "\udcff" not in printable("a\udcff.txt")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_likely_encoding_of_spanish_is_read(encoding: str) -> None:
    text = SPANISH.replace("€", "E").replace("«", '"').replace("»", '"') if encoding == "cp850" else SPANISH
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("word", ["Año", "Nº 5", "camión", "¿Qué?", "10 €", "señora Muñoz"])
def test_short_cp1252_words_do_not_turn_into_another_script(word: str) -> None:
    assert decode(word.encode("cp1252")) == word


def test_valid_utf8_beats_a_wrong_declaration_and_a_right_one_is_followed() -> None:
    assert decode("año".encode(), "iso-8859-1") == "año"
    assert decode("č š".encode("iso-8859-2"), "iso-8859-2") == "č š"
    assert decode("año".encode("cp1252"), "no-such-code") == "año"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_utf8_is_always_read_as_it_is(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


def test_binary_data_are_no_text_but_a_stray_zero_does_no_harm() -> None:
    assert decode(bytes(range(32)) * 9) is None
    assert decode(b"log\0 " + b"x" * 200) == "log  " + "x" * 200


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["heading", "paragraph", "list_item", "table_row", "note"]), ANYTHING, st.integers(0, 4)
        )
    )
)
def test_whatever_is_built_has_its_blocks_in_order_and_in_place(pieces: list[tuple[str, str, int]]) -> None:
    builder = DocumentBuilder("carpeta/acta.txt")
    for kind, text, level in pieces:
        if kind == "heading":
            builder.heading(text, level, Place(line=level + 1))
        else:
            builder.add(text, kind, goes_on=level == 0)  # type: ignore[arg-type]
    document = check(builder.build())
    assert [text for _, text in lines(document)] == [clean(text) for _, text, _ in pieces if clean(text)]
    above: list[str] = []
    for block, (kind, text) in zip(document.blocks, lines(document), strict=True):
        assert len(block.headings) <= len(above) and list(block.headings) == above[: len(block.headings)]
        above = [*block.headings, text] if kind == "heading" else list(block.headings)


def test_headings_nest_by_level_and_close_their_section() -> None:
    builder = DocumentBuilder("a.txt")
    for text, level in (("Uno", 1), ("Uno.dos", 2), ("Uno.tres", 2), ("Dos", 1)):
        builder.heading(text, level)
        builder.add(f"bajo {text}")
    paths = [block.headings for block in builder.build().blocks if block.kind == "paragraph"]
    assert paths == [("Uno",), ("Uno", "Uno.dos"), ("Uno", "Uno.tres"), ("Dos",)]


def test_a_document_put_into_another_keeps_its_places_under_the_open_section() -> None:
    inner = DocumentBuilder("anexo.txt")
    inner.heading("Anexo", 1)
    inner.add("uno", place=Place(page=3))
    inner.add("dos", goes_on=True)
    outer = DocumentBuilder("correo.eml")
    outer.heading("Asunto", 1)
    outer.extend(inner.build())
    document = check(outer.build())
    assert document.text == "Asunto\n\nAnexo\n\nuno\ndos"
    assert document.blocks[2].headings == ("Asunto", "Anexo") and document.blocks[2].place == Place(page=3)
