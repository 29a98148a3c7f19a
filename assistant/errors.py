"""Every error a person can meet, as a message that names the thing and a remedy that says what to do. In Spanish.

:func:`explain` is the one place that turns an exception of any package into those two sentences; the command line
and the Textual screen both show what it returns, so the same problem reads the same everywhere.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from index.errors import IndexProblem
from reader.errors import ReaderProblem


class AssistantProblem(Exception):
    """A problem of the application itself. ``message`` names the thing, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageProblem(AssistantProblem):
    """What was typed on the command line cannot be done as typed."""


class SettingsProblem(AssistantProblem):
    """A value in the settings file or in the environment that cannot be used."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What went wrong and what the person can do about it; ``remedy`` may be empty."""

    message: str
    remedy: str = ""


def explain(error: BaseException) -> Explanation | None:
    """The error in the person's words, or None for one that nobody foresaw (a bug)."""
    match error:
        case AssistantProblem() | IndexProblem() | ReaderProblem():
            return Explanation(error.message, error.remedy)
        case OSError():
            return _explain_system(error)
        case MemoryError():
            return Explanation(
                "No queda memoria suficiente para terminar.",
                "Cierre otros programas, o indexe la carpeta por partes.",
            )
    return None


def _explain_system(error: OSError) -> Explanation | None:
    """A failure of the file system that no package turned into its own problem, when it names a file."""
    if error.errno == errno.ENOSPC:
        return Explanation("El disco está lleno.", "Libere espacio y repita la orden: lo ya hecho se conserva.")
    if error.filename is None:
        return None
    if isinstance(error, PermissionError):
        return Explanation(f"Sin permiso para usar «{error.filename}».", "Revise los permisos del archivo o carpeta.")
    if isinstance(error, FileNotFoundError):
        return Explanation(f"No existe «{error.filename}».", "Compruebe el nombre y que la unidad esté conectada.")
    return Explanation(f"No se puede usar «{error.filename}»: {error.strerror}.")
