"""The BERT reader says what the plain reference says, and every span is a slice of its passage."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import reference
from reader.bert import BertReader, batches, bf16
from reader.config import ReaderConfig, load_config, save_config
from reader.errors import ModelProblem
from reader.load import load_reader, resolve_device
from reader.types import Reading
from tests.reader.conftest import VOCABULARY, WORDS, texts

PASSAGE = "El registro general abre de 9:00 a 14:00. La cámara cierra los viernes por la tarde en la calle Mayor."


@pytest.fixture(scope="module", params=["bert", "roberta"])
def reader(request: pytest.FixtureRequest) -> BertReader:
    return BertReader.load(request.getfixturevalue(f"{request.param}_folder"))


def short_windows(reader: BertReader, length: int, stride: int) -> BertReader:
    config = ReaderConfig("corto", max_seq_length=length, stride=stride, max_question_tokens=40)
    return BertReader(reader.model, reader.tokenizer, config)


def assert_same(found: list[Reading], expected: list[Reading]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert [(span.start, span.end, span.text) for span in one.spans] == [
            (span.start, span.end, span.text) for span in other.spans
        ]
        np.testing.assert_allclose(
            [one.null_score, *(span.score for span in one.spans)],
            [other.null_score, *(span.score for span in other.spans)],
            atol=1e-4,
        )


def spanish(seed: int, words: int) -> str:
    rng = np.random.default_rng(seed)
    return " ".join(rng.choice(WORDS, words)) + "."


def test_predictions_equal_the_reference(reader: BertReader) -> None:
    short = short_windows(reader, 64, 16)
    pairs = [(spanish(n, 6), spanish(100 + n, 5 + 17 * (n % 9))) for n in range(40)]
    expected = reference.read(reader.model, reader.tokenizer, pairs, max_length=64, stride=16, n_best=4)
    assert max(len(reading.spans) for reading in expected) == 4
    assert_same(short.read(pairs, n_best=4), expected)


@settings(deadline=None, max_examples=25)
@given(question=texts(6), passage=texts(50), max_words=st.integers(1, 12))
def test_predictions_equal_the_reference_on_odd_texts(
    reader: BertReader, question: str, passage: str, max_words: int
) -> None:
    short = short_windows(reader, 110, 20)
    pairs = [(question, passage)]
    if len(reader.tokenizer(question, add_special_tokens=False)["input_ids"]) > 40:
        return
    limits = {"max_length": 110, "stride": 20}
    found = short.read(pairs, n_best=3, max_answer_words=max_words)
    expected = reference.read(reader.model, reader.tokenizer, pairs, n_best=3, max_answer_words=max_words, **limits)
    scores = sorted(span.score for span in expected[0].spans)
    if all(z - a > 1e-3 for a, z in itertools.pairwise(scores)):
        assert_same(found, expected)


@settings(deadline=None, max_examples=100)
@given(question=texts(10), passages=st.lists(texts(120), max_size=4), n_best=st.integers(1, 6))
def test_spans_are_slices(reader: BertReader, question: str, passages: list[str], n_best: int) -> None:
    short = short_windows(reader, 60, 12)
    found = short.read([(question, passage) for passage in passages], n_best=n_best)
    assert len(found) == len(passages)
    for passage, reading in zip(passages, found, strict=True):
        assert len(reading.spans) <= n_best
        for span in reading.spans:
            assert span.text == passage[span.start : span.end] == span.text.strip() != ""
        ordered = sorted(reading.spans, key=lambda span: span.start)
        assert all(a.end <= b.start for a, b in itertools.pairwise(ordered))
        assert [span.score for span in reading.spans] == sorted((s.score for s in reading.spans), reverse=True)


def test_a_pair_reads_the_same_in_any_company(reader: BertReader) -> None:
    pairs = [(spanish(n, 4), spanish(50 + n, 3 + 20 * (n % 7))) for n in range(30)]
    alone = [reader.read([pair])[0] for pair in pairs]
    assert_same(reader.read(pairs), alone)
    assert_same(reader.read(pairs[::-1]), alone[::-1])


def test_empty_texts(reader: BertReader) -> None:
    nothing, something, blank = reader.read([("¿qué?", ""), ("", PASSAGE), ("¿qué?", " \n\u00a0")])
    assert nothing == Reading((), 0.0) and nothing.margin == float("-inf")
    assert something.spans and np.isfinite(something.margin)
    assert blank.spans == ()
    assert reader.read([]) == []


def test_a_very_long_passage_is_read_to_its_end(reader: BertReader) -> None:
    long = spanish(1, 3000)
    (reading,) = reader.read([("¿qué?", long)], n_best=2000, max_answer_words=2)
    assert len(reading.spans) > 1000
    assert max(span.end for span in reading.spans) > len(long) - 20


def test_no_answer_is_longer_than_asked(reader: BertReader) -> None:
    (reading,) = reader.read([("¿qué?", spanish(3, 60))], n_best=50, max_answer_words=2)
    assert max(len(span.text.split()) for span in reading.spans) == 2


def test_an_answer_may_cross_where_a_window_ends(reader: BertReader) -> None:
    """Every span of up to w words starts in one window whatever the cut, when the stride is longer than it."""
    short = short_windows(reader, 60, 30)
    passage = spanish(5, 200)
    (reading,) = short.read([("¿qué?", passage)], n_best=1000, max_answer_words=1)
    assert [span.text for span in sorted(reading.spans, key=lambda span: span.start)] == [*passage[:-1].split(), "."]


def test_threads_may_share_a_reader(reader: BertReader) -> None:
    pairs = [(spanish(n, 4), spanish(n + 9, 30)) for n in range(12)]
    expected = [reader.read([pair])[0] for pair in pairs]
    with ThreadPoolExecutor(4) as pool:
        assert_same(list(pool.map(lambda pair: reader.read([pair])[0], pairs * 3)), expected * 3)


def test_batches_hold_similar_lengths_within_the_budget() -> None:
    lengths = [5, 90, 7, 30, 31, 200, 6]
    made = list(batches(lengths, 100))
    assert sorted(row for batch in made for row in batch) == list(range(len(lengths)))
    assert made[0] == [5]
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= 100


def test_bf16_keeps_the_resolution_of_the_logits(reader: BertReader) -> None:
    """What runs on CUDA, run on the CPU."""
    inputs = {"input_ids": torch.tensor([[2, 10, 20, 30, 40, 3]])}
    with torch.inference_mode():
        exact = reader.model(**inputs).start_logits
        with torch.autocast("cpu", torch.bfloat16):
            assert reader.model(**inputs).start_logits.dtype == torch.bfloat16
        with bf16(reader.model):
            found = reader.model(**inputs).start_logits
        assert found.dtype == torch.float32
        assert torch.equal(reader.model(**inputs).start_logits, exact)
    torch.testing.assert_close(found, exact, atol=0.3, rtol=0.05)
    assert not torch.equal(found, found.bfloat16().float())


def test_the_sidecar_is_obeyed_and_kept(bert_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "modelo"
    folder.mkdir()
    for file in bert_folder.iterdir():
        (folder / file.name).symlink_to(file)
    assert load_config(folder) == ReaderConfig("modelo")
    save_config(folder, ReaderConfig("prueba", threshold=-1.5, max_seq_length=64, stride=8))
    reader = load_reader(folder, device="cpu")
    assert (reader.name, reader.threshold, reader.device) == ("prueba", -1.5, "cpu")
    assert isinstance(reader, BertReader)
    assert len(reader.read([("¿qué?", spanish(1, 300))])[0].spans) == 5


def test_a_checkpoint_of_2020_loads_and_follows_its_own_tokenizer(bert_folder: Path, tmp_path: Path) -> None:
    """As BETO lies on the hub: pickled weights with a pooler and stored positions, a plain vocabulary, its settings."""
    model = BertReader.load(bert_folder).model
    state = dict(model.state_dict()) | {
        "bert.embeddings.position_ids": torch.arange(512)[None],
        "bert.pooler.dense.weight": torch.zeros(32, 32),
        "bert.pooler.dense.bias": torch.zeros(32),
    }
    torch.save(state, tmp_path / "pytorch_model.bin")
    (tmp_path / "config.json").write_bytes((bert_folder / "config.json").read_bytes())
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    settings_file = tmp_path / "tokenizer_config.json"
    settings_file.write_text('{"do_lower_case": false, "strip_accents": false}', encoding="utf-8")
    pairs = [("¿Cuándo?", "El Día de la Oficina"), ("¿qué?", spanish(4, 50))]
    assert_same(load_reader(tmp_path, "cpu").read(pairs), BertReader.load(bert_folder).read(pairs))
    settings_file.write_text('{"do_lower_case": true}', encoding="utf-8")
    lower = BertReader.load(tmp_path).tokenizer
    assert lower.tokenize("Día") == ["d", "##i", "##a"]


def test_what_cannot_be_loaded_is_explained(bert_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoModel

    folder = tmp_path / "sin-cabeza"
    AutoModel.from_pretrained(bert_folder).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((bert_folder / name).read_bytes())
    with pytest.raises(ModelProblem, match="no sabe señalar respuestas"):
        load_reader(folder, device="cpu")
    (folder / "model.safetensors").write_bytes(b"roto")
    with pytest.raises(ModelProblem, match="No se puede cargar"):
        load_reader(folder, device="cpu")
    (folder / "reader.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelProblem, match=r"reader\.json"):
        load_reader(folder, device="cpu")


def test_devices() -> None:
    assert resolve_device("cpu") == "cpu"
    assert resolve_device("auto") in ("cpu", "cuda", "mps")
    with pytest.raises(ModelProblem, match="No existe el dispositivo"):
        resolve_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ModelProblem, match="no tiene «cuda»"):
            resolve_device("cuda")
