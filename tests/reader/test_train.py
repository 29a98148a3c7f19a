"""Fine-tuning on a tiny file: what it leaves, that a killed run ends the same, and what is said when things fail."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import accelerate
import pytest
import torch
from safetensors.torch import load_file

import reader.train
from reader.checkpoint import latest_checkpoint
from reader.config import load_config
from reader.errors import DataProblem, ModelProblem, ReaderProblem
from reader.evaluate import evaluate
from reader.export import difference, export
from reader.finetuning import labelled_windows, load_for_training
from reader.load import load_reader
from reader.options import TrainOptions
from reader.predictions import predict
from reader.splits import set_aside
from reader.squad import read_squad
from reader.train import train
from tests.reader import tiny


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> TrainOptions:
    folder = tmp_path_factory.mktemp("ajuste")
    return TrainOptions(
        base=str(tiny.encoder(folder / "base")),
        train=(tiny.squad(folder / "train.json", articles=6),),
        dev=tiny.squad(folder / "dev.json", first=6, articles=2),
        out=folder / "out",
        batch_size=5,
        learning_rate=1e-3,
        epochs=3,
        max_length=48,
        stride=8,
        checkpoint_every=1,
        patience=9,
        packing=True,
    )


@pytest.fixture(scope="module")
def whole_run(options: TrainOptions) -> Path:
    return train(options, shown=False)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def same(one: Path, other: Path) -> bool:
    left, right = weights(one), weights(other)
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_leaves_a_reader_with_its_threshold_and_the_record(whole_run: Path, options: TrainOptions) -> None:
    record = json.loads((whole_run / "run.json").read_text(encoding="utf-8"))
    assert record["arguments"]["learning_rate"] == 1e-3 and record["arguments"]["seed"] == 42
    assert [data["name"] for data in record["data"]] == ["train.json", "dev.json"]
    assert record["steps"] == 15 and len(record["evaluations"]) == 3 and record["finished"]
    assert record["dev_f1"] == max(evaluation["f1"] for evaluation in record["evaluations"])
    assert {"torch", "transformers"} <= record["packages"].keys()
    assert list((whole_run / "tensorboard").glob("events*"))
    assert not (whole_run / "checkpoints").exists()
    config = load_config(whole_run)
    assert (config.threshold, config.max_seq_length, config.stride) == (record["threshold"], 48, 8)
    assert options.dev is not None
    dev = read_squad(options.dev)
    result = evaluate(dev, predict(load_reader(whole_run), dev.questions, "dev", shown=False))
    assert result.figures["f1"] == pytest.approx(record["dev_f1"], abs=1e-6)


def test_train_kill_resume_evaluate_export(whole_run: Path, options: TrainOptions, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "reader", "train", "--base", options.base, "--train", str(options.train[0])]
    command += ["--dev", str(options.dev), "--out", str(out), "--packing"]
    for name in ("batch_size", "learning_rate", "epochs", "max_length", "stride", "checkpoint_every", "patience"):
        command += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not list(out.glob("checkpoints/step-0000000[3-9]")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "finished" not in json.loads((out / "run.json").read_text(encoding="utf-8"))
    train(replace(options, out=out), shown=False)
    assert same(out, whole_run)
    assert load_config(out).threshold == load_config(whole_run).threshold
    assert len(json.loads((out / "run.json").read_text(encoding="utf-8"))["resumed"]) == 1

    assert options.dev is not None
    dev = read_squad(options.dev)
    compact = export(out, tmp_path / "int8", "int8")
    trained, exported = load_reader(out), load_reader(compact)
    figures = [
        evaluate(dev, predict(model, dev.questions, "dev", shown=False)).figures["f1"] for model in (trained, exported)
    ]
    assert figures[0] == pytest.approx(json.loads((whole_run / "run.json").read_text(encoding="utf-8"))["dev_f1"])
    pairs = [(question.question, question.context) for question in dev]
    assert difference(trained, exported, pairs).score < 0.2
    assert 0 <= figures[1] <= 100


def test_packed_and_padded_training_agree(options: TrainOptions, tmp_path: Path) -> None:
    still = str(tiny.encoder(tmp_path / "base", dropout=0.0))
    one_step = replace(options, base=still, batch_size=100, epochs=2, dev=None, dev_share=0.0)
    packed = train(replace(one_step, out=tmp_path / "packed"), shown=False)
    padded = train(replace(one_step, out=tmp_path / "padded", packing=False), shown=False)
    parts = train(replace(one_step, out=tmp_path / "parts", batch_size=7, accumulate=4), shown=False)
    # These shift all scores of a softmax alike: their gradient is rounding noise, which Adam makes large.
    last = f"layer.{tiny.LAYERS - 1}.output.LayerNorm.bias"
    without_effect = ("qa_outputs.bias", "key.bias", last)
    for name, value in weights(packed).items():
        if name.endswith(without_effect):
            continue
        torch.testing.assert_close(value, weights(padded)[name], atol=2e-5, rtol=1e-3)
        torch.testing.assert_close(value, weights(parts)[name], atol=2e-5, rtol=1e-3)


def test_two_processes_do_what_two_accumulated_batches_do(options: TrainOptions, tmp_path: Path) -> None:
    still = str(tiny.encoder(tmp_path / "base", dropout=0.0))
    both = replace(options, base=still, batch_size=4, epochs=1, packing=None, dev=None, dev_share=0.0)
    alone = train(replace(both, out=tmp_path / "alone", accumulate=2), shown=False)
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "reader", "train"]
    command += ["--base", still, "--train", str(options.train[0]), "--dev-share", "0", "--out", str(tmp_path / "two")]
    for name in ("batch_size", "learning_rate", "epochs", "max_length", "stride"):
        command += [f"--{name.replace('_', '-')}", str(getattr(both, name))]
    subprocess.run([sys.executable, *command], env={**os.environ, "ACCELERATE_USE_CPU": "true"}, check=True)
    assert json.loads((tmp_path / "two" / "run.json").read_text(encoding="utf-8"))["processes"] == 2
    assert same(tmp_path / "two", alone)


def test_labels_point_at_the_answer_or_at_cls(options: TrainOptions) -> None:
    questions = read_squad(options.train[0]).questions
    _, tokenizer = load_for_training(options.base, 48)
    for length in (48, 30):
        examples = labelled_windows(questions, tokenizer, max_length=length, stride=8)
        found = [
            tokenizer.decode(example.input_ids[example.start : example.end + 1])
            for example in examples
            if example.start
        ]
        assert set(found) <= {question.answers[0].text for question in questions if question.answers}
        assert len(found) >= sum(bool(question.answers) for question in questions)
        assert any(not example.start for example in examples)
        assert all(len(example.input_ids) <= length for example in examples)


def test_stops_early_and_keeps_the_best(options: TrainOptions, tmp_path: Path) -> None:
    out = train(
        replace(options, out=tmp_path / "out", learning_rate=0.0, epochs=9, evaluate_every=2, patience=2), shown=False
    )
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert [evaluation["step"] for evaluation in record["evaluations"]] == [2, 4, 6]  # no better than the first
    assert record["steps"] == 6


def test_articles_are_set_aside_where_there_is_no_dev(options: TrainOptions, tmp_path: Path) -> None:
    questions = read_squad(options.train[0]).questions
    learnt, aside = set_aside(questions, 0.3, seed=1)
    assert {question.title for question in learnt}.isdisjoint(question.title for question in aside)
    assert len(learnt) + len(aside) == len(questions) and len(aside) == 8
    out = train(replace(options, out=tmp_path / "out", dev=None, dev_share=0.3, epochs=1), shown=False)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["questions"] == 16 and record["dev_f1"] >= 0


class Failing:
    """A function that fails from the third call on."""

    def __init__(self, function: Callable[..., Any], error: BaseException) -> None:
        self.function, self.error, self.calls = function, error, 0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls > 2:
            raise self.error
        return self.function(*arguments, **named)


@pytest.mark.parametrize(
    ("where", "error", "message"),
    [
        ("computing", torch.OutOfMemoryError("CUDA out of memory. Tried…"), "No hay memoria"),
        ("computing", RuntimeError("DefaultCPUAllocator: can't allocate memory"), "No hay memoria"),
        ("computing", KeyboardInterrupt(), "interrumpido"),
        ("saving", OSError(errno.ENOSPC, "No space left on device"), "disco está lleno"),
        (
            "saving",
            RuntimeError("[enforce fail] PytorchStreamWriter failed writing file"),
            "disco está lleno",
        ),
    ],
)
def test_what_fails_is_told_and_the_last_checkpoint_goes_on(
    where: str,
    error: BaseException,
    message: str,
    whole_run: Path,
    options: TrainOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        if where == "computing":
            failing = Failing(reader.train.span_loss, error)
            patch.setattr(reader.train, "span_loss", failing)
        else:
            failing = Failing(accelerate.Accelerator.save_state, error)
            patch.setattr(accelerate.Accelerator, "save_state", lambda *given, **named: failing(*given, **named))
        with pytest.raises(ReaderProblem, match=message) as problem:
            train(replace(options, out=out), shown=False)
    assert "step-00000002" in problem.value.remedy and "Repita la misma orden" in problem.value.remedy
    assert latest_checkpoint(out / "checkpoints") == out / "checkpoints" / "step-00000002"
    train(replace(options, out=out), shown=False)
    assert same(out, whole_run)


def test_a_loss_that_is_no_number_stops_the_run_unsaved(options: TrainOptions, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ReaderProblem, match="ya no es un número") as problem:
        train(replace(options, out=out, learning_rate=1e30, clip=1e30), shown=False)
    assert "--learning-rate" in problem.value.remedy
    last = latest_checkpoint(out / "checkpoints")
    if last:
        assert all(value.isfinite().all() for value in load_file(last / "model.safetensors").values())


def test_bad_input_is_told(options: TrainOptions, whole_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelProblem, match="64 tokens"):
        train(replace(options, out=tmp_path / "a", max_length=384), shown=False)
    with pytest.raises(DataProblem, match=r"nada\.json"):
        train(replace(options, out=tmp_path / "b", train=(tmp_path / "nada.json",)), shown=False)
    with pytest.raises(ModelProblem):
        train(replace(options, out=tmp_path / "c", base=str(tmp_path / "sin-modelo")), shown=False)
    with pytest.raises(ReaderProblem, match="ya terminó"):
        train(options, shown=False)
    assert not any((tmp_path / name).exists() for name in "abc"), "nothing is begun that cannot be done"
