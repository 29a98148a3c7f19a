"""How many examples a second fine-tuning makes: packed, padded by length, and padded to 384 as the usual example does.

    python -m benchmarks.training --data train.json [--layers 12 --hidden 768] [--tokens 16384] [--rounds 5] [--compile]

A model with random weights and a vocabulary learnt from the file: speed does not depend on what the weights know. The
three take turns, so that a busy machine slows all; the CPU seconds of each are told beside those of the clock. Every
example is a window; ``flops_share`` counts only the floating-point operations that windows need (6 for each weight of
the layers and token, 12 × layers × hidden for each pair of tokens of a window), not those spent on padding. The peak is
the maker's bf16 figure for known cards, else what a large matrix product reaches here. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from transformers import BertConfig, BertForQuestionAnswering

from reader.batching import BatchSizes, MicroBatch, micro_batches
from reader.finetuning import labelled_windows
from reader.optimization import adamw, device_name, new_accelerator
from reader.packing import lay_out
from reader.squad import read_squad
from reader.train import answers_of, span_loss
from reader.vocabulary import train_tokenizer

LENGTH, STRIDE, ROW = 384, 128, 512
VOCABULARY = 31_002  # BETO's
PEAKS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "A10": 125e12, "L4": 121e12}  # bf16, dense
INPUTS = ("input_ids", "token_type_ids", "position_ids")


@dataclass
class Tally:
    """What one way of batching has done so far."""

    examples: int = 0
    tokens: int = 0
    places: int = 0  # tokens and padding
    flops: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="questions in SQuAD format")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--tokens", type=int, default=16_384, help="places in a batch, for all three")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each, after one to warm up")
    parser.add_argument("--steps", type=int, default=10, help="steps in a turn")
    parser.add_argument("--compile", action="store_true", help="compile the model, where its batches have one shape")
    options = parser.parse_args()

    questions = read_squad(options.data).questions
    tokenizer = train_tokenizer(sorted({question.context for question in questions}), VOCABULARY)
    windows = labelled_windows(questions, tokenizer, max_length=LENGTH, stride=STRIDE)
    accelerator = new_accelerator(0)
    model, optimizer = _model(options.layers, options.hidden, accelerator)
    compiled = torch.compile(model) if options.compile else model

    def step(batch: MicroBatch, length: int | None) -> None:
        laid_out = lay_out(batch, windows, length=length).to(accelerator.device)
        answers = answers_of([windows[n] for row in batch for n in row]).to(accelerator.device)
        forward = model if length is None else compiled
        loss = span_loss(forward, laid_out, answers, INPUTS if length == ROW else INPUTS[:2]) / answers.shape[1]
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    lengths = [len(window.input_ids) for window in windows]
    to_384 = BatchSizes(windows=max(1, options.tokens // LENGTH), packing=False)
    by_length = BatchSizes(tokens=options.tokens, packing=False)
    packed = BatchSizes(tokens=options.tokens, row_length=ROW)
    ways: dict[str, tuple[BatchSizes, int | None]] = {
        "padded_to_384": (to_384, LENGTH),
        "padded_by_length": (by_length, None),
        "packed": (packed, ROW),
    }
    streams = {name: cycle(micro_batches(lengths, sizes, seed=0, epoch=0)) for name, (sizes, _) in ways.items()}
    tallies = {name: Tally() for name in ways}
    for turn in range(1 + options.rounds):
        for name, (_, length) in ways.items():
            batches = [next(streams[name]) for _ in range(options.steps)]
            work = partial(_all, step, batches, length)
            seconds, cpu_seconds = _timed(work, accelerator.device)
            if turn:
                _count(tallies[name], batches, length, lengths, options.layers, options.hidden)
                tallies[name].seconds += seconds
                tallies[name].cpu_seconds += cpu_seconds
    peak = _peak(accelerator.device)
    result: dict[str, Any] = {
        "device": device_name(accelerator.device),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "precision": accelerator.mixed_precision,
        "compiled": options.compile,
        "layers": options.layers,
        "hidden": options.hidden,
        "windows": len(windows),
        "mean_tokens": round(sum(lengths) / len(lengths), 1),
        "peak_flops": peak,
        **{name: _summary(tally, peak) for name, tally in tallies.items()},
    }
    result["packed_against_384"] = round(
        result["packed"]["examples_per_second"] / result["padded_to_384"]["examples_per_second"], 3
    )
    print(json.dumps(result, indent=2))


def _all(step: Callable[[MicroBatch, int | None], None], batches: Sequence[MicroBatch], length: int | None) -> None:
    for batch in batches:
        step(batch, length)


def _model(layers: int, hidden: int, accelerator: Accelerator) -> tuple[Any, Any]:
    """A model of these sizes with random weights, and its optimizer, on their device."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=max(1, hidden // 64),
        intermediate_size=4 * hidden,
    )
    model = BertForQuestionAnswering(config).train()
    prepared: tuple[Any, Any] = accelerator.prepare(model, adamw(model, 3e-5, 0.0))
    return prepared


def _timed(work: Callable[[], object], device: torch.device) -> tuple[float, float]:
    """Seconds of the clock and of all cores."""
    seconds, cores = time.perf_counter(), time.process_time()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - seconds, time.process_time() - cores


def _count(
    tally: Tally, batches: Sequence[MicroBatch], length: int | None, lengths: Sequence[int], layers: int, hidden: int
) -> None:
    weights = 12 * layers * hidden**2
    for batch in batches:
        sizes = [lengths[n] for row in batch for n in row]
        longest = length or -(-max(sizes) // 8) * 8
        tally.examples += len(sizes)
        tally.tokens += sum(sizes)
        tally.places += longest * len(batch)
        tally.flops += 6 * weights * sum(sizes) + 12 * layers * hidden * sum(size * size for size in sizes)


def _summary(tally: Tally, peak: float) -> dict[str, float]:
    return {
        "examples": tally.examples,
        "examples_per_second": round(tally.examples / tally.seconds, 2),
        "examples_per_core_second": round(tally.examples / tally.cpu_seconds, 2),
        "padding": round(1 - tally.tokens / tally.places, 3),
        "flops_share": round(tally.flops / tally.seconds / peak, 4),
    }


def _peak(device: torch.device) -> float:
    """Floating-point operations a second that the device can do at best."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        known = next((peak for card, peak in PEAKS.items() if card in name), None)
        if known:
            return known
    size, kind = (8192, torch.bfloat16) if device.type == "cuda" else (1024, torch.float32)
    matrix = torch.randn(size, size, device=device, dtype=kind)
    best = min(_timed(lambda: matrix @ matrix, device)[0] for _ in range(10))
    return 2 * size**3 / best


if __name__ == "__main__":
    main()
