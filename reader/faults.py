"""What can go wrong in hours of training, told so that a person can act: memory, disk, divergence."""

from __future__ import annotations

import errno
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reader.checkpoint import latest_checkpoint
from reader.errors import ReaderProblem

_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")
_NO_SPACE = ("no space left", "os error 28", "os error 122", "quota exceeded", "pytorchstreamwriter failed")


@contextmanager
def explained(checkpoints: Path) -> Iterator[None]:
    """Turn out-of-memory and full-disk errors, whoever raises them, into a :class:`ReaderProblem` in Spanish.

    ``checkpoints`` is the folder of the run's checkpoints: the remedy says from where it can go on.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise ReaderProblem("Entrenamiento interrumpido.", resumption(checkpoints)) from None
    except Exception as error:
        if _is(error, MemoryError, (errno.ENOMEM,), _NO_MEMORY):
            smaller = "Use lotes menores (--batch-size, o --tokens) y compénselo con --accumulate."
            raise ReaderProblem("No hay memoria bastante.", f"{smaller} {resumption(checkpoints)}") from error
        if _is(error, (), (errno.ENOSPC, errno.EDQUOT), _NO_SPACE):
            message = f"El disco está lleno: no se ha podido escribir en {checkpoints.parent}."
            raise ReaderProblem(message, f"Libere espacio. {resumption(checkpoints)}") from error
        raise


def check_finite(value: float, step: int, checkpoints: Path) -> None:
    """Raise when the loss or the gradient norm is no longer a number: nothing after it can be saved."""
    if not math.isfinite(value):
        raise ReaderProblem(
            f"El entrenamiento ha divergido en el paso {step}: la pérdida ya no es un número.",
            "Baje --learning-rate o aumente --warmup y empiece en otra carpeta; repetir la misma orden "
            f"llevaría al mismo punto. {_kept(checkpoints)}",
        )


def resumption(checkpoints: Path) -> str:
    """Where the run can go on from, in Spanish."""
    if latest_checkpoint(checkpoints) is None:
        return "Aún no se había guardado ningún punto de control: la misma orden empezará de nuevo."
    return f"{_kept(checkpoints)} Repita la misma orden para seguir desde ahí."


def _kept(checkpoints: Path) -> str:
    last = latest_checkpoint(checkpoints)
    return f"El último punto de control está a salvo en {last}." if last else ""


def _is(error: BaseException, kinds: type | tuple[type, ...], codes: tuple[int, ...], words: tuple[str, ...]) -> bool:
    """Whether ``error`` or what caused it is of these kinds, errno codes or (as libraries wrap them) words."""
    seen: BaseException | None = error
    while seen is not None:
        text = f"{type(seen).__name__} {seen}".lower()
        if isinstance(seen, kinds) or getattr(seen, "errno", None) in codes or any(word in text for word in words):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
