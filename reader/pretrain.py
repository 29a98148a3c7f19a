"""Pretrain a compact BERT encoder on plain text within a wall-clock budget.

Reads from top to bottom: text → vocabulary → rows → model → the loop → what it reached on held-out text. Every stage
is kept in the output folder, so that the same command goes on where a killed one stopped. Runs on one CPU or GPU, or
on several by ``accelerate launch``.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader

from reader.checkpoint import latest_checkpoint, load_checkpoint, save_checkpoint
from reader.corpus import corpus_files, read_documents
from reader.faults import check_finite, explained
from reader.masking import describe_vocabulary
from reader.optimization import adamw, agreed, device_name, new_accelerator, schedule, set_learning_rate
from reader.options import PretrainOptions
from reader.pretraining import MaskedRows, Pretrainer, new_encoder
from reader.progress import duration, progress
from reader.record import new_record, now, write_record
from reader.registry import locate
from reader.rows import encode_rows, tokens_in
from reader.runs import RECORD, open_run
from reader.vocabulary import train_tokenizer
from reader.weights import load_tokenizer

if TYPE_CHECKING:
    from accelerate import Accelerator
    from transformers import PreTrainedTokenizerBase

_LOG_EVERY = 10  # steps: reading the loss makes a GPU wait
_VOCABULARY_CHARACTERS = 100_000_000  # of the corpus are enough to learn a vocabulary from
_HELDOUT_BATCHES = 100
FINE_TUNING_DROPOUT = 0.1  # pretraining has none; many passes over few questions need it


def pretrain(options: PretrainOptions, *, shown: bool = True) -> Path:
    """Run the whole pretraining, or the rest of it, and return ``options.out``: a folder that ``train`` takes as base.

    Raises ReaderProblem on bad input, and when memory or disk run out or the loss diverges; the last checkpoint is
    then safe.
    """
    started = time.monotonic()
    checkpoints = options.out / "checkpoints"
    heldout = corpus_files([options.heldout]) if options.heldout else []
    files = corpus_files(options.corpus, without=heldout)
    for name in filter(None, (options.init, options.tokenizer)):
        locate(name)  # before anything is written
    accelerator = new_accelerator(options.seed)
    main = accelerator.is_main_process
    record = open_run(options.out, new_record("pretrain", asdict(options), [*files, *heldout]), write=main)

    with explained(checkpoints):
        # Text: a vocabulary, and the corpus as rows of tokens on disk.
        with accelerator.main_process_first():
            tokenizer = _tokenizer(options, files)
            rows = encode_rows(files, tokenizer, options.length, options.out / "corpus.bin")
        pieces = describe_vocabulary(tokenizer)
        per_batch = max(1, options.tokens // options.length)
        batches = MaskedRows(rows, pieces, per_batch, options.mask_share, options.questions, seed=options.seed)

        # Model and optimizer.
        encoder = new_encoder(
            tokenizer, options.init, layers=options.layers, hidden=options.hidden, length=options.length
        )
        model = Pretrainer(encoder)
        optimizer = adamw(model, options.learning_rate, options.weight_decay, beta2=0.98)
        model, optimizer = accelerator.prepare(model, optimizer)
        position: dict[str, Any] = {"step": 0, "seconds": 0.0}
        if checkpoint := latest_checkpoint(checkpoints):
            position = load_checkpoint(accelerator, checkpoint)
        compiled = accelerator.device.type == "cuda" if options.compile is None else options.compile
        forward = torch.compile(model) if compiled else model

        # The schedule follows the clock, or the steps where their number is given.
        first_step = step = logged = int(position["step"])
        earlier = float(position["seconds"]) - (time.monotonic() - started if checkpoint else 0.0)

        def seconds() -> float:
            return earlier + time.monotonic() - started

        begun = seconds() if step == 0 else float(position["begun"])
        budget = 60 * options.minutes

        def done(step: int) -> float:
            share = (seconds() - begun) / max(budget - begun, 1e-9)
            return agreed(accelerator, step / options.steps if options.steps else share)

        # The loop. Sums since the last log stay on the device.
        stream = _stream(accelerator, batches, first_step * options.accumulate)
        sums: dict[str, torch.Tensor] = {}
        saved_at = logged_at = seconds()
        with progress("Preentrenamiento", 1.0, done=done(step), shown=shown and main) as report:
            while (share := done(step)) < 1:
                set_learning_rate(optimizer, options.learning_rate * schedule(share, options.warmup))
                for part in range(options.accumulate):
                    with nullcontext() if part == options.accumulate - 1 else accelerator.no_sync(model):
                        result = forward(next(stream))
                        accelerator.backward((result["guess"] + result["point"]) / options.accumulate)
                    for name, value in result.items():
                        sums[name] = sums.get(name, 0) + value.detach() / options.accumulate
                sums["norm"] = accelerator.clip_grad_norm_(model.parameters(), options.clip) + sums.get("norm", 0)
                optimizer.step()
                optimizer.zero_grad()
                step += 1
                due = seconds() - saved_at > 60 * options.checkpoint_minutes
                if due or step % _LOG_EVERY == 0 or step == first_step + 1:
                    means = {name: float(value) / (step - logged) for name, value in sums.items()}
                    check_finite(means["guess"] + means["point"] + means["norm"], step, checkpoints)
                    placed = (step - logged) * per_batch * options.length * options.accumulate
                    speed = placed * accelerator.num_processes / (seconds() - logged_at)
                    report(done(step), f"paso {step} · {_described(means)} · {speed:.0f} tokens/s")
                    sums, logged, logged_at = {}, step, seconds()
                if due:
                    position = {"step": step, "seconds": seconds(), "begun": begun}
                    save_checkpoint(accelerator, checkpoints, step, position)
                    saved_at = seconds()
            report(1.0, f"{step} pasos")
        if step > first_step:
            save_checkpoint(accelerator, checkpoints, step, {"step": step, "seconds": seconds(), "begun": begun})

        # The encoder, and how good it is on text that it has not seen.
        if main:
            trained: Pretrainer = accelerator.unwrap_model(model)
            for name in ("hidden_dropout_prob", "attention_probs_dropout_prob"):
                setattr(trained.model.config, name, FINE_TUNING_DROPOUT)
            trained.model.save_pretrained(options.out)
            tokenizer.save_pretrained(options.out)
            record |= {
                "device": device_name(accelerator.device),
                "processes": accelerator.num_processes,
                "parameters": trained.model.num_parameters(),
                "seconds": round(seconds()),
                "steps": step,
                "corpus_tokens": tokens_in(options.out / "corpus.bin"),
                "epochs": step * options.accumulate * accelerator.num_processes * per_batch / len(rows),
            }
            if heldout:
                held = encode_rows(heldout, tokenizer, options.length, options.out / "heldout.bin")
                measured = MaskedRows(held, pieces, per_batch, options.mask_share, options.questions, seed=0)
                record["heldout"] = _measure(accelerator, trained, measured)
            write_record(options.out / RECORD, {**record, "finished": now()})
            if shown:
                print(f"Preentrenado en {duration(seconds())}: {options.out}", file=sys.stderr)
        accelerator.wait_for_everyone()
    return options.out


def _tokenizer(options: PretrainOptions, files: list[Path]) -> PreTrainedTokenizerBase:
    """The tokenizer given, the one that this run learnt before it was stopped, or one learnt now."""
    if options.tokenizer:
        return load_tokenizer(locate(options.tokenizer))
    learnt = options.out / "tokenizer"
    if not (learnt / "tokenizer.json").exists():
        paragraphs = list(_first_characters(chain.from_iterable(read_documents(files)), _VOCABULARY_CHARACTERS))
        train_tokenizer(paragraphs, options.vocabulary, max_length=options.length).save_pretrained(learnt)
    return load_tokenizer(learnt)


def _first_characters(paragraphs: Iterable[str], most: int) -> Iterator[str]:
    for paragraph in paragraphs:
        yield paragraph
        most -= len(paragraph)
        if most <= 0:
            return


def _stream(accelerator: Accelerator, batches: MaskedRows, first: int) -> Iterator[dict[str, torch.Tensor]]:
    """The batches of this process from its ``first`` on, without end, on its device; made ahead where a GPU waits."""
    cuda = accelerator.device.type == "cuda"
    numbers = _Numbers(first * accelerator.num_processes + accelerator.process_index, accelerator.num_processes)
    workers = min(8, max(1, (os.cpu_count() or 1) - 2)) if cuda else 0
    loader = DataLoader(batches, batch_size=None, sampler=numbers, num_workers=workers, pin_memory=cuda)
    for batch in loader:
        yield {name: tensor.to(accelerator.device, non_blocking=True) for name, tensor in batch.items()}


class _Numbers:
    """The numbers ``first, first + step, …`` as a sampler."""

    def __init__(self, first: int, step: int) -> None:
        self.first, self.step = first, step

    def __iter__(self) -> Iterator[int]:
        n = self.first
        while True:
            yield n
            n += self.step


@torch.no_grad()
def _measure(accelerator: Accelerator, model: Pretrainer, batches: MaskedRows) -> dict[str, float]:
    """Loss and accuracy on held-out rows, masked the same way every time."""
    model.eval()
    count = min(_HELDOUT_BATCHES, -(-len(batches.rows) // batches.per_batch))
    sums: dict[str, float] = {}
    for n in range(count):
        with accelerator.autocast():
            batch = {name: tensor.to(accelerator.device) for name, tensor in batches[n].items()}
            result = model(batch)
        for name, value in result.items():
            sums[name] = sums.get(name, 0.0) + float(value) / count
    return {
        "loss": sums["guess"],
        "perplexity": math.exp(min(sums["guess"], 700)),
        "word_accuracy": _share(sums, "guess"),
        "span_loss": sums["point"],
        "span_accuracy": _share(sums, "point"),
    }


def _share(means: dict[str, float], name: str) -> float:
    return means[f"{name}_right"] / max(means[f"{name}_asked"], 1e-9)


def _described(means: dict[str, float]) -> str:
    words = f"palabras {means['guess']:.3f} ({100 * _share(means, 'guess'):.0f} %)"
    return f"{words} · tramos {means['point']:.3f} ({100 * _share(means, 'point'):.0f} %)"
