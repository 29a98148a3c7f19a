"""Which folder and which index a command means: what was typed, the nearest one above, or the last one used."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from assistant.errors import AssistantProblem
from assistant.settings import APP_NAME
from index.errors import NoIndex

INDEX_FOLDER = ".assistant"
PACKED = ".tar.zst"


@dataclass(frozen=True, slots=True)
class Location:
    """A folder of documents and the folder of its index."""

    folder: Path
    index: Path


def named(folder: Path, index: Path | None = None) -> Location:
    """The location of a folder of documents that the person named, whose index may not exist yet.

    Raises ``AssistantProblem`` where the folder does not exist or is a file.
    """
    folder = folder.expanduser()
    if not folder.exists():
        raise AssistantProblem(
            f"No existe la carpeta «{folder}».", "Compruebe el nombre y que la unidad esté conectada."
        )
    if not folder.is_dir():
        raise AssistantProblem(f"«{folder}» es un archivo, no una carpeta.", f"Indique su carpeta: «{folder.parent}».")
    folder = folder.resolve()
    return Location(folder, index.expanduser().resolve() if index else folder / INDEX_FOLDER)


def locate(folder: Path | None = None, index: Path | None = None) -> Location:
    """The location whose index a question is for. Raises ``NoIndex`` where there is none to be found.

    In order: the folder named, or the packed file; the nearest folder from the working one upwards that holds
    ``.assistant/``; the last folder used. ``index`` alone means the last folder indexed there, or its own parent.
    """
    if folder is not None and folder.name.endswith(PACKED) and folder.is_file():
        return _unpacked(folder)
    if folder is not None:
        return _existing(named(folder, index))
    if index is not None:
        last = _last_used()
        index = index.expanduser().resolve()
        return _existing(last if last and last.index == index else Location(index.parent, index))
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if (candidate / INDEX_FOLDER).is_dir():
            return Location(candidate, candidate / INDEX_FOLDER)
    last = _last_used()
    if last is not None and last.index.is_dir():
        return last
    raise NoIndex(
        "Todavía no hay ninguna carpeta indexada.",
        "Indexe primero sus documentos: assistant index CARPETA (o pruebe «assistant demo»).",
    )


def demo_index() -> Path:
    """Where the index of the demo lies: its documents may be in a folder that cannot be written."""
    from platformdirs import user_cache_path

    return user_cache_path(APP_NAME, appauthor=False) / "demo"


def remember(location: Location, *, only_if_first: bool = False) -> None:
    """Make this the folder of the commands that name none. Failing to is no reason to fail."""
    path = _memory()
    if only_if_first and _last_used() is not None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"folder": str(location.folder), "index": str(location.index)}), encoding="utf-8")
    except OSError:
        return


def _unpacked(archive: Path) -> Location:
    """A packed folder, extracted into the user's cache once for each version of the file."""
    from platformdirs import user_cache_path

    from index.archive import unpack

    archive = archive.resolve()
    status = archive.stat()
    version = sha256(f"{archive}\0{status.st_size}\0{status.st_mtime_ns}".encode()).hexdigest()[:16]
    folder = user_cache_path(APP_NAME, appauthor=False) / "unpacked" / version
    if not folder.is_dir():
        temporary = folder.with_name(f"{version}.{os.getpid()}")
        try:
            unpack(archive, temporary)
            temporary.replace(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return Location(folder, folder / INDEX_FOLDER)


def _existing(location: Location) -> Location:
    if not location.index.is_dir():
        elsewhere = "" if location.index == location.folder / INDEX_FOLDER else f' --index "{location.index}"'
        raise NoIndex(
            f"La carpeta «{location.folder}» no tiene índice en «{location.index}».",
            f'Créelo con: assistant index "{location.folder}"{elsewhere}',
        )
    return location


def _last_used() -> Location | None:
    try:
        stored = json.loads(_memory().read_text(encoding="utf-8"))
        return Location(Path(stored["folder"]), Path(stored["index"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _memory() -> Path:
    from platformdirs import user_state_path

    return user_state_path(APP_NAME, appauthor=False) / "last-folder.json"
