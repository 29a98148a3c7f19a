"""Open a reader by name, folder or hub id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reader.config import load_config
from reader.errors import ModelProblem

if TYPE_CHECKING:
    from reader.types import Reader

DEVICES = ("auto", "cpu", "cuda", "mps")


def load_reader(name_or_folder: str | Path, device: str = "auto") -> Reader:
    """The reader of that name in the registry, in that folder, or of that hub id if it has been fetched before.

    Nothing is downloaded here. Raises ModelProblem for an unknown or missing model, and for an unknown device.
    """
    from reader.registry import locate

    folder = locate(str(name_or_folder))
    device = resolve_device(device)
    if load_config(folder).kind == "recurrent":
        from reader.recurrent.reader import RecurrentReader

        return RecurrentReader(folder, device)
    from reader.bert import BertReader

    return BertReader.load(folder, device)


def resolve_device(device: str) -> str:
    """``"auto"`` as what this machine has: CUDA, Apple's MPS, or the CPU. Raises ModelProblem where it has not."""
    if device not in DEVICES:
        raise ModelProblem(f"No existe el dispositivo «{device}».", f"Use uno de: {', '.join(DEVICES)}.")
    if device == "cpu":
        return device
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next((name for name, there in present.items() if there), "cpu")
    if not present[device]:
        raise ModelProblem(f"Este equipo no tiene «{device}», o torch se instaló sin él.", "Use «--device auto».")
    return device
