"""The arguments of the training commands, with the published recipe as defaults. Nothing here loads a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainOptions:
    """Fine-tuning. The defaults are those of the published Spanish BETO reader."""

    base: str  # name in the registry, folder or hub id of an encoder or reader
    train: tuple[Path, ...]  # SQuAD v1.1 or v2.0 files
    out: Path
    dev: Path | None = None  # chooses the checkpoint and fits the threshold: not the file that figures are reported on
    dev_share: float = 0.1  # without ``dev``: the share of training articles set aside for that
    batch_size: int = 12  # windows in a batch of one device
    tokens: int | None = None  # or as many windows as fit in so many tokens
    accumulate: int = 1  # batches of one device summed before each step
    learning_rate: float = 3e-5
    epochs: float = 2.0
    warmup: float = 0.0  # share of the steps in which the learning rate rises
    weight_decay: float = 0.0
    clip: float = 1.0  # greatest gradient norm
    max_length: int = 384  # tokens of a window
    stride: int = 128  # tokens that neighbouring windows of a long context share
    packing: bool | None = None  # None: on CUDA; on CPU, windows of similar length side by side are faster
    compile: bool | None = None  # None: on CUDA, where the run is long enough to win back the time
    evaluate_every: int | None = None  # steps; None: at the end of each epoch
    patience: int = 3  # evaluations without a better dev F1 before stopping
    checkpoint_every: int = 500  # steps
    seed: int = 42
    exact: bool = False  # deterministic kernels on CUDA too, somewhat slower


@dataclass(frozen=True)
class PretrainOptions:
    """Pretraining of a compact encoder on plain text within a wall-clock budget."""

    corpus: tuple[Path, ...]  # files or folders
    out: Path
    minutes: float  # of all: tokenizer, encoding, training
    heldout: Path | None = None  # text to measure on; left out of the corpus
    init: str | None = None  # name, folder or hub id of an encoder to start from; its sizes replace those below
    tokenizer: str | None = None  # folder or hub id; None: learn one from the corpus
    vocabulary: int = 16_000
    layers: int = 6
    hidden: int = 384
    length: int = 512  # tokens of a row, and the longest input of the encoder
    tokens: int = 8192  # in a batch of one device
    accumulate: int = 1
    learning_rate: float = 1e-3
    warmup: float = 0.05  # share of the time in which the learning rate rises
    weight_decay: float = 0.01
    clip: float = 1.0
    mask_share: float = 0.15  # of the words, to be guessed
    questions: int = 12  # recurring spans asked for in a row
    steps: int | None = None  # stop after so many even if time is left (the schedule then follows the steps)
    checkpoint_minutes: float = 2.0
    compile: bool | None = None  # None: on CUDA
    seed: int = 42


@dataclass(frozen=True)
class RecipeOptions:
    """What a person gives; everything else follows from time and device."""

    name: str  # of the finished reader
    corpus: tuple[Path, ...]
    train: tuple[Path, ...]
    out: Path
    minutes: float
    dev: Path | None = None  # only reported on
    heldout: Path | None = None
    size: str | None = None  # of recipe.SIZES; None: the largest that the time is enough for
    init: str | None = None  # encoder to start from instead of random weights
    seeds: int = 1
    seed: int = 42
