"""The files of a model on disk: which belong to it, whether all are there, and that none has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from reader.config import SIDECAR, load_config
from reader.errors import ModelProblem
from reader.record import now, write_text

LOCK = "model.lock.json"
OnProgress = Callable[[int, int], None]  # bytes done, bytes in all

# Repositories also hold predictions of hundreds of megabytes, optimizers and other frameworks' weights.
_PARTS = (
    *("config.json", "tokenizer*.json", "special_tokens_map.json", "added_tokens.json", "vocab.json"),
    *("vocab.txt", "merges.txt", "*.model", "*.safetensors", "pytorch_model*.bin", "*.index.json", "words.npz"),
    *("modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"),
    *(SIDECAR, "run.json", "README.md", "LICENSE*"),
)
_NOT_PARTS = (".*", "*/.*", "onnx/*", "openvino/*", "checkpoint*", "tensorboard/*", "tf_*", "flax_*")
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model")
INT8_WEIGHTS = "model.int8.safetensors"
_WEIGHTS = ("model.safetensors", INT8_WEIGHTS, "pytorch_model.bin")
_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_RECURRENT = ("words.npz", "network.safetensors")
_BLOCK = 1 << 20


def model_parts(names: Iterable[str]) -> list[str]:
    """Of the relative file names of a folder or repository, those that make up the model: one format of weights."""
    names = sorted(names)
    parts = [
        name
        for name in names
        if any(fnmatch(PurePosixPath(name).name, pattern) for pattern in _PARTS)
        and not any(fnmatch(name, pattern) for pattern in _NOT_PARTS)
    ]
    if any(name.endswith(".safetensors") for name in parts):
        parts = [name for name in parts if not name.endswith((".bin", ".bin.index.json"))]
    return parts


def check_complete(folder: Path, kind: str) -> None:
    """Raise ModelProblem, naming what is missing, where ``folder`` is no usable model.

    ``kind`` "reader" must be able to point at answers; "base" and "encoder" need weights and a tokenizer.
    """
    if not folder.is_dir():
        raise ModelProblem(f"No existe la carpeta {folder}.", "Compruebe la ruta.")
    if (folder / SIDECAR).is_file() and load_config(folder).kind == "recurrent":
        _require(folder, *((name,) for name in _RECURRENT))
        return
    if kind == "encoder" and (folder / "modules.json").is_file():
        if not list(folder.rglob("*.safetensors")) and not list(folder.rglob("*.bin")):
            raise _missing(folder, "model.safetensors")
        return
    _require(folder, ("config.json",), _TOKENIZERS)
    indexes = [folder / name for name in _INDEXES if (folder / name).is_file()]
    if indexes:
        shards: Mapping[str, str] = _read_json(indexes[0]).get("weight_map", {})
        _require(folder, *((name,) for name in sorted(set(shards.values()))))
    else:
        _require(folder, _WEIGHTS)
    architectures = _read_json(folder / "config.json").get("architectures") or []
    if kind == "reader" and not any(str(name).endswith("ForQuestionAnswering") for name in architectures):
        raise ModelProblem(
            f"El modelo de {folder} no sabe señalar respuestas ({', '.join(architectures) or 'sin arquitectura'}).",
            "Hace falta uno afinado para preguntas y respuestas: véase «python -m reader train».",
        )


def copy_model(source: Path, target: Path, kind: str, on_progress: OnProgress | None = None) -> Path:
    """Copy the model in ``source`` to ``target``, all or nothing, and record its checksums. Raises ModelProblem."""
    source = _snapshot(source)
    check_complete(source, kind)
    verify(source)
    parts = model_parts(file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file())
    total, done = sum((source / name).stat().st_size for name in parts), 0
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        for name in parts:
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            with (source / name).open("rb") as read, (partial / name).open("wb") as written:
                while block := read.read(_BLOCK):
                    written.write(block)
                    done += len(block)
                    if on_progress:
                        on_progress(done, total)
        origin = read_lock(source)
        install(partial, target, source=origin.get("source", "copia"), revision=origin.get("revision"))
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise ModelProblem(
            f"No se puede copiar {source} a {target}: {error.strerror}.", "Revise permisos y espacio en el disco."
        ) from error
    return target


def install(partial: Path, target: Path, *, source: str, revision: str | None) -> None:
    """Record the checksums of ``partial`` and put it in the place of ``target``."""
    files = model_parts(file.relative_to(partial).as_posix() for file in partial.rglob("*") if file.is_file())
    lock = {
        "source": source,
        "revision": revision,
        "obtained": now(),
        "files": {name: {"bytes": (partial / name).stat().st_size, "sha256": sha256(partial / name)} for name in files},
    }
    write_text(partial / LOCK, json.dumps(lock, indent=2) + "\n")
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def verify(folder: Path) -> None:
    """Compare every file with the lock file, where there is one. Raises ModelProblem naming the file that differs."""
    for name, expected in read_lock(folder).get("files", {}).items():
        if not (folder / name).is_file():
            raise _missing(folder, name)
        if (folder / name).stat().st_size != expected["bytes"] or sha256(folder / name) != expected["sha256"]:
            raise ModelProblem(
                f"El fichero {folder / name} no es el que se descargó: su suma SHA-256 no coincide.",
                "Obtenga el modelo otra vez con «assistant models get».",
            )


def read_lock(folder: Path) -> dict[str, Any]:
    """What is recorded of the origin of a model: source, revision (a commit), files. Empty where nothing is."""
    return _read_json(folder / LOCK) if (folder / LOCK).is_file() else {}


def sha256(path: Path) -> str:
    """The checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _snapshot(folder: Path) -> Path:
    """The model inside a folder of the Hugging Face cache (``models--owner--name``); any other folder itself."""
    snapshots = [path.parent for path in folder.glob("snapshots/*/config.json")]
    return max(snapshots, key=lambda path: path.stat().st_mtime) if snapshots else folder


def _require(folder: Path, *alternatives: tuple[str, ...]) -> None:
    for names in alternatives:
        if not any((folder / name).is_file() for name in names):
            raise _missing(folder, names[0])


def _missing(folder: Path, name: str) -> ModelProblem:
    return ModelProblem(
        f"La carpeta {folder} está incompleta: falta «{PurePosixPath(name)}».",
        "Copie la carpeta del modelo entera, u obténgalo otra vez con «assistant models get».",
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("no es un objeto")
        return content
    except (OSError, ValueError) as error:
        raise ModelProblem(f"El fichero {path} está dañado: {error}", "Copie la carpeta del modelo entera.") from error
