"""Open a document with the system's viewer, at its page where the viewer can be told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from assistant.errors import AssistantProblem

_PAGED = (
    ("evince", "--page-index={page}"),
    ("atril", "--page-index={page}"),
    ("xreader", "--page-index={page}"),
    ("okular", "--page={page}"),
    ("zathura", "--page={page}"),
)
"""PDF viewers that open at a page, with the option that says which, counted from 1."""


def open_document(path: Path, page: int | None = None) -> None:
    """Start the viewer and return at once. Raises ``AssistantProblem`` where the file or a viewer is missing."""
    if not path.is_file():
        raise AssistantProblem(
            f"El archivo «{path}» ya no está ahí.", "Compruebe si lo han movido y ponga al día el índice."
        )
    try:
        if sys.platform == "win32":
            os.startfile(path)
        else:
            _start(_command(path, page))
    except OSError as error:
        raise AssistantProblem(f"No se pudo abrir «{path}».", "Ábralo con su programa habitual.") from error


def _command(path: Path, page: int | None) -> list[str]:
    if sys.platform == "darwin":
        return ["open", str(path)]
    if page is not None and path.suffix.lower() == ".pdf":
        for program, option in _PAGED:
            if shutil.which(program):
                return [program, option.format(page=page), str(path)]
    if shutil.which("xdg-open") and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return ["xdg-open", str(path)]
    raise OSError("no viewer")


def _start(command: list[str]) -> None:
    """Detached and silent: nothing that a viewer writes may reach the screen."""
    subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
