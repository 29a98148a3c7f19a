"""A sentence-transformers static embedding read with numpy and tokenizers alone: no torch, no seconds of imports.

The folder has the layout of sentence-transformers (``modules.json``, ``0_StaticEmbedding``, ``1_Normalize``). Weights
in float32 or float16 are those that ``SentenceTransformer(folder)`` reads; int8 weights have one scale for each row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from index.errors import IndexProblem

MODULE = "0_StaticEmbedding"
SIDECAR = "encoder.json"  # what no other library knows: {"lexical_weight": …}
_WEIGHT, _SCALE = "embedding.weight", "embedding.scale"
_BATCH = 2048


class StaticEncoder:
    """The mean of the rows of a text's tokens, scaled to length 1."""

    def __init__(self, folder: Path, name: str | None = None) -> None:
        """Raises IndexProblem where a file is missing or damaged."""
        self.name = name or folder.name
        self._folder = folder
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / MODULE / "tokenizer.json"))
            weights = load_file(folder / MODULE / "model.safetensors")
            self._rows = weights[_WEIGHT].astype(np.float32)
            if _SCALE in weights:
                self._rows *= weights[_SCALE].astype(np.float32)[:, None]
            sidecar = folder / SIDECAR
            config = json.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
            self.lexical_weight: float | None = config.get("lexical_weight")
        except Exception as error:  # tokenizers raises bare Exception
            raise IndexProblem(
                f"El codificador de «{folder}» está incompleto o dañado: {error}",
                "Vuelva a instalar el programa, o copie de nuevo la carpeta del codificador entera.",
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return int(self._rows.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Names the weights and the tokenizer: vectors of two encoders with one fingerprint are comparable."""
        digest = sha256()
        for file in ("model.safetensors", "tokenizer.json"):
            digest.update((self._folder / MODULE / file).read_bytes())
        return digest.hexdigest()[:16]

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim); a text without any known token is a zero row."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = list(texts[start : start + _BATCH])
            ids = [e.ids for e in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)]
            for row, tokens in enumerate(ids, start):
                if tokens:
                    np.sum(self._rows[tokens], axis=0, out=out[row])
        # The mean and the sum point the same way, so the scale to length 1 is all that is left of the division.
        return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Questions and passages are encoded alike."""
        return self.encode_passages(texts)


def save_static_encoder(folder: Path, tokenizer: Tokenizer, weights: NDArray[np.float32], *, int8: bool) -> None:
    """Write ``weights`` (vocabulary, dim) and the tokenizer in the layout of sentence-transformers."""
    module = folder / MODULE
    module.mkdir(parents=True, exist_ok=True)
    (folder / "1_Normalize").mkdir(exist_ok=True)
    if int8:
        scale = np.maximum(np.abs(weights).max(axis=1) / 127, 1e-7).astype(np.float16)
        codes = np.rint(weights / scale.astype(np.float32)[:, None]).clip(-127, 127).astype(np.int8)
        save_file({_WEIGHT: codes, _SCALE: scale}, module / "model.safetensors")
    else:
        save_file({_WEIGHT: np.ascontiguousarray(weights, dtype=np.float32)}, module / "model.safetensors")
    tokenizer.save(str(module / "tokenizer.json"), pretty=False)
    kinds = [(MODULE, "StaticEmbedding"), ("1_Normalize", "Normalize")]
    modules = [
        {
            "idx": i,
            "name": str(i),
            "path": path,
            "type": f"sentence_transformers.sentence_transformer.modules.{kind.lower()}.{kind}"
            if kind == "Normalize"
            else f"sentence_transformers.sentence_transformer.modules.static_embedding.{kind}",
        }
        for i, (path, kind) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
