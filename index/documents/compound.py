"""The compound files of old Office and Outlook, through olefile: an optional extra."""

from __future__ import annotations

import struct
from typing import Any

from index.documents.builder import DocumentBuilder
from index.errors import DocumentProblem


def open_compound(data: bytes, builder: DocumentBuilder) -> Any:
    """The compound file as an ``olefile.OleFileIO``, a context manager. Raises DocumentProblem without the extra."""
    try:
        import olefile
    except ImportError:
        raise missing_extra(builder) from None
    return olefile.OleFileIO(data)


def missing_extra(builder: DocumentBuilder) -> DocumentProblem:
    """The error for an old format when the libraries that read it are not installed."""
    return builder.problem(
        "es de un formato antiguo, que esta instalación no lee.",
        "Guárdelo en un formato actual, o instale el complemento: pip install 'asistente-documentos[legacy]'.",
    )


def u16(data: bytes, at: int) -> int:
    """The unsigned little-endian number of two bytes."""
    return int(struct.unpack_from("<H", data, at)[0])


def u32(data: bytes, at: int) -> int:
    """The unsigned little-endian number of four bytes."""
    return int(struct.unpack_from("<I", data, at)[0])
