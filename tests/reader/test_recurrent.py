"""The recurrent reader: its recurrence, its features, its offsets, and that it learns."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.errors import ModelProblem
from reader.recurrent.batches import build_examples, make_batch, plan_batches, word_span
from reader.recurrent.features import encode_text, match_features
from reader.recurrent.model import NetworkConfig, RecurrentNetwork, _scan
from reader.recurrent.reader import RecurrentReader, save_reader_files
from reader.recurrent.synthetic import QuestionMaker, document_questions
from reader.recurrent.train import FitConfig, average_networks, fit, new_network
from reader.recurrent.vocabulary import NGRAM_BUCKETS, WordTable, WordVectors
from reader.recurrent.words import word_key, word_offsets

KEYS = (
    "el la de en que los se del las un por con una para es director oficina plazo dias horario lunes viernes firma "
    "contrato alcaldesa biblioteca abre cierra cuesta euros solicitud carne ¿ ? . , cuando quien donde cuanto"
).split()
SIZES = NetworkConfig(dim=16, hidden=32, tuned_words=20, lower_layers=1, upper_layers=1, heads=2, dropout=0.0)


@pytest.fixture(scope="module")
def words() -> WordVectors:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(len(KEYS) + 1, 16)).astype(np.float32)
    vectors[0] = 0
    counts = np.arange(len(KEYS), 0, -1).astype(np.int64) * 100
    return WordVectors(tuple(KEYS), vectors, counts, rng.normal(size=(NGRAM_BUCKETS, 16)).astype(np.float32))


def make_reader(folder: Path, words: WordVectors, network: RecurrentNetwork) -> RecurrentReader:
    folder.mkdir(exist_ok=True)
    words.save(folder / "words.npz")
    save_reader_files(folder, network, name="prueba", threshold=0.5)
    return RecurrentReader(folder)


def test_scan_equals_the_recurrence_written_out_and_its_gradient_is_right() -> None:
    torch.manual_seed(0)
    f = torch.rand(7, 2, 3, dtype=torch.float64, requires_grad=True)
    z = torch.randn(7, 2, 3, dtype=torch.float64, requires_grad=True)
    state, expected = torch.zeros(2, 3, dtype=torch.float64), []
    for t in range(7):
        state = f[t] * state + (1 - f[t]) * z[t]
        expected.append(state)
    torch.testing.assert_close(_scan(f, z), torch.stack(expected))
    assert torch.autograd.gradcheck(_scan, (f, z))


def test_padding_changes_no_logit(words: WordVectors) -> None:
    torch.manual_seed(1)
    network = RecurrentNetwork(SIZES).eval()
    table = WordTable(words)
    passages = [
        encode_text(text, table) for text in ("El director firma.", "La oficina abre los lunes, de ocho a tres.")
    ]
    questions = [encode_text(text, table) for text in ("¿quién firma?", "¿Cuándo abre la oficina de la alcaldesa?")]
    vectors = torch.cat([torch.from_numpy(words.vectors), torch.from_numpy(table.extra())])
    with torch.no_grad():
        start, end, null = network(make_batch(passages, questions, [0, 1]), vectors)
        for i in range(2):
            alone = network(make_batch([passages[i]], [questions[i]], [0]), vectors)
            n = len(passages[i])
            torch.testing.assert_close(start[i, :n], alone[0][0], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(end[i, :n], alone[1][0], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(null[i], alone[2][0], atol=1e-5, rtol=1e-4)


def test_words_are_the_same_without_accents_or_capitals_but_keep_the_ñ() -> None:
    assert word_key("CUÁNDO") == word_key("cuando") == "cuando"
    assert word_key("año") != word_key("ano")


def test_unseen_words_get_a_vector_of_their_own_and_vectors_survive_the_disk(
    words: WordVectors, tmp_path: Path
) -> None:
    assert np.linalg.norm(words.unseen("teletrabajo")) == pytest.approx(1, abs=1e-4)
    assert not np.allclose(words.unseen("teletrabajo"), words.unseen("excedencia"))
    words.save(tmp_path / "words.npz")
    loaded = WordVectors.load(tmp_path / "words.npz")
    assert loaded.keys == words.keys
    # int8 rows: half a step of 1/127 of the largest entry, plus the rounding of the scale itself.
    assert np.abs(loaded.vectors - words.vectors).max() <= 0.01 * np.abs(words.vectors).max()


def test_match_features_point_at_the_sentence_that_holds_the_words_of_the_question(words: WordVectors) -> None:
    table = WordTable(words)
    passage = encode_text("El plazo es de diez días. La biblioteca abre los lunes. Cuesta tres euros.", table)
    features = match_features(passage, encode_text("¿Cuando abre las bibliotecas?", table))
    covered = features[:, 7]
    sentence = np.searchsorted(passage.sentence_starts, np.arange(len(passage)), side="right") - 1
    assert set(sentence[covered == 1.0]) == {1}
    assert features[:, 1].sum() == 2  # "biblioteca" and "abre" by their stems


@given(st.text(alphabet=st.sampled_from("aé ñ.,\n¿?1E-Ü😀"), max_size=60), st.data())
def test_word_span_covers_the_characters_asked_for(text: str, data: st.DataObject) -> None:
    offsets = np.array(word_offsets(text), dtype=np.int32).reshape(-1, 2)
    if not len(offsets):
        return
    first = data.draw(st.integers(0, len(offsets) - 1))
    last = data.draw(st.integers(first, len(offsets) - 1))
    assert word_span(offsets, int(offsets[first, 0]), int(offsets[last, 1])) == (first, last)


def test_every_question_is_planned_once_and_batches_keep_their_budget(words: WordVectors) -> None:
    table = WordTable(words)
    triples = [
        (f"El plazo {i} es de diez días . " * (1 + i % 5), f"¿plazo {j}?", []) for i in range(9) for j in range(11)
    ]
    entries = build_examples(triples, table)
    batches = plan_batches(entries, token_budget=200, rng=random.Random(0))
    planned = sorted((row, pick) for batch in batches for row, picks in batch for pick in picks)
    assert planned == sorted((row, i) for row, entry in enumerate(entries) for i in range(len(entry.examples)))
    for batch in batches:
        assert len(batch) == 1 or sum(len(picks) * len(entries[row].passage) for row, picks in batch) <= 200


@settings(deadline=None, max_examples=25)
@given(passage=st.text(max_size=300), question=st.text(max_size=60))
def test_spans_are_slices_of_the_passage(reader: RecurrentReader, passage: str, question: str) -> None:
    (reading,) = reader.read([(question, passage)], n_best=4)
    for span in reading.spans:
        assert passage[span.start : span.end] == span.text
        assert span.text.strip() == span.text != ""
    for one, other in zip(reading.spans, reading.spans[1:], strict=False):
        assert one.score >= other.score
        assert one.end <= other.start or other.end <= one.start


@pytest.fixture(scope="module")
def reader(words: WordVectors, tmp_path_factory: pytest.TempPathFactory) -> RecurrentReader:
    torch.manual_seed(2)
    return make_reader(tmp_path_factory.mktemp("lector"), words, RecurrentNetwork(SIZES))


def test_a_batch_reads_as_each_pair_alone_and_long_passages_are_read_to_their_end(reader: RecurrentReader) -> None:
    long = "La oficina abre los lunes. " * 150 + "El contrato lo firma la alcaldesa."
    pairs = [("¿Quién firma?", long), ("¿Cuándo abre?", "La oficina abre los lunes."), ("¿Quién firma?", "")]
    together = reader.read(pairs)
    assert together[2].spans == ()
    for pair, reading in zip(pairs, together, strict=True):
        (alone,) = reader.read([pair])
        assert [(s.start, s.end) for s in alone.spans] == [(s.start, s.end) for s in reading.spans]
        assert alone.null_score == pytest.approx(reading.null_score, abs=1e-3)
    everything = reader.read([pairs[0]], n_best=10_000, max_answer_words=1)[0]
    assert max(span.end for span in everything.spans) == len(long)


def test_it_learns_a_handful_of_questions(words: WordVectors, tmp_path: Path) -> None:
    passage = "La alcaldesa firma el contrato. La biblioteca abre los lunes. El carné cuesta tres euros."
    triples = [
        (passage, "¿Quién firma el contrato?", [(0, 12)]),
        (passage, "¿Cuándo abre la biblioteca?", [(passage.index("los lunes"), passage.index("los lunes") + 9)]),
        (passage, "¿Cuánto cuesta el carné?", [(passage.index("tres"), passage.index("tres") + 10)]),
        (passage, "¿Dónde está el director?", []),
    ]
    table = WordTable(words)
    config = FitConfig(epochs=150, learning_rate=5e-3, warmup_steps=5, dropout=0.0, average=0.9)
    torch.manual_seed(0)
    network = fit(new_network(words, SIZES), build_examples(triples, table), table, config)
    reader = make_reader(tmp_path, words, average_networks([network, network]))
    readings = reader.read([(question, passage) for _, question, _ in triples])
    for (_, _, gold), reading in zip(triples, readings, strict=True):
        if gold:
            assert reading.margin > 0
            assert (reading.spans[0].start, reading.spans[0].end) == gold[0]
        else:
            assert reading.margin < 0


def test_synthetic_answers_stand_where_they_are_said_to_and_are_not_in_the_question(words: WordVectors) -> None:
    text = "\n".join(
        f"La alcaldesa Elena Ruiz firmó el convenio de colaboración el {day} de marzo de 2021 en Valdemora, "
        "para que los vecinos puedan usar la biblioteca municipal durante todo el verano."
        for day in range(1, 25)
    )
    made = document_questions(QuestionMaker(words, random.Random(3)), text)
    assert len(made) > 5
    for context, question, gold in made:
        assert question.strip()
        for start, end in gold:
            assert 0 <= start < end <= len(context)
            assert context[start:end].strip()
    assert any(not gold for _, _, gold in made) and any(gold for _, _, gold in made)


def test_a_damaged_model_folder_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "reader.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelProblem, match=tmp_path.name) as problem:
        RecurrentReader(tmp_path)
    assert problem.value.remedy
