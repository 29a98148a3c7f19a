"""The dense encoders: the one that is shipped, the ones that are known by name, and any folder or hub id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import file_digest, sha256
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexProblem
from index.static_encoder import MODULE, StaticEncoder

DEFAULT_ENCODER = "mini"
_DECISIVE = {".safetensors", ".bin", ".model"}  # files of weights and of sentencepiece


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their likeness."""

    name: str
    lexical_weight: float | None  # share of BM25 in the fusion, fitted for this encoder; None: reciprocal rank

    @property
    def dim(self) -> int:
        """The length of a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Two encoders with one fingerprint give comparable vectors."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim)."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim), comparable with those of the passages."""
        ...


@dataclass(frozen=True, slots=True)
class KnownEncoder:
    """An encoder that can be asked for by name."""

    name: str
    source: str  # a hub id, or empty for the one shipped with the program
    description: str  # in Spanish
    query_prefix: str = ""
    passage_prefix: str = ""
    revision: str = "main"  # the commit of the hub that is meant


KNOWN_ENCODERS = (
    KnownEncoder("mini", "", "codificador compacto en español, incluido en el programa"),
    KnownEncoder(
        "e5",
        "intfloat/multilingual-e5-small",
        "codificador multilingüe E5 (117 M de parámetros)",
        "query: ",
        "passage: ",
        "fd1525a9fd15316a2d503bf26ab031a61d056e98",
    ),
)


def shipped_folder() -> Path:
    """The folder of the encoder that comes with the program."""
    return Path(str(resources.files("index"))) / "models" / "mini"


def load_encoder(name: str = DEFAULT_ENCODER, device: str = "auto", *, folder: Path | None = None) -> Encoder:
    """Load an encoder by name, folder or hub id; ``folder`` says where the files of a known name lie.

    A hub id must have been downloaded before: nothing here reaches for the network. Raises IndexProblem otherwise.
    """
    known = next((encoder for encoder in KNOWN_ENCODERS if encoder.name == name), None)
    place = folder or (shipped_folder() if known and not known.source else Path(name))
    if (place / MODULE / "model.safetensors").is_file():
        return StaticEncoder(place, name)
    if known and not known.source:
        raise IndexProblem(f"Falta el codificador «{name}» en la instalación.", "Vuelva a instalar el programa.")
    source = str(place) if place.is_dir() else (known.source if known else name)
    if not place.is_dir() and not known and "/" not in name:
        names = ", ".join(encoder.name for encoder in KNOWN_ENCODERS)
        raise IndexProblem(
            f"No se conoce el codificador «{name}».", f"Use uno de estos: {names}; o la ruta de una carpeta."
        )
    return TransformerEncoder(
        source,
        name,
        device,
        query_prefix=known.query_prefix if known else None,
        passage_prefix=known.passage_prefix if known else None,
        revision=known.revision if known else None,
    )


class TransformerEncoder:
    """Any sentence-transformers model."""

    lexical_weight: float | None = None

    def __init__(
        self,
        source: str,
        name: str,
        device: str = "auto",
        *,
        query_prefix: str | None = None,
        passage_prefix: str | None = None,
        revision: str | None = None,
    ) -> None:
        """``source``: a folder, or a hub id in the local cache. Without prefixes, the prompts of the model's own files.

        Raises IndexProblem when it cannot be loaded.
        """
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._source = source
        self._revision = revision
        try:
            self._model: Any = SentenceTransformer(
                source,
                device=None if device == "auto" else device,
                revision=None if Path(source).is_dir() else revision,
                local_files_only=True,
            )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise IndexProblem(
                f"No se puede cargar el codificador «{name}»: {str(error).splitlines()[0]}",
                f"Descárguelo antes con: assistant models get {name} (o cópielo con --from CARPETA).",
            ) from error
        if query_prefix is not None:
            self._model.prompts["query"] = query_prefix
        if passage_prefix is not None:
            self._model.prompts["document"] = passage_prefix

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension())

    @cached_property
    def fingerprint(self) -> str:
        """What its vectors depend on: the prompts, and the files of the folder or the commit of the hub."""
        folder = Path(self._source)
        digest = sha256(repr(sorted(self._model.prompts.items())).encode())
        files = [file for file in sorted(folder.rglob("*")) if file.suffix in _DECISIVE] if folder.is_dir() else []
        for file in files:
            with file.open("rb") as stream:
                digest.update(file_digest(stream, "sha256").digest())
        if not files:
            digest.update(f"{self._source}@{self._revision}".encode())
        return digest.hexdigest()[:16]

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim)."""
        return self._encode(self._model.encode_document, texts)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim)."""
        return self._encode(self._model.encode_query, texts)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = encode(list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(vectors, dtype=np.float32)
