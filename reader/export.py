"""Hand a trained reader on: a folder with smaller weights if wanted, its model card, and what the change costs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from reader.config import load_config, save_config
from reader.errors import ModelProblem
from reader.model_files import INT8_WEIGHTS, check_complete, model_parts

if TYPE_CHECKING:
    from reader.types import Reader

Format = Literal["fp32", "bf16", "int8"]
FORMATS: tuple[Format, ...] = get_args(Format)
_CHUNK = 256  # pairs read at once by each of the readers that are compared


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the readings of two readers are apart on the same pairs."""

    pairs: int
    same_answer: int  # the best span is the same
    same_decision: int  # and so is whether it would be given, each by its own threshold
    score: float  # greatest difference of best scores
    null_score: float

    def text(self) -> str:
        """In English, for a model card."""
        share = 100 * self.same_answer / self.pairs if self.pairs else 100.0
        return (
            f"the same best span in {self.same_answer} of {self.pairs} questions ({share:.2f} %), the same decision to "
            f"answer it in {self.same_decision}; scores move by up to {self.score:.3g}, null scores by up to "
            f"{self.null_score:.3g}"
        )


def export(source: Path, out: Path, weights: Format, *, name: str = "") -> Path:
    """Write the reader in ``source`` to the new folder ``out`` with its weights as ``weights``; returns ``out``.

    fp32 and bf16 can be loaded by any program that loads transformers models, int8 by this package. Tokenizer files
    are copied byte by byte, the run's record goes along. Raises ModelProblem.
    """
    check_complete(source, "reader")
    config = load_config(source)
    if config.kind != "bert":
        raise ModelProblem(f"El lector de {source} no es de tipo BERT.", "Ya es compacto: copie su carpeta entera.")
    if out.exists() and any(out.iterdir()):
        raise ModelProblem(f"La carpeta {out} no está vacía.", "Dé otra en --out.")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        _write_weights(source, partial, weights)
        files = (file.relative_to(source).as_posix() for file in source.iterdir() if file.is_file())
        for part in model_parts(files):
            if not part.endswith((".safetensors", ".bin", ".index.json")) and part not in ("config.json", "README.md"):
                shutil.copyfile(source / part, partial / part)
        save_config(partial, replace(config, name=name or config.name))
        if out.exists():
            out.rmdir()
        partial.rename(out)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise ModelProblem(f"No se puede escribir en {out}: {error.strerror}.", "Revise permisos y espacio.") from error
    return out


def difference(one: Reader, other: Reader, pairs: Sequence[tuple[str, str]]) -> Difference:
    """Read all pairs with both readers and compare."""
    answers = decisions = 0
    score = null_score = 0.0
    for first in range(0, len(pairs), _CHUNK):
        chunk = pairs[first : first + _CHUNK]
        for a, b in zip(one.read(chunk, n_best=1), other.read(chunk, n_best=1), strict=True):
            same = [(span.start, span.end) for span in a.spans] == [(span.start, span.end) for span in b.spans]
            answers += same
            decisions += same and (a.margin > one.threshold) == (b.margin > other.threshold)
            score = max([score, *(abs(x.score - y.score) for x, y in zip(a.spans, b.spans, strict=True))])
            null_score = max(null_score, abs(a.null_score - b.null_score))
    return Difference(len(pairs), answers, decisions, score, null_score)


def _write_weights(source: Path, out: Path, weights: Format) -> None:
    """``config.json`` and the weights of the model in ``source``."""
    import torch
    from safetensors.torch import save_file

    from reader.quantization import quantize
    from reader.weights import load_model, quiet

    model = load_model(source)
    with quiet():
        if weights == "int8":
            model.config.save_pretrained(out)
            save_file(quantize(model.state_dict()), out / INT8_WEIGHTS)
        else:
            model.to(torch.bfloat16 if weights == "bf16" else torch.float32).save_pretrained(out)
