"""``reader.json``: what a model folder says of its use. Written when a reader is made, calibrated or exported."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from reader.errors import ModelProblem
from reader.record import write_text

SIDECAR = "reader.json"
Kind = Literal["bert", "recurrent"]


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """How a reader is to be used. A checkpoint without the file is a BERT with these defaults."""

    name: str
    kind: Kind = "bert"
    threshold: float = 0.0  # fitted on data set aside: answer when margin > threshold
    max_seq_length: int = 384  # tokens of a window: question, passage and special ones
    stride: int = 128  # tokens that neighbouring windows of a long passage share
    max_question_tokens: int = 64  # of a longer question only a part is read


def load_config(folder: Path) -> ReaderConfig:
    """The configuration of the reader in ``folder``. Raises ModelProblem where the file is damaged."""
    try:
        content = json.loads((folder / SIDECAR).read_text(encoding="utf-8"))
        known = {field.name for field in fields(ReaderConfig)}
        config = ReaderConfig(**{"name": folder.name} | {key: content[key] for key in content if key in known})
        if config.kind not in get_args(Kind):
            raise ValueError(f"kind: {config.kind}")
        return config
    except FileNotFoundError:
        return ReaderConfig(name=folder.name)
    except (OSError, ValueError, TypeError) as error:
        raise ModelProblem(
            f"El fichero {folder / SIDECAR} está dañado: {error}", "Copie de nuevo la carpeta del modelo entera."
        ) from error


def save_config(folder: Path, config: ReaderConfig) -> None:
    """Write ``reader.json``; what else a reader keeps in it stays."""
    try:
        kept: dict[str, Any] = json.loads((folder / SIDECAR).read_text(encoding="utf-8"))
    except FileNotFoundError:
        kept = {}
    write_text(folder / SIDECAR, json.dumps({**kept, **asdict(config)}, ensure_ascii=False, indent=2) + "\n")
