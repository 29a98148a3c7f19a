"""Fine-tune a BERT-family encoder for extractive question answering.

Reads from top to bottom: data → windows → plan → model → the loop → the best model in the output folder. The defaults
of :class:`TrainOptions` are the published recipe. Runs on one CPU or GPU, or on several by ``accelerate launch``. The
same command goes on where a killed one stopped, to the same weights that it would have reached.
"""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from reader.batching import BatchSizes, Step, micro_batches, steps, window_count
from reader.checkpoint import latest_checkpoint, load_checkpoint, save_checkpoint
from reader.faults import check_finite, explained
from reader.finetuning import (
    Example,
    RunState,
    batch_inputs,
    evaluate_on,
    first_position,
    labelled_windows,
    load_for_training,
    publish,
    read_questions,
    tensorboard,
)
from reader.optimization import adamw, agreed, device_name, new_accelerator, schedule, set_learning_rate
from reader.options import TrainOptions
from reader.packing import Batch, block_mask, lay_out, per_window
from reader.progress import duration, progress
from reader.record import new_record, now, write_record
from reader.runs import RECORD, open_run

_LOG_EVERY = 10  # steps: reading the loss makes a GPU wait
_ROW = 512  # tokens of a packed row, where no window is longer
_COMPILE_FROM = 1000  # steps: fewer do not win back the minute that compiling takes


