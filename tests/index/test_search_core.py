"""Analysis, sentences, passages, BM25, vectors and fusion."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from index.analysis import analyze
from index.encoders import load_encoder
from index.errors import IndexProblem
from index.fusion import fuse
from index.lexical import Bm25sIndex, RankBm25Index
from index.passages import retrieval_text, split
from index.sentences import sentences
from index.static_encoder import StaticEncoder, save_static_encoder
from index.types import Block, Document, Place
from index.vectors import VectorIndex


def test_accents_and_capitals_change_nothing_and_the_ñ_stays() -> None:
    assert analyze("¿CUÁNTOS DÍAS de vacación?") == analyze("cuantos dias de vacacion")
    assert not set(analyze("año")) & set(analyze("ano"))


def test_a_word_gives_its_folded_form_and_its_stem() -> None:
    assert set(analyze("vacaciones")) & set(analyze("vacación"))
    assert "vacaciones" in analyze("Vacaciones")


def test_codes_stay_whole_and_in_parts_and_little_words_that_mean_something_stay() -> None:
    assert {"e-101", "e", "101"} - {"e"} <= set(analyze("Error E-101"))
    assert {"39/1997", "39", "1997"} <= set(analyze("RD 39/1997"))
    assert {"no", "sin"} <= set(analyze("no hay sin"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lo firma el Sr. García. Después se archiva.", ["Lo firma el Sr. García.", "Después se archiva."]),
        ("Véase el n.º 114 de la norma. Fin.", ["Véase el n.º 114 de la norma.", "Fin."]),
        (
            "Según el art. 5 y J. Pérez, no. ¿Y si llueve? Sí.",
            ["Según el art. 5 y J. Pérez, no.", "¿Y si llueve?", "Sí."],
        ),
        ("Cuesta 3.50 euros. Gratis: no", ["Cuesta 3.50 euros.", "Gratis: no"]),
    ],
)
def test_sentence_bounds(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet=st.sampled_from("aÉñ .?!\n«»1"), max_size=120))
def test_sentences_hold_every_visible_character_once(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(text[a:b].split()) for a, b in found) == "".join(text.split())
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(found))


def make_document(blocks: list[tuple[str, str, tuple[str, ...], int]]) -> Document:
    """From (kind, text, headings, page)."""
    text, made = "", []
    for kind, body, headings, page in blocks:
        start = len(text)
        text += body
        made.append(Block(start, len(text), kind, headings, Place(page=page)))  # type: ignore[arg-type]
        text += "\n\n"
    return Document("rrhh/permisos-2024.pdf", "Permisos", text.rstrip("\n"), tuple(made))


words = st.text(alphabet="abcdeé", min_size=1, max_size=8)
sentence = st.lists(words, min_size=1, max_size=40).map(lambda found: " ".join(found).capitalize() + ".")
block = st.tuples(
    st.sampled_from(["paragraph", "list_item", "table_row", "heading"]),
    st.lists(sentence, min_size=1, max_size=6).map(" ".join),
    st.sampled_from([(), ("Uno",), ("Uno", "Dos")]),
    st.integers(1, 3),
)


@settings(deadline=None)
@given(st.lists(block, min_size=1, max_size=8), st.integers(5, 60), st.integers(0, 2))
def test_passages_are_slices_that_cover_every_body_word(
    blocks: list[tuple[str, str, tuple[str, ...], int]], max_words: int, overlap: int
) -> None:
    document = make_document(blocks)
    passages = split(document, max_words=max_words, overlap_sentences=overlap, first_id=7)
    assert [passage.id for passage in passages] == list(range(7, 7 + len(passages)))
    covered = set()
    for passage in passages:
        assert passage.text == document.text[passage.start : passage.end] != ""
        assert len(passage.text.split()) <= max_words
        covered.update(range(passage.start, passage.end))
    for body in document.blocks:
        if body.kind != "heading":
            missing = [i for i in range(body.start, body.end) if i not in covered and not document.text[i].isspace()]
            assert not missing


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


def test_a_long_section_overlaps_by_a_sentence() -> None:
    text = " ".join(f"Esta es la frase número {i} del texto." for i in range(30))
    passages = split(make_document([("paragraph", text, (), 1)]), max_words=40)
    for one, other in itertools.pairwise(passages):
        assert other.start < one.end
        assert sentences(one.text)[-1][0] + one.start == other.start


tokens = st.lists(st.sampled_from(["alta", "baja", "nómina", "~nomin", "permiso", "e-101", "2024"]), max_size=8)


@settings(deadline=None, max_examples=200)
@given(st.lists(tokens, max_size=12), st.lists(tokens, min_size=1, max_size=3), st.integers(1, 15))
def test_bm25s_ranks_as_rank_bm25(passages: list[list[str]], queries: list[list[str]], k: int) -> None:
    ids, scores = Bm25sIndex.build(passages).search(queries, k)
    oracle_ids, oracle_scores = RankBm25Index.build(passages).search(queries, k)
    np.testing.assert_allclose(scores, oracle_scores, rtol=1e-4, atol=1e-5)
    for row in range(len(queries)):
        # The same passages at the same scores; float32 against float64 may swap only exact ties.
        assert (
            sorted(ids[row]) == sorted(oracle_ids[row]) or np.isclose(scores[row][-1], scores[row], rtol=1e-4).sum() > 1
        )


def test_bm25_survives_the_disk_and_knows_its_words(tmp_path: Path) -> None:
    index = Bm25sIndex.build([["permiso", "boda"], ["nómina"], []])
    index.save(tmp_path)
    loaded = Bm25sIndex.load(tmp_path)
    assert loaded.size == 3
    assert loaded.has_term("boda") and not loaded.has_term("bota")
    for one, other in zip(index.search([["boda"], ["x"]], 2), loaded.search([["boda"], ["x"]], 2), strict=True):
        np.testing.assert_array_equal(one, other)
    (tmp_path / "vacío").mkdir()
    Bm25sIndex.build([]).save(tmp_path / "vacío")
    assert Bm25sIndex.load(tmp_path / "vacío").search([["boda"]], 2)[0].tolist() == [[-1, -1]]


def test_vectors_are_found_by_cosine_and_survive_the_disk(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    VectorIndex.build(iter(rows), 300, 16).save(tmp_path)
    ids, scores = VectorIndex.load(tmp_path).search(rows[:5], 4)
    exact = np.argsort(-(rows[:5] @ rows.T), axis=1)[:, :4]
    np.testing.assert_array_equal(ids, exact)
    assert ids[:, 0].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(scores[:, 0], 1, rtol=1e-5)


@pytest.mark.parametrize(("flat", "hnsw"), [(10, 10_000), (10, 20)])
def test_the_larger_index_types_find_nearly_the_same(
    flat: int, hnsw: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("index.vectors.FLAT_LIMIT", flat)
    monkeypatch.setattr("index.vectors.HNSW_LIMIT", hnsw)
    rows = np.random.default_rng(1).normal(size=(3000, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    VectorIndex.build(rows, 3000, 64).save(tmp_path)
    ids, _ = VectorIndex.load(tmp_path).search(rows[:50], 5)
    assert (ids[:, 0] == np.arange(50)).mean() >= 0.9


def test_reciprocal_rank_and_convex_fusion() -> None:
    lexical = np.array([[3, 1, -1]]), np.array([[8.0, 4.0, 0.0]], np.float32)
    dense = np.array([[1, 2, 3]]), np.array([[0.9, 0.5, 0.1]], np.float32)
    ids, scores = fuse(lexical, dense, k=4)
    assert ids.tolist() == [[1, 3, 2, -1]]
    assert scores[0, 0] == pytest.approx(1 / 62 + 1 / 61)
    ids, scores = fuse(lexical, dense, k=3, alpha=0.5)
    assert ids.tolist() == [[1, 3, 2]]
    assert scores[0].tolist() == pytest.approx([0.5 * 0.5 + 0.5 * 0.9, 0.5 + 0.05, 0.25])


@pytest.fixture
def tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "hola": 1, "mundo": 2, "plazo": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def test_the_static_encoder_equals_sentence_transformers(tokenizer: Tokenizer, tmp_path: Path) -> None:
    weights = np.random.default_rng(2).normal(size=(4, 8)).astype(np.float32)
    save_static_encoder(tmp_path, tokenizer, weights, int8=False)
    from sentence_transformers import SentenceTransformer

    texts = ["hola mundo", "plazo hola hola nada", "mundo"]
    theirs = SentenceTransformer(str(tmp_path), device="cpu").encode(texts)
    np.testing.assert_allclose(StaticEncoder(tmp_path).encode_passages(texts), theirs, atol=1e-6)


def test_int8_weights_change_a_vector_little_and_an_empty_text_is_zero(tokenizer: Tokenizer, tmp_path: Path) -> None:
    weights = np.random.default_rng(3).normal(size=(4, 64)).astype(np.float32)
    for int8 in (False, True):
        save_static_encoder(tmp_path / str(int8), tokenizer, weights, int8=int8)
    exact, rounded = (StaticEncoder(tmp_path / str(int8)) for int8 in (False, True))
    assert exact.fingerprint != rounded.fingerprint
    texts = ["hola plazo", ""]
    assert (exact.encode_questions(texts)[0] @ rounded.encode_questions(texts)[0]) > 0.999
    assert not exact.encode_passages(texts)[1].any()


def test_an_unknown_or_damaged_encoder_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="gigante") as unknown:
        load_encoder("gigante")
    assert "mini" in unknown.value.remedy
    (tmp_path / "0_StaticEmbedding").mkdir()
    (tmp_path / "0_StaticEmbedding" / "model.safetensors").write_bytes(b"x")
    with pytest.raises(IndexProblem) as damaged:
        load_encoder(str(tmp_path))
    assert damaged.value.remedy
