"""The recipe: time shared out sensibly, and from text to a reader in one go, stage by stage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

import reader.recipe
from reader.averaging import average_models
from reader.errors import ReaderProblem
from reader.load import load_reader
from reader.options import RecipeOptions
from reader.recipe import SIZES, Size, make_plan, run_recipe
from reader.squad import read_squad
from reader.synthesis import synthesize
from tests.reader import tiny


@given(st.floats(0.1, 600), st.integers(1, 200_000), st.floats(1e9, 1e15), st.integers(1, 5))
def test_plans_fit_in_the_time(minutes: float, questions: int, flops: float, seeds: int) -> None:
    def speed(size: Size) -> float:
        return flops / (6 * size.weights)

    plan = make_plan(minutes, questions, SIZES, speed, seeds=seeds)
    assert 0.3 * minutes <= plan.pretrain_minutes * 1.0001 and plan.pretrain_minutes <= 0.95 * minutes * 1.0001
    assert 1 <= plan.epochs <= 5 and plan.synthetic >= 0
    tuning = (plan.epochs * seeds * questions + plan.synthetic) * 230 / plan.speed / 60
    if plan.epochs > 1:  # unless even one pass over the questions takes too long
        assert plan.pretrain_minutes + tuning <= minutes * 1.0001


def test_more_time_or_a_faster_device_affords_a_larger_encoder() -> None:
    def chosen(minutes: float, flops: float) -> int:
        plan = make_plan(minutes, 10_000, SIZES, lambda size: flops / (6 * size.weights))
        return list(SIZES).index(plan.size)

    assert chosen(10, 1e14) > chosen(10, 1e12) >= chosen(10, 1e10) == 0
    assert chosen(60, 5e13) > chosen(2, 5e13)
    only = {"mini": SIZES["mini"]}
    assert make_plan(1, 1000, only, lambda size: 1.0).size == "mini"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "texto.txt"
    documents = []
    for n in range(120):
        town = tiny.TOWNS[n % len(tiny.TOWNS)]
        documents += [
            f"El ayuntamiento de {town} aprobó la ordenanza el {n % 27 + 1} de marzo de {1990 + n % 30}. "
            f"La ordenanza regula el uso de las pistas municipales de {town} para que los vecinos puedan reservarlas.",
            f"La biblioteca de {town} es un edificio de {n % 5 + 2} plantas situado en la plaza. Los socios pueden "
            f"llevarse {n % 7 + 3} libros durante quince días, siempre que presenten el carné de la biblioteca.",
        ]
    path.write_text("\n\n".join(documents), encoding="utf-8")
    return path


def test_makes_a_reader_and_goes_on_where_it_was_stopped(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIZES, "prueba", Size(1, 64, 400, 1e-3, 1e-3))
    plan = reader.recipe.Plan("prueba", 10_000.0, 0.02, 60, 1)
    monkeypatch.setattr(reader.recipe, "make_plan", lambda *given, **named: plan)
    monkeypatch.setattr(reader.recipe, "training_speed", lambda *given: 10_000.0)
    options = RecipeOptions(
        name="probado",
        corpus=(corpus,),
        train=(tiny.squad(tmp_path / "train.json", articles=12),),
        dev=tiny.squad(tmp_path / "dev.json", first=12, articles=2),
        out=tmp_path / "out",
        minutes=1,
        size="prueba",
        seeds=2,
    )
    real = reader.recipe.synthesize
    monkeypatch.setattr(reader.recipe, "synthesize", lambda *given, **named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_recipe(options, shown=False)
    first = (options.out / "pretrained" / "model.safetensors").stat().st_mtime_ns
    monkeypatch.setattr(reader.recipe, "synthesize", real)
    made = run_recipe(options, shown=False)
    assert (options.out / "pretrained" / "model.safetensors").stat().st_mtime_ns == first, "done once"
    record = json.loads((made / "run.json").read_text(encoding="utf-8"))
    assert record["stages"].keys() == {"pretrained", "synthetic", "seed-0", "seed-1"}
    assert record["aside_f1"].keys() == {"seed-0", "seed-1", "average"}
    assert record["aside_f1"][record["chosen"]] == max(record["aside_f1"].values())
    whole = json.loads((options.out / "run.json").read_text(encoding="utf-8"))
    assert whole["evaluations"][0]["figures"]["total"] == 8
    for folder in (made, options.out / "probado-int8"):
        loaded = load_reader(folder)
        assert loaded.name == "probado"
        [reading] = loaded.read([("¿De dónde es el puente?", "El puente de Alba tiene 3 arcos.")])
        assert reading.spans
        card = (folder / "README.md").read_text(encoding="utf-8")
        assert "train.json" in card and str(tmp_path) not in card


def test_unknown_sizes_are_told(corpus: Path, tmp_path: Path) -> None:
    options = RecipeOptions("x", (corpus,), (tiny.squad(tmp_path / "t.json"),), tmp_path / "out", 1, size="enorme")
    with pytest.raises(ReaderProblem, match="enorme") as problem:
        run_recipe(options, shown=False)
    assert "mini" in problem.value.remedy


def test_synthetic_questions_are_valid_squad_and_repeatable(corpus: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    count = synthesize([corpus], one, 80, seed=3)
    made = read_squad(one)
    assert len(made) == count and 40 <= count <= 80 and not made.report.issues
    assert 0 < sum(question.is_impossible for question in made) < count / 2
    assert all(question.answers[0].text in question.context for question in made if question.answers)
    synthesize([corpus, corpus], other, 80, seed=3, processes=2)
    alone = tmp_path / "c.json"
    synthesize([corpus, corpus], alone, 80, seed=3, processes=1)
    assert other.read_bytes() == alone.read_bytes()


def test_averaging_means_the_weights(tmp_path: Path) -> None:
    folders = [tiny.encoder(tmp_path / "a"), tiny.encoder(tmp_path / "b")]
    weights = load_file(folders[1] / "model.safetensors")
    from safetensors.torch import save_file

    save_file({name: value + 2 for name, value in weights.items()}, folders[1] / "model.safetensors")
    mean = load_file(average_models(folders, tmp_path / "mean") / "model.safetensors")
    assert all(torch.allclose(mean[name], value + 1, atol=1e-6) for name, value in weights.items())
    other = tiny.encoder(tmp_path / "c", hidden=32)
    with pytest.raises(ReaderProblem, match="mismos pesos"):
        average_models([folders[0], other], tmp_path / "no")


def test_stages_share_the_articles_set_aside(tmp_path: Path) -> None:
    from reader.finetuning import read_questions
    from reader.options import TrainOptions

    options = TrainOptions("x", (tiny.squad(tmp_path / "t.json", articles=8),), tmp_path, dev_share=0.3)
    assert read_questions(options)[0] == read_questions(replace(options, seed=9))[0]
