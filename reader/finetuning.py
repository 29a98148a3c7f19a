"""The parts of fine-tuning: questions, labelled windows, the model to start from, evaluation, the finished folder."""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reader.bert import ROBERTA_LIKE, BertReader, longest_input
from reader.config import ReaderConfig, save_config
from reader.errors import DataProblem, ModelProblem
from reader.evaluate import calibrate
from reader.features import build_features
from reader.options import TrainOptions
from reader.predictions import predict
from reader.registry import locate
from reader.splits import set_aside
from reader.squad import Question, QuestionSet, read_squad
from reader.weights import load_model, load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from reader.risk import Threshold


@dataclass(frozen=True, slots=True)
class Example:
    """A window with its right answer: the places of its first and last token, or 0 and 0 ([CLS]) for "not here"."""

    input_ids: NDArray[np.int64]  # (L,)
    token_type_ids: NDArray[np.int64]  # (L,)
    start: int
    end: int


@dataclass
class RunState:
    """Where a run stands: what a checkpoint keeps beside weights, optimizer and random numbers."""

    step: int = 0
    seconds: float = 0.0
    best_f1: float = -1.0  # on the development questions, in percent
    threshold: float = 0.0  # fitted there for the best model
    since_best: int = 0  # evaluations
    evaluations: list[dict[str, float]] = field(default_factory=list)


def read_questions(options: TrainOptions) -> tuple[list[Question], QuestionSet | None]:
    """The questions to learn from, and those that choose the checkpoint (None where the share set aside is 0).

    What had to be repaired in the files, and contexts common to both, are told on stderr. Raises DataProblem.
    """
    sets = [read_squad(path) for path in options.train]
    dev = read_squad(options.dev) if options.dev else None
    for report in (one.report for one in [*sets, *([dev] if dev else [])]):
        if report.issues:
            print("\n".join(report.lines()), file=sys.stderr)
    training = list({question.id: question for one in reversed(sets) for question in one}.values())
    if dev is None and options.dev_share:
        # The same articles whatever the seed of the run, so that runs can be compared and averaged.
        training, aside = set_aside(training, options.dev_share, seed=0)
        dev = QuestionSet(tuple(aside), replace(sets[0].report, path="artículos apartados", issues=()))
    elif dev:
        shared = {question.context for question in training} & {question.context for question in dev}
        if shared:
            print(f"Atención: {len(shared)} textos de {options.dev} están también en --train.", file=sys.stderr)
    if not training or (dev is not None and not len(dev)):
        raise DataProblem("No quedan preguntas para entrenar y elegir.", "Añada ficheros a --train, o indique --dev.")
    return training, dev


def labelled_windows(
    questions: Sequence[Question], tokenizer: PreTrainedTokenizerBase, *, max_length: int, stride: int
) -> list[Example]:
    """Every window of every question. A window that does not hold the whole answer says that it has none.

    Of several gold answers the first is taught.
    """
    pairs = [(question.question, question.context) for question in questions]
    features = build_features(pairs, tokenizer, max_length=max_length, stride=stride)
    examples = []
    for window in features.windows:
        question, offsets = questions[window.pair], features.passages[window.pair].offsets
        start = end = 0
        if question.answers:
            answer = question.answers[0]
            touched = np.flatnonzero((offsets[:, 0] < answer.end) & (offsets[:, 1] > answer.start))
            if len(touched) and window.first <= touched[0] and touched[-1] < window.stop:
                start, end = (int(token) - window.first + window.passage_at for token in (touched[0], touched[-1]))
        examples.append(Example(window.input_ids, window.token_type_ids, start, end))
    return examples


def load_for_training(base: str, max_length: int) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model to start from and its own tokenizer. Raises ModelProblem, also where windows are too long for it."""
    folder = locate(base)
    model, tokenizer = load_model(folder, new_head=True), load_tokenizer(folder)
    if max_length > longest_input(model):
        raise ModelProblem(
            f"{base} lee como mucho {longest_input(model)} tokens a la vez.", "Dé un --max-length que no pase de ahí."
        )
    return model, tokenizer


def batch_inputs(model: PreTrainedModel) -> tuple[str, ...]:
    """Which parts of a :class:`~reader.packing.Batch` the model takes.

    ``position_ids`` is among them only where the model also takes a mask for each pair of tokens: it can be packed.
    """
    known = inspect.signature(model.forward).parameters
    parts = ["input_ids"]
    parts += ["token_type_ids"] if "token_type_ids" in known else []
    parts += ["position_ids"] if "position_ids" in known and model.config._attn_implementation == "sdpa" else []
    return tuple(parts)


def first_position(model: PreTrainedModel) -> int:
    """The position id of a first token."""
    return model.config.pad_token_id + 1 if model.config.model_type in ROBERTA_LIKE else 0


def evaluate_on(
    dev: QuestionSet, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, options: TrainOptions
) -> Threshold:
    """The best threshold on ``dev`` and the mean F1 (0 … 1) there. Leaves the model in training mode."""
    reader = BertReader(model, tokenizer, reader_config(options), model.device.type)
    found = calibrate(dev, predict(reader, dev.questions, dev.report.path, shown=False))
    model.train()
    return found


def reader_config(options: TrainOptions, threshold: float = 0.0) -> ReaderConfig:
    """How the trained reader is to be used."""
    return ReaderConfig(options.out.name, "bert", threshold, options.max_length, options.stride)


def publish(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, options: TrainOptions, threshold: float
) -> None:
    """Put the model in the output folder in place of an earlier one: each file whole, the weights last."""
    partial = options.out / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    save_config(partial, reader_config(options, threshold))
    for file in sorted(partial.iterdir(), key=lambda file: file.suffix == ".safetensors"):
        file.chmod(0o644)  # safetensors writes files that only their owner may read
        file.replace(options.out / file.name)
    partial.rmdir()


@contextmanager
def tensorboard(folder: Path, first_step: int, *, write: bool) -> Iterator[Callable[[int, dict[str, float]], None]]:
    """``log(step, values)`` to TensorBoard; what a killed run logged beyond ``first_step`` is dropped."""
    if not write:
        yield lambda step, values: None
        return
    from torch.utils.tensorboard import SummaryWriter

    writer: Any = SummaryWriter(str(folder), purge_step=first_step or None)

    def log(step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            writer.add_scalar(name, value, step)

    try:
        yield log
    finally:
        writer.close()
