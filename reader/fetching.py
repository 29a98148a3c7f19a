"""Download a model from the Hugging Face hub at one commit, with progress, checked against the hub's checksums."""

from __future__ import annotations

import errno
import shutil
import threading
from pathlib import Path
from typing import Any

from reader.errors import ModelProblem
from reader.model_files import OnProgress, check_complete, install, model_parts, sha256


def download(source: str, revision: str, target: Path, kind: str, on_progress: OnProgress | None, remedy: str) -> Path:
    """Fetch the hub model ``source`` into ``target``; what an earlier try left is not fetched again.

    ``revision`` (a branch or commit) is resolved to a commit first and recorded as such. Raises ModelProblem, with
    ``remedy`` where there is no network.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    partial = target.with_name(f".{target.name}.download")
    try:
        info = HfApi().model_info(source, revision=revision, files_metadata=True)
        files = {file.rfilename: file for file in info.siblings or []}
        parts = model_parts(files)
        partial.mkdir(parents=True, exist_ok=True)
        snapshot_download(
            source,
            revision=info.sha,
            local_dir=partial,
            allow_patterns=parts,
            tqdm_class=_progress_class(on_progress, sum(files[name].size or 0 for name in parts)),
        )
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise ModelProblem(
            f"No hay en el hub ningún modelo «{source}» (revisión {revision}) que se pueda descargar.",
            "Compruebe el nombre; si es privado, identifíquese antes con «hf auth login».",
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelProblem(
                f"El disco está lleno: «{source}» no cabe en {target.parent}.", "Libere espacio."
            ) from error
        raise _no_network(source, error, remedy) from error
    except Exception as error:  # the hub's client lets the errors of its HTTP library through
        raise _no_network(source, error, remedy) from error
    for name in parts:
        stated = getattr(files[name].lfs, "sha256", None)
        if stated and sha256(partial / name) != stated:
            (partial / name).unlink()
            raise ModelProblem(f"«{name}» de «{source}» ha llegado dañado.", "Repita la orden: se descargará otra vez.")
    check_complete(partial, kind)
    shutil.rmtree(partial / ".cache", ignore_errors=True)  # the client's own notes for resuming
    install(partial, target, source=source, revision=info.sha)
    return target


def _no_network(source: str, error: Exception, remedy: str) -> ModelProblem:
    detail = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return ModelProblem(f"No se ha podido descargar «{source}»: {detail}", f"Compruebe la red. {remedy}")


def _progress_class(on_progress: OnProgress | None, total: int) -> type[Any]:
    """A tqdm that shows nothing and reports bytes: the client counts those received and those written apart."""
    from huggingface_hub.utils import tqdm

    lock, most = threading.Lock(), 0

    class Progress(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            self._counts_bytes, self._bytes = options.get("unit") == "B", 0
            super().__init__(*arguments, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            nonlocal most
            if on_progress and self._counts_bytes and n:
                with lock:
                    self._bytes += int(n)
                    most = max(most, self._bytes)
                    on_progress(min(most, total), total)

    return Progress
