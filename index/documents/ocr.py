"""Scanned pages through Tesseract, when it is installed. Nothing is bundled: the program and its Spanish data are."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

from index.documents.text import clean
from index.errors import IndexProblem

_DPI = 300  # what Tesseract is trained for
_PAGE_LIMIT_S = 180
_INSTALL = "Instale Tesseract con sus datos de español; en Debian y Ubuntu: sudo apt install tesseract-ocr-spa."
_CUT_WORD = re.compile(r"(?<=\w)[-¬]\n(?=[a-záéíóúñü])")


def require() -> None:
    """Raise IndexProblem unless Tesseract is installed with its Spanish data."""
    if shutil.which("tesseract") is None:
        raise IndexProblem("Para leer páginas escaneadas hace falta el programa Tesseract.", _INSTALL)
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    if "spa" not in (listed.stdout + listed.stderr).split():
        raise IndexProblem("A Tesseract le faltan los datos de español.", _INSTALL)


def recognise(page: Any) -> list[str]:
    """The paragraphs that Tesseract reads on a PDFium page, rendered in grey; none if it fails."""
    bitmap = page.render(scale=_DPI / 72, grayscale=True)
    try:
        rows = memoryview(bitmap.buffer).cast("B")
        pixels = b"".join(rows[y * bitmap.stride : y * bitmap.stride + bitmap.width] for y in range(bitmap.height))
        image = b"P5 %d %d 255\n%b" % (bitmap.width, bitmap.height, pixels)
    finally:
        bitmap.close()
    command = ["tesseract", "stdin", "stdout", "-l", "spa", "--dpi", str(_DPI)]
    try:
        answer = subprocess.run(command, input=image, capture_output=True, timeout=_PAGE_LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    text = _CUT_WORD.sub("", answer.stdout.decode("utf-8", "replace"))
    return [paragraph for block in re.split(r"\n\s*\n|\f", text) if (paragraph := clean(block))]
