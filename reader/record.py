"""The JSON record of a run: enough to repeat it and to write a model card from it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from reader.errors import ReaderProblem

_PACKAGES = ("asistente-documentos", "torch", "transformers", "tokenizers", "accelerate", "numpy")


def new_record(kind: str, arguments: Mapping[str, Any], data: Iterable[Path]) -> dict[str, Any]:
    """What is known at the start of a run: ``kind`` ("train", "pretrain"…), arguments, versions, checksums, commit."""
    return {
        "kind": kind,
        "command": ["python", "-m", "reader", *map(portable, sys.argv[1:])],
        "arguments": {name: _plain(value) for name, value in arguments.items()},
        "data": [describe_file(path) for path in data],
        "started": now(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "commit": git_commit(),
    }


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write it whole or not at all."""
    write_text(path, json.dumps(record, ensure_ascii=False, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace a text file atomically."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def read_record(path: Path) -> dict[str, Any] | None:
    """The record at ``path``; None where there is none. Raises ReaderProblem where it is damaged."""
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ReaderProblem(f"El fichero {path} está dañado: {error}", "Bórrelo, o use otra carpeta.") from error
    return record


def describe_file(path: Path) -> dict[str, Any]:
    """Name, size in bytes and SHA-256 of a data file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest}


def git_commit() -> str | None:
    """The commit of this package's checkout, with ``+`` where files were changed since; None outside of git."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(here), *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        ).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def portable(word: str) -> str:
    """A word of a command without the folders of this machine: records travel with models."""
    return Path(word).name if Path(word).is_absolute() else word


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, (str, Path)):
        return portable(str(value))
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