def train(options: TrainOptions, *, shown: bool = True) -> Path:
    """Run the whole fine-tuning, or the rest of it, and return ``options.out``: a folder any command takes as model.

    Raises ReaderProblem on bad input, and when memory or disk run out or the loss diverges; the last checkpoint is
    then safe.
    """
    out, checkpoints = options.out, options.out / "checkpoints"
    training, dev = read_questions(options)
    accelerator = new_accelerator(options.seed, exact=options.exact)
    main, device, processes = accelerator.is_main_process, accelerator.device, accelerator.num_processes
    files = [*options.train, *([options.dev] if options.dev else [])]

    with explained(checkpoints):
        base, tokenizer = load_for_training(options.base, options.max_length)
        record = open_run(out, new_record("train", asdict(options), files), write=main)

        # Windows: a long context gives several; where the answer is not inside, the right answer is "none".
        windows = labelled_windows(training, tokenizer, max_length=options.max_length, stride=options.stride)
        inputs, lengths = batch_inputs(base), [len(window.input_ids) for window in windows]
        cuda = device.type == "cuda"
        packing = "position_ids" in inputs and (cuda if options.packing is None else options.packing)
        sizes = BatchSizes(options.batch_size, options.tokens, row_length=max(_ROW, max(lengths)), packing=packing)
        layout = {"pad_id": tokenizer.pad_token_id, "first_position": first_position(base)}

        # The plan of the whole run: which windows each step learns from. To resume is to skip.
        plan: list[Step] = []
        evaluations: set[int] = set()  # after how many steps
        for epoch in range(math.ceil(options.epochs)):
            batches = micro_batches(lengths, sizes, seed=options.seed, epoch=epoch)
            whole = steps(batches, accumulate=options.accumulate, processes=processes)
            plan += whole[: math.ceil(len(whole) * min(1.0, options.epochs - epoch))]
            evaluations.add(len(plan))
        if options.evaluate_every:
            evaluations = {*range(options.evaluate_every, len(plan), options.evaluate_every), len(plan)}

        # Optimizer, devices, and where the run stands.
        optimizer = adamw(base, options.learning_rate, options.weight_decay)
        model, optimizer = accelerator.prepare(base, optimizer)
        state = RunState()
        if checkpoint := latest_checkpoint(checkpoints):
            state = RunState(**load_checkpoint(accelerator, checkpoint))
        pays = cuda and len(plan) >= _COMPILE_FROM
        forward = torch.compile(model) if (pays if options.compile is None else options.compile) else model
        model.train()

        # The loop. Sums since the last log stay on the device.
        sums = torch.zeros(2, device=device)  # loss, gradient norm
        started = logged_at = time.monotonic()
        earlier, logged, seen = state.seconds, state.step, 0
        with (
            progress("Entrenamiento", len(plan), done=state.step, shown=shown and main) as report,
            tensorboard(out / "tensorboard", state.step, write=main) as log,
        ):
            while state.step < len(plan) and state.since_best < options.patience:
                step = plan[state.step]
                rate = options.learning_rate * schedule(state.step / len(plan), options.warmup)
                set_learning_rate(optimizer, rate)
                mine = step[accelerator.process_index :: processes]
                for number, rows in enumerate(mine, start=1):
                    batch = lay_out(rows, windows, length=sizes.fixed_length, **layout).to(device)
                    answers = answers_of([windows[n] for row in rows for n in row]).to(device)
                    with nullcontext() if number == len(mine) else accelerator.no_sync(model):
                        # The mean over all windows of the step, wherever they are: DDP averages over processes.
                        loss = span_loss(forward, batch, answers, inputs) * processes / window_count(step)
                        accelerator.backward(loss)
                    sums[0] += loss.detach()
                sums[1] += accelerator.clip_grad_norm_(model.parameters(), options.clip)
                optimizer.step()
                optimizer.zero_grad()
                state.step += 1
                seen += window_count(step)

                evaluating = dev is not None and state.step in evaluations
                saving = evaluating or state.step % options.checkpoint_every == 0
                if saving or state.step % _LOG_EVERY == 0 or state.step == len(plan):
                    mean_loss, norm = (sums / (state.step - logged)).tolist()
                    check_finite(mean_loss + norm, state.step, checkpoints)
                    speed = seen / (time.monotonic() - logged_at)
                    report(state.step, f"pérdida {mean_loss:.4f} · {speed:.1f} ejemplos/s")
                    log(state.step, {"loss": mean_loss, "norm": norm, "rate": rate, "examples_per_second": speed})
                    sums.zero_()
                    logged, logged_at, seen = state.step, time.monotonic(), 0
                if evaluating and dev is not None:
                    found = evaluate_on(dev, base, tokenizer, options) if main else None
                    f1 = agreed(accelerator, 100 * found.score if found else 0.0)
                    state.evaluations.append({"step": state.step, "f1": f1})
                    state.since_best += 1
                    if f1 > state.best_f1:
                        state.best_f1, state.since_best = f1, 0
                        if found:
                            state.threshold = found.value
                            publish(base, tokenizer, options, state.threshold)
                    log(state.step, {"dev_f1": f1})
                    if main and shown:
                        mark = " (el mejor hasta ahora)" if not state.since_best else ""
                        print(f"Paso {state.step}: F1 {f1:.2f} en desarrollo{mark}", file=sys.stderr)
                    logged_at = time.monotonic()
                if saving:
                    state.seconds = earlier + time.monotonic() - started
                    save_checkpoint(accelerator, checkpoints, state.step, asdict(state))

        # The best model is in the folder already; without development questions, it is the last one.
        if main:
            if dev is None:
                publish(base, tokenizer, options, state.threshold)
            record |= {
                "device": device_name(device),
                "processes": processes,
                "parameters": base.num_parameters(),
                "questions": len(training),
                "windows": len(windows),
                "steps": state.step,
                "seconds": round(earlier + time.monotonic() - started),
                "threshold": state.threshold,
                "dev_f1": state.best_f1 if dev else None,
                "evaluations": state.evaluations,
            }
            write_record(out / RECORD, {**record, "finished": now()})
            shutil.rmtree(checkpoints, ignore_errors=True)
            if shown:
                print(f"Entrenado en {duration(record['seconds'])}: {out}", file=sys.stderr)
        accelerator.wait_for_everyone()
    return out


def span_loss(model: Any, batch: Batch, answers: torch.Tensor, inputs: Sequence[str]) -> torch.Tensor:
    """Sum over the ``N`` windows of the mean cross-entropy of start and end, each over the tokens of its window.

    ``answers`` is ``[2, N]``: the places of the first and of the last token of the answers. ``inputs`` names what the
    model takes of the batch; without positions, each row is one window and an ordinary mask does.
    """
    mask = block_mask(batch.segments) if "position_ids" in inputs else (batch.segments > 0).long()
    output = model(attention_mask=mask, **{name: getattr(batch, name) for name in inputs})
    both = torch.stack([output.start_logits, output.end_logits]).float()
    scores = torch.cat([per_window(logits, batch.places, fill=torch.finfo(torch.float32).min) for logits in both])
    return F.cross_entropy(scores, answers.flatten(), reduction="sum") / 2


def answers_of(windows: Sequence[Example]) -> torch.Tensor:
    """The right answers of a batch, ``[2, N]``."""
    return torch.tensor([[window.start for window in windows], [window.end for window in windows]])
