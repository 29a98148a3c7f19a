"""Every document format as one canonical text with blocks, offsets and places.

One module a format, imported when the first file of it comes: ``read(data, builder)`` appends the blocks of the
file's bytes to a :class:`~index.documents.builder.DocumentBuilder`. Whatever goes wrong in a file is a
:class:`~index.errors.DocumentProblem` in Spanish.
"""

from __future__ import annotations

import importlib
from pathlib import Path, PurePath

from index.documents import kinds
from index.documents.builder import DocumentBuilder
from index.documents.text import printable
from index.errors import DocumentProblem
from index.types import Document

_MODULES = {
    ".csv": "csv_table",
    ".doc": "old_doc",
    ".docx": "docx",
    ".eml": "eml",
    ".epub": "epub",
    ".htm": "html",
    ".html": "html",
    ".markdown": "markdown",
    ".md": "markdown",
    ".msg": "msg",
    ".odp": "opendocument",
    ".ods": "opendocument",
    ".odt": "opendocument",
    ".pdf": "pdf",
    ".ppt": "old_ppt",
    ".pptx": "pptx",
    ".rtf": "rtf",
    ".text": "plain",
    ".tsv": "csv_table",
    ".txt": "plain",
    ".xhtml": "html",
    ".xls": "old_xls",
    ".xlsm": "xlsx",
    ".xlsx": "xlsx",
}
SUFFIXES = frozenset(_MODULES)


def is_supported(path: str | PurePath) -> bool:
    """Whether a file of this name can be read."""
    return PurePath(path).suffix.lower() in SUFFIXES


def read_document(file: Path, *, path: str, ocr: bool = False) -> Document:
    """Read one file. ``path`` is the path to show: relative to the indexed folder, POSIX separators, NFC.
    ``ocr`` reads scanned pages through Tesseract: see :func:`index.documents.ocr.require`.

    Raises DocumentProblem, with a remedy, for a file that is gone, not readable, empty, broken, encrypted, without
    any text (a scanned PDF), of an unsupported type, or of another type than its name says.
    """
    name = printable(path)
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise DocumentProblem(
            f"«{name}» ya no está en la carpeta.", "Si se movió o se borró, vuelva a indexar la carpeta."
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentProblem(f"«{name}» no se puede abrir ({reason}).", "Revise los permisos del archivo.") from None
    return parse(data, path=path, ocr=ocr)


def parse(data: bytes, *, path: str, ocr: bool = False, attached: int = 0) -> Document:
    """The document that these bytes hold; the suffix of ``path`` says how. ``attached`` counts nested messages."""
    builder = DocumentBuilder(path, ocr=ocr, attached=attached)
    suffix = PurePath(path).suffix.lower()
    module = _MODULES.get(suffix)
    if module is None:
        raise builder.problem(
            f"es de un tipo que no se sabe leer ({suffix or 'sin extensión'}).",
            "Guárdelo como PDF, DOCX o texto y vuelva a indexar.",
        )
    if not data:
        raise builder.problem("está vacío.", "Compruebe que se copió bien.")
    kinds.check(data, suffix, builder)
    try:
        importlib.import_module(f"index.documents.{module}").read(data, builder)
    except DocumentProblem:
        raise
    except MemoryError as error:
        raise builder.problem("necesita demasiada memoria para leerse.", "Divídalo en partes más pequeñas.") from error
    except Exception as error:  # the parsers' libraries raise anything at all on broken files
        detail = printable(f"{type(error).__name__}: {error}")[:200]
        raise builder.problem(
            f"está dañado o no es un {suffix[1:].upper()} válido ({detail}).",
            "Ábralo con su programa, guárdelo de nuevo y vuelva a indexar.",
        ) from error
    if builder.empty:
        raise builder.problem("no contiene texto.", "Si son imágenes, hace falta pasarlas antes por un OCR.")
    return builder.build()
