"""From plain text and questions to a finished reader in one command, in the time given and on the device found.

tokenizer → pretraining → questions made by rule → fine-tuning (several seeds, averaged) → export → evaluation. Each
stage leaves its folder and is skipped when it is finished, so that the same command goes on where it was stopped.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from reader.averaging import average_models
from reader.card import model_card
from reader.config import load_config, save_config
from reader.corpus import corpus_files
from reader.errors import ReaderProblem
from reader.evaluate import calibrate, evaluate
from reader.export import export
from reader.finetuning import read_questions
from reader.load import load_reader
from reader.options import PretrainOptions, RecipeOptions, TrainOptions
from reader.predictions import predict
from reader.pretrain import pretrain
from reader.pretraining import encoder_config
from reader.record import new_record, now, read_record, write_record, write_text
from reader.registry import locate
from reader.runs import RECORD, open_run
from reader.speed import training_speed
from reader.squad import read_squad
from reader.summary import text_report
from reader.synthesis import synthesize
from reader.train import train

_TOKENS_PER_QUESTION = 230  # of a window, on average
_TOKENS_PER_WEIGHT = 20  # what a size must be able to see in pretraining to be worth choosing (Hoffmann et al., 2022)
_MOST_SYNTHETIC = 200_000


@dataclass(frozen=True, slots=True)
class Size:
    """An encoder that the recipe can make, and the peak learning rates that suit it."""

    layers: int
    hidden: int
    vocabulary: int
    pretrain_rate: float
    train_rate: float

    @property
    def weights(self) -> int:
        """Those of the layers, to which the computing time is proportional: 12 hidden² each."""
        return 12 * self.layers * self.hidden**2


SIZES = {
    "nano": Size(2, 128, 8_000, 1e-3, 5e-4),
    "micro": Size(4, 192, 12_000, 1e-3, 3e-4),
    "mini": Size(6, 384, 16_000, 7e-4, 1.5e-4),
    "small": Size(8, 512, 24_000, 5e-4, 1e-4),
    "medium": Size(12, 640, 30_000, 4e-4, 7e-5),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How the time is spent."""

    size: str
    speed: float  # tokens of training a second that this device made
    pretrain_minutes: float
    synthetic: int  # questions made by rule; 0: none
    epochs: int  # over the questions made by people


def make_plan(
    minutes: float, questions: int, sizes: Mapping[str, Size], speed: Callable[[Size], float], *, seeds: int = 1
) -> Plan:
    """Divide the time: at most a fifth for people's questions, a sixth for those made by rule, the rest to pretrain.

    The largest of ``sizes`` (smallest first) is chosen that can see ``_TOKENS_PER_WEIGHT`` tokens for each of its
    weights in two thirds of the time; ``speed`` measures how many tokens a second this device trains.
    """
    seconds = 60 * minutes
    for name in reversed(list(sizes)):
        chosen, per_second = name, speed(sizes[name])
        if 0.66 * seconds * per_second >= _TOKENS_PER_WEIGHT * sizes[name].weights:
            break
    one_epoch = seeds * questions * _TOKENS_PER_QUESTION / per_second
    epochs = max(1, min(5, int(0.2 * seconds / one_epoch)))
    synthetic = min(_MOST_SYNTHETIC, int(seconds / 6 * per_second / _TOKENS_PER_QUESTION))
    if synthetic < questions:
        synthetic = 0  # too few to matter
    tuning = epochs * one_epoch + synthetic * _TOKENS_PER_QUESTION / per_second
    return Plan(chosen, per_second, max(0.3 * seconds, 0.95 * seconds - 1.2 * tuning) / 60, synthetic, epochs)


