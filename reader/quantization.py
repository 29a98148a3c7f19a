"""Weights in 8 bits: one scale for each row of a matrix, everything else as it was. A quarter of the size of fp32.

Symmetric and rounded to nearest: ``w ≈ scale · q`` with q in -127 … 127 and ``scale = max |row| / 127``, so that no
weight moves by more than half a scale. Computing stays in fp32: the matrices are restored when the model is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = ".scale"


def quantize(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every floating matrix as int8 with its row scales (fp32) under ``name + ".scale"``; the rest in fp32."""
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        tensor = tensor.detach().cpu()
        if tensor.ndim == 2 and tensor.is_floating_point():
            rows = tensor.float()
            # Below the smallest normal number a scale rounds so coarsely that codes would overflow; such rows become 0.
            scale = (rows.abs().amax(dim=1) / 127).clamp(min=torch.finfo(torch.float32).tiny)
            packed[name] = (rows / scale[:, None]).round().to(torch.int8)
            packed[name + SCALE] = scale
        else:
            packed[name] = (tensor.float() if tensor.is_floating_point() else tensor).contiguous()
    return packed


def dequantize(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The fp32 weights that :func:`quantize` stood for."""
    return {
        name: tensor.float() * packed[name + SCALE][:, None] if name + SCALE in packed else tensor
        for name, tensor in packed.items()
        if not name.endswith(SCALE)
    }
