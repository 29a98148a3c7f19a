"""Documents cut into passages: slices of whole sentences that leave nothing out."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from index.analysis import analyze
from index.passages import retrieval_text, split
from index.sentences import sentences
from index.types import Block, BlockKind, Document, Place

Described = tuple[BlockKind, str, tuple[str, ...], int]  # kind, text, headings, page


def make_document(blocks: list[Described], separator: str = "\n\n") -> Document:
    text, made = "", []
    for kind, body, headings, page in blocks:
        text += separator if text else ""
        made.append(Block(len(text), len(text) + len(body), kind, headings, Place(page=page)))
        text += body
    return Document("rrhh/permisos-2024.pdf", "Permisos", text, tuple(made))


words = st.text(alphabet="abcdeé", min_size=1, max_size=8)
sentence = st.lists(words, min_size=1, max_size=40).map(lambda found: " ".join(found).capitalize() + ".")
block = st.tuples(
    st.sampled_from(["paragraph", "list_item", "table_row", "heading", "note"]),
    st.lists(sentence, min_size=1, max_size=6).map(" ".join),
    st.sampled_from([(), ("Uno",), ("Uno", "Dos")]),
    st.integers(1, 3),
)


@settings(deadline=None)
@given(st.lists(block, min_size=1, max_size=8), st.integers(5, 60), st.integers(0, 3), st.sampled_from(["\n", "\n\n"]))
def test_passages_are_slices_that_cover_every_body_word(
    blocks: list[Described], max_words: int, overlap: int, separator: str
) -> None:
    document = make_document(blocks, separator)
    passages = split(document, max_words=max_words, overlap_sentences=overlap, first_id=7)
    assert [passage.id for passage in passages] == list(range(7, 7 + len(passages)))
    covered = set()
    for passage in passages:
        assert passage.text == document.text[passage.start : passage.end] != ""
        assert len(passage.text.split()) <= max_words
        covered.update(range(passage.start, passage.end))
    for one, other in itertools.pairwise(passages):
        assert one.start < other.start and one.end < other.end
    for body in document.blocks:
        if body.kind != "heading":
            assert all(i in covered for i in range(body.start, body.end) if not document.text[i].isspace())


@settings(deadline=None)
@given(st.lists(block, min_size=1, max_size=8), st.integers(5, 60))
def test_the_place_and_headings_of_a_passage_are_those_of_its_blocks(blocks: list[Described], max_words: int) -> None:
    document = make_document(blocks)
    for passage in split(document, max_words=max_words):
        touched = [b for b in document.blocks if b.start < passage.end and passage.start < b.end]
        assert {b.place for b in touched} == {passage.place}
        text = {document.text[b.start : b.end] for b in touched if b.kind == "heading"}
        assert all(b.headings == passage.headings or passage.headings[-1] in text for b in touched)


def test_a_passage_stays_in_its_section_and_page_and_is_found_by_its_headings() -> None:
    document = make_document(
        [
            ("heading", "Vacaciones", (), 1),
            ("paragraph", "Son 22 días.", ("Vacaciones",), 1),
            ("paragraph", "Se piden en mayo.", ("Vacaciones",), 2),
            ("paragraph", "Por boda, 15 días.", ("Permisos",), 2),
        ]
    )
    passages = split(document)
    assert [passage.text for passage in passages] == [
        "Vacaciones\n\nSon 22 días.",
        "Se piden en mayo.",
        "Por boda, 15 días.",
    ]
    assert [passage.place.page for passage in passages] == [1, 2, 2]
    assert passages[1].headings == ("Vacaciones",)
    assert {"permisos", "2024"} <= set(analyze(retrieval_text(passages[0])))


def test_a_paragraph_that_goes_on_overleaf_stays_whole() -> None:
    document = make_document([("paragraph", "Se piden antes del", (), 1), ("paragraph", "1 de mayo.", (), 2)], "\n")
    (passage,) = split(document)
    assert passage.text == "Se piden antes del\n1 de mayo."
    assert passage.place.page == 1


def test_short_blocks_of_a_section_share_a_passage() -> None:
    items: list[Described] = [("list_item", f"Requisito número {i}.", ("Requisitos",), 1) for i in range(6)]
    assert len(split(make_document(items))) == 1


def test_a_long_section_overlaps_by_a_sentence_and_is_shared_out_evenly() -> None:
    text = " ".join(f"Esta es la frase número {i} del texto." for i in range(16))
    passages = split(make_document([("paragraph", text, (), 1)]), max_words=100)
    assert len(passages) == 2
    for one, other in itertools.pairwise(passages):
        assert sentences(one.text)[-1][0] + one.start == other.start
    sizes = [len(passage.text.split()) for passage in passages]
    assert max(sizes) - min(sizes) <= 16


def test_rows_of_a_table_are_not_repeated() -> None:
    rows: list[Described] = [("table_row", f"Sala {i}; aforo {i} personas", ("Salas",), 1) for i in range(40)]
    passages = split(make_document(rows), max_words=50)
    assert all(one.end < other.start for one, other in itertools.pairwise(passages))


def test_a_sentence_without_end_is_cut_between_words_and_a_word_without_end_anywhere() -> None:
    passages = split(make_document([("paragraph", "palabra " * 500, (), 1)]), max_words=120)
    assert all(set(passage.text.split()) == {"palabra"} for passage in passages)
    passages = split(make_document([("paragraph", "x" * 100_000, (), 1)]), max_words=120)
    assert max(len(passage.text) for passage in passages) <= 120 * 24
    assert sum(len(passage.text) for passage in passages) == 100_000


def test_a_document_of_headings_only_can_still_be_found() -> None:
    assert [p.text for p in split(make_document([("heading", "Horario", (), 1)]))] == ["Horario"]
    assert split(Document("vacío.txt", "vacío", "", ())) == []
