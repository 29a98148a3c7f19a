"""Exported weights give the same spans up to the stated difference; the card says what the records say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reader.bert import BertReader
from reader.card import model_card
from reader.cli import app
from reader.config import ReaderConfig, load_config, save_config
from reader.console import PROBLEM, run
from reader.errors import ModelProblem
from reader.export import Difference, Format, difference, export
from reader.load import load_reader
from reader.predictions import load_predictions
from reader.quantization import dequantize, quantize
from tests.reader.conftest import WORDS
from tests.reader.scripted import QUESTIONS, write_squad

PAIRS = [
    (" ".join(rng.choice(WORDS, 5)), " ".join(rng.choice(WORDS, 40))) for rng in map(np.random.default_rng, range(60))
]


@pytest.fixture
def trained(bert_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint as training leaves it, with its sidecar and its record."""
    folder = tmp_path / "entrenado"
    shutil.copytree(bert_folder, folder)
    save_config(folder, ReaderConfig("bueno", threshold=-0.5, max_seq_length=128, stride=32))
    (folder / "run.json").write_text(json.dumps(RECORD), encoding="utf-8")
    return folder


@given(hnp.arrays(np.float32, (5, 9), elements=st.floats(-4, 4, width=32)))
def test_no_weight_moves_by_more_than_half_a_step(matrix: np.ndarray) -> None:
    state = {"a.weight": torch.from_numpy(matrix.copy()), "a.bias": torch.ones(3), "ids": torch.arange(4)}
    packed = quantize(state)
    assert packed["a.weight"].dtype == torch.int8
    back = dequantize(packed)
    assert set(back) == set(state)
    steps = packed["a.weight.scale"][:, None]
    assert torch.all((back["a.weight"] - state["a.weight"]).abs() <= steps / 2 * (1 + 1e-5))
    assert torch.equal(back["a.bias"], state["a.bias"]) and torch.equal(back["ids"], state["ids"])
    assert torch.equal(quantize(back)["a.weight"], packed["a.weight"])


@pytest.mark.parametrize(("weights", "share", "apart"), [("fp32", 1.0, 0.0), ("bf16", 0.8, 1.0), ("int8", 0.7, 1.5)])
def test_exports_read_nearly_the_same(
    trained: Path, tmp_path: Path, weights: Format, share: float, apart: float
) -> None:
    out = export(trained, tmp_path / weights, weights)
    assert load_config(out) == load_config(trained)
    assert (out / "tokenizer.json").read_bytes() == (trained / "tokenizer.json").read_bytes()
    found = difference(load_reader(trained, "cpu"), load_reader(out, "cpu"), PAIRS)
    assert found.pairs == len(PAIRS)
    assert found.same_answer >= share * len(PAIRS)
    assert max(found.score, found.null_score) <= apart


def test_smaller_formats_are_smaller(trained: Path, tmp_path: Path) -> None:
    sizes = [
        sum(file.stat().st_size for file in export(trained, tmp_path / one, one).glob("*.safetensors"))
        for one in ("fp32", "bf16", "int8")
    ]
    assert sizes[1] < 0.6 * sizes[0] and sizes[2] < 0.4 * sizes[0]


def test_an_int8_export_can_be_exported_again(trained: Path, tmp_path: Path) -> None:
    small = export(trained, tmp_path / "int8", "int8")
    large = export(small, tmp_path / "fp32", "fp32")
    found = difference(BertReader.load(small), BertReader.load(large), PAIRS)
    assert (found.same_answer, found.score, found.null_score) == (len(PAIRS), 0.0, 0.0)


def test_an_export_never_overwrites(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelProblem, match="no está vacía"):
        export(trained, trained, "int8")
    with pytest.raises(ModelProblem, match="No existe la carpeta"):
        export(tmp_path / "nada", tmp_path / "otra", "int8")


def test_the_difference_counts_answers_and_decisions(bert_folder: Path) -> None:
    reader = BertReader.load(bert_folder)
    bold, shy = (BertReader(reader.model, reader.tokenizer, ReaderConfig("x", threshold=t)) for t in (-1e9, 1e9))
    assert difference(bold, shy, PAIRS[:5]) == Difference(5, 5, 0, 0.0, 0.0)


