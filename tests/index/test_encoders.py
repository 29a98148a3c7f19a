"""Texts to vectors: the static encoder against sentence-transformers, and loading by name, folder or hub id."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from index.encoders import KNOWN_ENCODERS, TransformerEncoder, load_encoder
from index.errors import IndexProblem
from index.static_encoder import StaticEncoder, save_static_encoder

VOCABULARY = {"[UNK]": 0, "hola": 1, "mundo": 2, "plazo": 3, "[CLS]": 4}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A", special_tokens=[("[CLS]", 4)])
    return tokenizer


@pytest.fixture(scope="module")
def folder(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codificador")
    weights = np.random.default_rng(2).normal(size=(len(VOCABULARY), 8)).astype(np.float32)
    save_static_encoder(folder, tokenizer, weights, int8=False)
    return folder


def test_the_static_encoder_equals_sentence_transformers(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["hola mundo", "plazo hola hola nada", "mundo"]
    theirs = SentenceTransformer(str(folder), device="cpu").encode(texts)
    np.testing.assert_allclose(StaticEncoder(folder).encode_passages(texts), theirs, atol=1e-6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.text(alphabet="holamundoplz ", max_size=30), max_size=8))
def test_vectors_have_length_one_and_do_not_depend_on_their_batch(folder: Path, texts: list[str]) -> None:
    encoder = StaticEncoder(folder)
    vectors = encoder.encode_passages(texts)
    assert vectors.shape == (len(texts), encoder.dim) and vectors.dtype == np.float32
    for text, vector in zip(texts, vectors, strict=True):
        assert np.linalg.norm(vector) == pytest.approx(1.0 if text.strip() else 0.0, abs=1e-5)
        np.testing.assert_array_equal(encoder.encode_questions([text])[0], vector)


def test_int8_weights_change_a_vector_little(tokenizer: Tokenizer, tmp_path: Path) -> None:
    weights = np.random.default_rng(3).normal(size=(len(VOCABULARY), 64)).astype(np.float32)
    for int8 in (False, True):
        save_static_encoder(tmp_path / str(int8), tokenizer, weights, int8=int8)
    exact, rounded = (StaticEncoder(tmp_path / str(int8)) for int8 in (False, True))
    assert exact.fingerprint != rounded.fingerprint
    assert (exact.encode_questions(["hola plazo"])[0] @ rounded.encode_questions(["hola plazo"])[0]) > 0.999


def test_the_shipped_encoder_loads_without_torch() -> None:
    code = (
        "import sys; from index.encoders import load_encoder; e = load_encoder(); assert e.name == 'mini'; "
        "assert e.encode_questions(['¿Cuántos días?']).shape == (1, e.dim); "
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_prefixes_are_put_before_questions_and_passages(folder: Path) -> None:
    plain = StaticEncoder(folder)
    with_prefix = TransformerEncoder(str(folder), "e5", "cpu", query_prefix="plazo ", passage_prefix="mundo ")
    np.testing.assert_allclose(
        with_prefix.encode_questions(["hola"]), plain.encode_questions(["plazo hola"]), atol=1e-6
    )
    np.testing.assert_allclose(with_prefix.encode_passages(["hola"]), plain.encode_passages(["mundo hola"]), atol=1e-6)
    assert with_prefix.dim == plain.dim
    assert with_prefix.encode_passages([]).shape == (0, plain.dim)
    assert with_prefix.fingerprint != TransformerEncoder(str(folder), "otro", "cpu").fingerprint


def test_a_hub_encoder_is_pinned_to_a_commit() -> None:
    (e5,) = (encoder for encoder in KNOWN_ENCODERS if encoder.name == "e5")
    assert len(e5.revision) == 40 and (e5.query_prefix, e5.passage_prefix) == ("query: ", "passage: ")


def test_an_encoder_that_is_not_here_is_named_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(IndexProblem, match="gigante") as unknown:
        load_encoder("gigante")
    assert "mini" in unknown.value.remedy
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(IndexProblem, match="nadie/nada") as absent:
        load_encoder("nadie/nada")
    assert "models get nadie/nada" in absent.value.remedy
    (tmp_path / "0_StaticEmbedding").mkdir()
    (tmp_path / "0_StaticEmbedding" / "model.safetensors").write_bytes(b"x")
    with pytest.raises(IndexProblem) as damaged:
        load_encoder(str(tmp_path))
    assert damaged.value.remedy
