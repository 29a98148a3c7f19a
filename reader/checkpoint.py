"""Checkpoints of a training run: whole or not there at all.

A checkpoint is written to a hidden folder and takes its name by one rename; only then is the one before it removed.
Whatever kills the run, the newest named folder is complete. It holds what makes the next step the same as if nothing
had happened: weights, optimizer, random number states of every process (all by Accelerate), and the position.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accelerate import Accelerator

_POSITION = "position.json"


def save_checkpoint(accelerator: Accelerator, folder: Path, step: int, position: Mapping[str, Any]) -> Path:
    """Write the checkpoint of ``step`` in ``folder`` and remove older ones. To be called by every process.

    ``position`` is anything JSON that tells the run where to go on. Raises OSError (and others, on a full disk: see
    :mod:`reader.faults`); the checkpoint before is then still there.
    """
    final = folder / f"step-{step:08d}"
    partial = folder / f".{final.name}"
    if accelerator.is_main_process:
        _clear(folder, partial)
    accelerator.wait_for_everyone()
    accelerator.save_state(str(partial))
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        (partial / _POSITION).write_text(json.dumps(dict(position), ensure_ascii=False), encoding="utf-8")
        if final.exists():
            shutil.rmtree(final)
        partial.rename(final)
        for other in folder.glob("step-*"):
            if other != final:
                shutil.rmtree(other)
    accelerator.wait_for_everyone()
    return final


def latest_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint in ``folder``."""
    return max(folder.glob("step-*"), default=None)


def load_checkpoint(accelerator: Accelerator, checkpoint: Path) -> dict[str, Any]:
    """Put everything that was prepared by ``accelerator`` back as it was, and return the position."""
    accelerator.load_state(str(checkpoint))
    position: dict[str, Any] = json.loads((checkpoint / _POSITION).read_text(encoding="utf-8"))
    return position


def _clear(folder: Path, partial: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for abandoned in folder.glob(".step-*"):
        shutil.rmtree(abandoned)
    partial.mkdir()
