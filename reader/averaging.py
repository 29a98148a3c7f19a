"""One model out of several: the mean of the weights of runs that began at the same ones."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from reader.errors import ModelProblem

WEIGHTS = "model.safetensors"


def average_models(folders: Sequence[Path], out: Path) -> Path:
    """Write the mean of the weights of ``folders`` to ``out``, with everything else of the first.

    Fine-tuned from one encoder with different seeds, models lie in one valley, and their mean is often better than
    any of them at the cost of one (model soups: Wortsman et al., 2022). Raises ModelProblem where the shapes differ.
    """
    import torch
    from safetensors.torch import load_file, save_file

    out.mkdir(parents=True, exist_ok=True)
    for file in folders[0].iterdir():
        if file.is_file() and file.name != WEIGHTS:
            shutil.copy2(file, out / file.name)
    mean = {name: value.double() for name, value in load_file(folders[0] / WEIGHTS).items()}
    for folder in folders[1:]:
        other = load_file(folder / WEIGHTS)
        if {name: value.shape for name, value in other.items()} != {name: value.shape for name, value in mean.items()}:
            raise ModelProblem(f"{folders[0]} y {folder} no tienen los mismos pesos.", "Promedie modelos iguales.")
        for name, value in other.items():
            mean[name] += value
    kinds = load_file(folders[0] / WEIGHTS)
    averaged = {
        name: (value / len(folders)).to(kinds[name].dtype) if torch.is_floating_point(kinds[name]) else kinds[name]
        for name, value in mean.items()
    }
    save_file(averaged, out / WEIGHTS, metadata={"format": "pt"})
    (out / WEIGHTS).chmod(0o644)  # safetensors writes files that only their owner may read
    return out
