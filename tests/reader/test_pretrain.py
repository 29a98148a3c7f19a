"""Pretraining on a small text: what is left on disk, that a killed run goes on exactly, and that it learns."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, BertForMaskedLM

from reader.errors import ReaderProblem
from reader.options import PretrainOptions
from reader.pretrain import pretrain
from reader.pretraining import new_encoder
from reader.rows import encode_rows, tokens_in
from reader.vocabulary import train_tokenizer

TOWNS = ["Béjar", "Ciudad Rodrigo", "Peñaranda", "Alba de Tormes", "Ledesma", "Vitigudino", "Guijuelo", "Tamames"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    paragraphs = [
        f"La oficina de {town} abre a las {hour}. Quien viva en {town} puede pedir cita en la oficina, "
        f"y la oficina de {town} contesta en {days} días. El puente de {town} tiene {days} arcos."
        for town in TOWNS
        for hour in range(7, 11)
        for days in range(2, 8)
    ]
    path = tmp_path_factory.mktemp("corpus") / "texto.txt"
    path.write_text("\n\n".join(paragraphs), encoding="utf-8")
    return path


def tiny(corpus: Path, out: Path) -> PretrainOptions:
    return PretrainOptions(
        corpus=(corpus,),
        out=out,
        minutes=10,
        steps=8,
        vocabulary=400,
        layers=1,
        hidden=64,
        length=64,
        tokens=256,
        checkpoint_minutes=0,
    )


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


@pytest.fixture(scope="module")
def whole_run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pretrain(tiny(corpus, tmp_path_factory.mktemp("entero") / "out"), shown=False)


def test_leaves_an_encoder_its_tokenizer_and_a_record(whole_run: Path, corpus: Path) -> None:
    model = AutoModelForQuestionAnswering.from_pretrained(whole_run)
    tokenizer = AutoTokenizer.from_pretrained(whole_run)
    assert model.config.vocab_size == len(tokenizer)
    assert tokenizer.unk_token_id not in tokenizer("¿Cuándo abre la oficina de Béjar?")["input_ids"]
    record = json.loads((whole_run / "run.json").read_text(encoding="utf-8"))
    assert record["steps"] == 8 and record["arguments"]["hidden"] == 64 and record["finished"]
    assert record["data"][0]["bytes"] == corpus.stat().st_size
    assert record["packages"]["torch"]


def test_a_killed_run_goes_on_to_the_same_weights(whole_run: Path, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = tiny(corpus, out)
    command = [sys.executable, "-m", "reader", "pretrain", "--corpus", str(corpus), "--out", str(out)]
    for name in ("minutes", "steps", "vocabulary", "layers", "hidden", "length", "tokens", "checkpoint_minutes"):
        command += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not list(out.glob("checkpoints/step-0000000[3-7]")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "model.safetensors").exists()
    pretrain(options, shown=False)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert len(record["resumed"]) == 1
    resumed, expected = weights(out), weights(whole_run)
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)


def test_a_finished_or_other_run_is_not_overwritten(whole_run: Path, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ReaderProblem, match="ya terminó"):
        pretrain(tiny(corpus, whole_run), shown=False)
    out = tmp_path / "out"
    out.mkdir()
    record = json.loads((whole_run / "run.json").read_text(encoding="utf-8"))
    del record["finished"]
    (out / "run.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ReaderProblem, match=r"\(learning_rate\)"):
        pretrain(replace(tiny(corpus, out), learning_rate=0.5), shown=False)


def test_it_learns_words_and_spans_and_says_how_well(corpus: Path, tmp_path: Path) -> None:
    heldout = tmp_path / "apartado.txt"
    heldout.write_text(corpus.read_text(encoding="utf-8")[:20000], encoding="utf-8")
    out = tmp_path / "out"
    pretrain(
        replace(tiny(corpus, out), steps=200, tokens=512, learning_rate=3e-3, heldout=heldout, checkpoint_minutes=9),
        shown=False,
    )
    measured = json.loads((out / "run.json").read_text(encoding="utf-8"))["heldout"]
    assert measured["perplexity"] < 10  # of some 300 pieces
    assert measured["word_accuracy"] > 0.5
    assert measured["span_accuracy"] > 0.5


def test_diverging_is_told_and_not_saved(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ReaderProblem, match="ya no es un número"):
        pretrain(replace(tiny(corpus, out), learning_rate=1e30, clip=1e30, warmup=0.0), shown=False)
    for checkpoint in out.glob("checkpoints/step-*"):
        assert all(value.isfinite().all() for value in load_file(checkpoint / "model.safetensors").values())


def test_starts_from_another_encoder_with_its_layers_and_pieces(whole_run: Path) -> None:
    old = BertForMaskedLM.from_pretrained(whole_run).eval()
    tokenizer = AutoTokenizer.from_pretrained(whole_run)
    other = train_tokenizer([f"La oficina de {town} tiene puentes." for town in TOWNS] * 3, 280)
    moved = new_encoder(other, str(whole_run), layers=7, hidden=640, length=96).eval()
    assert moved.config.num_hidden_layers == 1 and moved.config.hidden_size == 64
    assert moved.config.vocab_size == len(other) and moved.config.max_position_embeddings == 96
    ours, theirs = moved.bert.embeddings.word_embeddings.weight, old.bert.embeddings.word_embeddings.weight
    for word in ("oficina", "La", "[CLS]"):
        assert torch.equal(ours[other.get_vocab()[word]], theirs[tokenizer.get_vocab()[word]])
    same = new_encoder(tokenizer, str(whole_run), layers=1, hidden=64, length=64).eval()
    ids = torch.tensor([tokenizer("La oficina de Béjar")["input_ids"]])
    with torch.inference_mode():
        assert torch.equal(same.bert(ids).last_hidden_state, old.bert(ids).last_hidden_state)


def test_rows_hold_whole_passages_once_and_are_kept(corpus: Path, tmp_path: Path) -> None:
    paragraphs = corpus.read_text(encoding="utf-8").split("\n\n")
    tokenizer = train_tokenizer(paragraphs, 300)
    path = tmp_path / "corpus.bin"
    rows = encode_rows([corpus], tokenizer, 64, path)
    encoded = [tokenizer.encode(paragraph, add_special_tokens=False) for paragraph in paragraphs]
    inside = [number for row in rows.tolist() for number in row if number > 4]
    assert sorted(inside) == sorted(number for ids in encoded for number in ids)
    assert tokens_in(path) == int((rows != tokenizer.pad_token_id).sum())
    assert (rows[:, 0] == tokenizer.cls_token_id).all()
    written = path.stat().st_mtime_ns
    assert (encode_rows([corpus], tokenizer, 64, path) == rows).all() and path.stat().st_mtime_ns == written
    assert encode_rows([corpus], tokenizer, 128, path).shape[1] == 128, "another length is encoded anew"
    alone = encode_rows([corpus], tokenizer, 64, path)
    twice = encode_rows([corpus, corpus], tokenizer, 64, tmp_path / "two.bin")
    assert (twice == [*alone, *alone]).all(), "files encoded side by side lie in their order"
