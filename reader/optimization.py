"""What fine-tuning and pretraining share: device and precision, the optimizer, learning-rate schedules."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
from torch import nn

from reader.errors import ReaderProblem

if TYPE_CHECKING:
    from accelerate import Accelerator


def new_accelerator(seed: int, *, exact: bool = False) -> Accelerator:
    """The devices of this run, in bf16 on CUDA cards that have it, with every random generator seeded.

    ``exact`` asks for kernels that give the same bits every time. Raises ReaderProblem where Accelerate is missing.
    """
    try:
        from accelerate import Accelerator, InitProcessGroupKwargs
        from accelerate.utils import set_seed
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise ReaderProblem(
            "Falta lo necesario para entrenar.", "Instálelo con: pip install 'asistente-documentos[train]'"
        ) from error

    transformers_logging.disable_progress_bar()
    logging.getLogger("accelerate.utils.other").setLevel(logging.ERROR)  # says at each save that tied weights are tied
    cuda = torch.cuda.is_available()
    patience = InitProcessGroupKwargs(timeout=timedelta(hours=2))  # other processes wait while one evaluates
    accelerator = Accelerator(
        mixed_precision="bf16" if cuda and torch.cuda.is_bf16_supported() else "no", kwargs_handlers=[patience]
    )
    torch.set_float32_matmul_precision("high")
    if exact:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    set_seed(seed, device_specific=True)  # each process drops out other units
    return accelerator


def adamw(model: nn.Module, learning_rate: float, weight_decay: float, *, beta2: float = 0.999) -> torch.optim.AdamW:
    """Fused AdamW that decays matrices only, neither biases nor normalisation weights."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in parameters if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in parameters if parameter.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, beta2), fused=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """The rate of the next step, for all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def schedule(done: float, warmup: float) -> float:
    """The share of the peak learning rate when ``done`` of the run (0 … 1) is behind: linear up, then linear to 0."""
    if done < warmup:
        return done / warmup
    return (1 - done) / (1 - warmup) if done < 1 else 0.0


def agreed(accelerator: Accelerator, value: float) -> float:
    """The value that the first process has, for all: clocks and evaluations differ, weights must not."""
    if accelerator.num_processes == 1:
        return value
    from accelerate.utils import broadcast

    return float(broadcast(torch.tensor(value, device=accelerator.device, dtype=torch.float32)))


def device_name(device: torch.device) -> str:
    """What a person calls the device: the model of the card, or ``cpu``."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