RECORD = {
    "kind": "train",
    "command": ["/casa/ana/reader", "train", "--base", "beto-base", "--train", "/datos/secretos/train.json"],
    "arguments": {"base": "beto-base", "batch_size": 12, "learning_rate": 3e-5, "epochs": 2.0, "seed": 42},
    "data": [
        {
            "name": "train.json",
            "bytes": 1234567,
            "sha256": "196cfa14b6ba7d903f02e6edc20485bb959b72c965b6a2d6883b8ffd74dc2c3b",
        },
        {"name": "propio.json", "bytes": 10, "sha256": "0" * 64},
    ],
    "python": "3.11.9",
    "packages": {"torch": "2.6.0"},
    "commit": "abc",
    "questions": 87595,
    "dev_f1": 62.5,
    "threshold": -0.5,
}


def test_the_card_says_what_the_records_say() -> None:
    evaluation = {
        "data": "/datos/dev.json",
        "threshold": -0.5,
        "figures": {"exact": 54.6, "f1": 62.7, "HasAns_f1": 60.0, "total": 1000},
        "intervals": {"f1": [60.1, 65.2]},
    }
    card = model_card(
        ReaderConfig("bueno", threshold=-0.5),
        weights="int8",
        record=RECORD,
        evaluations=[evaluation],
        difference=Difference(1000, 997, 995, 0.25, 0.125),
        licence="cc-by-4.0",
    )
    assert card.startswith("---\nlanguage: es\n")
    for expected in (
        "license: cc-by-4.0",
        "base_model: dccuchile/bert-base-spanish-wwm-cased",
        "same best span in 997 of 1000 questions (99.70 %)",
        "| dev.json | 54.60 | 62.70 |  | 60.00 |  |  | 1000 | -0.500 |",
        "dev.json: F1 60.10 to 65.20",
        "SQuAD-es v1.1 (Carrino et al., 2019), traducción automática, CC BY 4.0 (1,234,567 bytes",
        "`propio.json`: of unrecorded origin and licence",
        "| development F1 (chose checkpoint and threshold) | 62.50 |",
        "reader train --base beto-base --train train.json",
    ):
        assert expected in card
    assert "/casa" not in card and "/datos" not in card


def test_a_card_without_records_says_so() -> None:
    card = model_card(ReaderConfig("solo"), weights="fp32")
    assert "No record of the run" in card and "Not evaluated" in card


def test_the_commands_end_to_end(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_squad(tmp_path / "preguntas.json", QUESTIONS)
    small = tmp_path / "pequeño"
    options = ["--format", "int8", "--name", "chico", "--data", str(data), "--device", "cpu"]
    assert run(app, ["export", str(trained), "--out", str(small), *options]) == 0
    output = capsys.readouterr()
    assert output.out.strip() == str(small)
    assert "de 5 preguntas" in output.err
    assert "# chico" in (small / "README.md").read_text(encoding="utf-8")

    assert run(app, ["predict", "--model", str(small), "--data", str(data), "--device", "cpu"]) == 0
    official = json.loads(capsys.readouterr().out)
    assert set(official) == {question.id for question in QUESTIONS}
    made = tmp_path / "predicciones.json"
    assert run(app, ["predict", "--model", str(small), "--data", str(data), "--out", str(made)]) == 0
    kept = load_predictions(made)
    assert kept.model == "chico"
    for question in QUESTIONS:
        one = kept.predictions[question.id]
        assert one.text == question.context[one.start : one.end] != ""
        assert official[question.id] == (one.text if one.margin > kept.threshold else "")


def test_one_question_about_one_text(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "La oficina del registro abre el lunes de 9:00 a 14:00."
    (tmp_path / "texto.txt").write_text(text, encoding="utf-8")
    arguments = ["--model", str(trained), "--question", "¿Cuándo abre?", "--n-best", "3", "--device", "cpu"]
    assert run(app, ["predict", *arguments, "--text", str(tmp_path / "texto.txt")]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert 1 <= len(lines) <= 3
    for line in lines:
        assert line["text"] == text[line["start"] : line["end"]]
        assert line["answers"] == (line["margin"] > -0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "--model", "mini"], "Falta qué contestar"),
        (["predict", "--model", "mini", "--question", "¿qué?"], "Falta el texto"),
        (["predict", "--model", "mini", "--question", "¿qué?", "--text", "no-existe.txt"], "No se puede leer"),
        (["export", "nadie", "--out", "x"], "No se conoce el modelo «nadie»"),
        (["export", "mini", "--out", "x", "--format", "int4"], "No existe el formato «int4»"),
    ],
)
def test_mistakes_are_explained(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, arguments) == PROBLEM
    error = capsys.readouterr().err
    assert message in error and "→" in error


def test_rows_too_small_for_a_scale_become_zero_and_not_their_opposite() -> None:
    state = {"a.weight": torch.full((1, 3), 5.5e-43)}
    assert torch.equal(dequantize(quantize(state))["a.weight"], torch.zeros(1, 3))
