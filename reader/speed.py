"""How fast this device trains an encoder of some size: a few real steps, timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch

from reader.optimization import adamw, new_accelerator
from reader.pretraining import IGNORED, Pretrainer

if TYPE_CHECKING:
    from transformers import BertConfig

_LENGTH = 256  # tokens of a row
_STEPS = 3


def training_speed(config: BertConfig, tokens: int) -> float:
    """Tokens of pretraining a second in batches of ``tokens``, with the optimizer step; after one to warm up."""
    from transformers import BertForMaskedLM

    accelerator = new_accelerator(0)
    model = Pretrainer(BertForMaskedLM(config))
    model, optimizer = accelerator.prepare(model, adamw(model, 1e-4, 0.01))
    rows = max(1, tokens // _LENGTH)
    batch = {name: tensor.to(accelerator.device) for name, tensor in _batch(rows, config.vocab_size).items()}
    started = 0.0
    for step in range(1 + _STEPS):
        if step == 1:
            _wait(accelerator.device)
            started = time.monotonic()
        result = model(batch)
        accelerator.backward(result["guess"] + result["point"])
        optimizer.step()
        optimizer.zero_grad()
    _wait(accelerator.device)
    return _STEPS * rows * _LENGTH / (time.monotonic() - started)


def _batch(rows: int, vocabulary: int) -> dict[str, torch.Tensor]:
    places = torch.randint(rows * _LENGTH, (rows * _LENGTH // 7,))
    asked = torch.randint(_LENGTH, (rows, 8))
    return {
        "input_ids": torch.randint(vocabulary, (rows, _LENGTH)),
        "position_ids": torch.arange(_LENGTH).expand(rows, -1),
        "segments": torch.ones(rows, _LENGTH, dtype=torch.long),
        "guess_places": places,
        "guess_labels": torch.randint(vocabulary, places.shape),
        "questions": asked,
        "starts": asked,
        "ends": torch.full_like(asked, IGNORED),
    }


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
