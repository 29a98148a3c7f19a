"""Tell when a folder has changed and come to rest, so that its index can be brought in step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from index.errors import IndexProblem
from index.folder import IGNORE_FILE, INDEX_FOLDER, hidden

_LONGEST_MS = 60_000  # a folder that never rests is updated this often


def watch(
    folder: Path, *, index_dir: Path | None = None, quiet_s: float = 2.0, stop: Event | None = None
) -> Iterator[None]:
    """Yield after each burst of changes below ``folder``, once it has been quiet for ``quiet_s`` seconds.

    Ends when ``stop`` is set. What happens while the caller works is told afterwards, so nothing is missed. On network
    drives that send no events, set the environment variable WATCHFILES_FORCE_POLLING. Raises IndexProblem without
    the optional package ``watchfiles``, or for a folder that cannot be watched.
    """
    try:
        import watchfiles
    except ImportError as error:
        raise IndexProblem(
            "Para vigilar la carpeta hace falta el paquete «watchfiles».",
            "Instálelo con: pip install 'asistente-documentos[watch]'",
        ) from error
    if not folder.is_dir():  # watchfiles would wait for it for ever
        raise IndexProblem(f"No existe la carpeta «{folder}».", "Compruebe la ruta que ha escrito.")
    folder = folder.resolve()
    index_dir = (index_dir or folder / INDEX_FOLDER).resolve()

    def matters(change: watchfiles.Change, path: str) -> bool:
        file = Path(path)
        if file.is_relative_to(index_dir) or not file.is_relative_to(folder):
            return False
        parts = file.relative_to(folder).parts
        return parts == (IGNORE_FILE,) or not any(hidden(part) for part in parts)

    try:
        for _ in watchfiles.watch(
            folder,
            watch_filter=matters,
            step=int(quiet_s * 1000),
            debounce=max(_LONGEST_MS, int(quiet_s * 1000)),
            rust_timeout=500,
            stop_event=stop,
            ignore_permission_denied=True,
        ):
            yield
    except OSError as error:
        raise IndexProblem(
            f"No se puede vigilar la carpeta «{folder}» ({error}).",
            "Pruebe con la variable de entorno WATCHFILES_FORCE_POLLING=1.",
        ) from error