def run_recipe(options: RecipeOptions, *, shown: bool = True) -> Path:
    """Make the reader, or what is left to make of it, and return its folder, ``options.out / options.name``.

    Beside it lies the same with int8 weights.

    Raises ReaderProblem as the stages do.
    """
    out, cuda = options.out, torch.cuda.is_available()
    files = corpus_files(options.corpus, without=[options.heldout] if options.heldout else [])
    others = [path for path in (options.heldout, options.dev) if path]
    sizes = _sizes(options)
    record = open_run(out, new_record("recipe", asdict(options), [*files, *options.train, *others]))
    tokens = 65_536 if cuda else 4096
    tuning = TrainOptions(
        base=str(out / "pretrained"),
        train=options.train,
        out=out / "seed-0",
        tokens=16_384 if cuda else None,
        warmup=0.1,
        weight_decay=0.01,
        seed=options.seed,
    )
    learnt, aside = read_questions(tuning)
    assert aside is not None  # by default a share of the articles is

    # The plan is made once: a run that goes on keeps to it.
    if "plan" not in record:
        plan = make_plan(options.minutes, len(learnt), sizes, lambda size: _speed(size, tokens), seeds=options.seeds)
        record["plan"] = asdict(plan)
        write_record(out / RECORD, record)
    plan = Plan(**record["plan"])
    size = sizes[plan.size]
    _tell(
        shown,
        f"{plan.size}: {plan.pretrain_minutes:.0f} min de preentrenamiento, {plan.synthetic} preguntas hechas "
        f"por regla, {plan.epochs} pasadas por {len(learnt)} preguntas ({plan.speed:.0f} tokens/s)",
    )

    def stage(folder: Path, work: Callable[[], Any]) -> None:
        if "finished" not in (read_record(folder / RECORD) or {}):
            work()

    # The encoder, then questions made by rule, then people's.
    pretraining = PretrainOptions(
        corpus=options.corpus,
        out=out / "pretrained",
        minutes=plan.pretrain_minutes,
        heldout=options.heldout,
        init=options.init,
        vocabulary=size.vocabulary,
        layers=size.layers,
        hidden=size.hidden,
        tokens=tokens,
        learning_rate=size.pretrain_rate,
        seed=options.seed,
    )
    stage(pretraining.out, lambda: pretrain(pretraining, shown=shown))
    tuning = replace(tuning, learning_rate=size.train_rate)
    if plan.synthetic:
        made = out / "synthetic.json"
        if not made.exists():
            _tell(shown, "Haciendo preguntas por regla…")
            synthesize(files, made, plan.synthetic, seed=options.seed)
        first = replace(tuning, train=(made,), dev_share=0.0, out=out / "synthetic", epochs=1)
        stage(first.out, lambda: train(first, shown=shown))
        tuning = replace(tuning, base=str(first.out))
    runs = [
        replace(tuning, out=out / f"seed-{n}", seed=options.seed + n, epochs=plan.epochs) for n in range(options.seeds)
    ]
    for run in runs:
        stage(run.out, lambda run=run: train(run, shown=shown))  # type: ignore[misc]

    # The mean of the seeds, if it is better than the best of them on the articles set aside; then the threshold.
    candidates = [run.out for run in runs]
    if len(runs) > 1:
        candidates.append(average_models(candidates, out / "average"))
    fitted = {}
    for folder in candidates:
        reader = load_reader(folder)
        fitted[folder] = calibrate(aside, predict(reader, aside.questions, "apartadas", shown=shown))
        _tell(shown, f"{folder.name}: F1 {100 * fitted[folder].score:.2f} en los artículos apartados")
    best = max(candidates, key=lambda folder: fitted[folder].score)
    made = out / options.name
    shutil.copytree(best, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("tensorboard", ".*"))
    save_config(made, replace(load_config(best), name=options.name, threshold=fitted[best].value))

    # The record, the figures on questions that nothing has seen, and a compact copy with its card.
    stages = [pretraining.out, *([out / "synthetic"] if plan.synthetic else []), *(run.out for run in runs)]
    record["stages"] = {folder.name: read_record(folder / RECORD) for folder in stages}
    kept = ("device", "parameters", "questions", "windows", "steps")
    record |= {name: record["stages"][runs[0].out.name][name] for name in kept}
    record["seconds"] = sum(stage["seconds"] for stage in record["stages"].values())
    record["chosen"] = best.name
    record["aside_f1"] = {folder.name: 100 * threshold.score for folder, threshold in fitted.items()}
    write_record(made / RECORD, {**record, "finished": now()})
    compact = out / f"{options.name}-int8"
    shutil.rmtree(compact, ignore_errors=True)
    export(made, compact, "int8")
    evaluations = []
    if options.dev:
        questions = read_squad(options.dev)
        evaluation = evaluate(questions, predict(load_reader(made), questions.questions, options.dev.name, shown=shown))
        evaluations.append(evaluation.as_json())
        _tell(shown, text_report(evaluation))
    for folder, weights in ((made, "fp32"), (compact, "int8")):
        card = model_card(load_config(folder), weights=weights, record=record, evaluations=evaluations)
        write_text(folder / "README.md", card)
    write_record(out / RECORD, {**record, "evaluations": evaluations, "finished": now()})
    return made


def _sizes(options: RecipeOptions) -> dict[str, Size]:
    """The sizes that may be chosen: those named, or that of the encoder to start from."""
    if options.init:
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(locate(options.init))
        return {"init": Size(config.num_hidden_layers, config.hidden_size, SIZES["mini"].vocabulary, 2e-4, 5e-5)}
    if options.size is None:
        return SIZES
    if options.size not in SIZES:
        raise ReaderProblem(f"No hay un tamaño «{options.size}».", f"Los hay: {', '.join(SIZES)}.")
    return {options.size: SIZES[options.size]}


def _speed(size: Size, tokens: int) -> float:
    return training_speed(encoder_config(size.vocabulary, size.layers, size.hidden), tokens)


def _tell(shown: bool, text: str) -> None:
    if shown:
        print(text, file=sys.stderr, flush=True)
