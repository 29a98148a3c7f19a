"""The dense encoders: the one that is shipped, the ones that are known by name, and any folder or hub id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexProblem
from index.static_encoder import MODULE, StaticEncoder

DEFAULT_ENCODER = "mini"


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


KNOWN_ENCODERS = (
    KnownEncoder("mini", "", "codificador compacto en español, incluido en el programa"),
    KnownEncoder(
        "e5",
        "intfloat/multilingual-e5-small",
        "codificador multilingüe E5 (117 M de parámetros)",
        "query: ",
        "passage: ",
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
        query_prefix=known.query_prefix if known else "",
        passage_prefix=known.passage_prefix if known else "",
    )


class TransformerEncoder:
    """Any sentence-transformers model."""

    lexical_weight: float | None = None

    def __init__(
        self, source: str, name: str, device: str = "auto", *, query_prefix: str = "", passage_prefix: str = ""
    ) -> None:
        """``source``: a folder, or a hub id in the local cache. Raises IndexProblem when it cannot be loaded."""
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._prefixes = query_prefix, passage_prefix
        try:
            self._model: Any = SentenceTransformer(
                source, device=None if device == "auto" else device, local_files_only=True
            )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise IndexProblem(
                f"No se puede cargar el codificador «{name}»: {str(error).splitlines()[0]}",
                f"Descárguelo antes con: assistant models get {name} (o cópielo con --from CARPETA).",
            ) from error
        self._source = source

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension())

    @property
    def fingerprint(self) -> str:
        """From the files of a folder, or the hub id: what its vectors depend on."""
        digest = sha256("\0".join([self._source if not Path(self._source).is_dir() else "", *self._prefixes]).encode())
        if Path(self._source).is_dir():
            for file in sorted(Path(self._source).rglob("*.safetensors")):
                digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim)."""
        return self._encode(texts, self._prefixes[1])

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows (n, dim)."""
        return self._encode(texts, self._prefixes[0])

    def _encode(self, texts: Sequence[str], prefix: str) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        vectors = self._model.encode(
            [prefix + text for text in texts], normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)
