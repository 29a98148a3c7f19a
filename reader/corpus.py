"""Text for pretraining, streamed from .txt, .md and .jsonl files (field ``text``), which may be .xz or .gz."""

from __future__ import annotations

import gzip
import json
import lzma
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TextIO

from reader.errors import DataProblem

_OPEN: dict[str, Callable[..., TextIO]] = {".xz": lzma.open, ".gz": gzip.open}
_KINDS = (".txt", ".md", ".jsonl")
_HEADING_MARK = re.compile(r"^#+ ", re.MULTILINE)
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_DOCUMENT_CHARACTERS = 30_000  # plain text has no document bounds: it is cut about here, between paragraphs
_REMEDY = "El corpus se da como ficheros .txt, .md o .jsonl (campo «text»), también .xz o .gz, o carpetas con ellos."


def corpus_files(paths: Iterable[Path], *, without: Iterable[Path] = ()) -> list[Path]:
    """The files named, and those of the folders named, sorted; less ``without`` (text held out for measuring).

    Raises DataProblem where a path does not exist, is of another kind, or nothing is left.
    """
    left_out = {path.resolve() for path in without}
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(file for file in path.rglob("*") if file.is_file() and _kind(file) in _KINDS)
        elif not path.is_file():
            raise DataProblem(f"No existe {path}.", _REMEDY)
        elif _kind(path) not in _KINDS:
            raise DataProblem(f"No se sabe leer {path} como texto.", _REMEDY)
        else:
            found.append(path)
    files = [file for file in dict.fromkeys(found) if file.resolve() not in left_out]
    if not files:
        raise DataProblem("No hay ningún texto en el corpus.", _REMEDY)
    return files


def read_documents(files: Sequence[Path]) -> Iterator[list[str]]:
    """Each document as its paragraphs: NFC, without Markdown heading marks, never empty.

    Raises DataProblem naming the file and line of what cannot be read.
    """
    for text in chain.from_iterable(map(_texts, files)):
        plain = _HEADING_MARK.sub("", unicodedata.normalize("NFC", text))
        paragraphs = [paragraph.strip() for paragraph in _PARAGRAPH_END.split(plain)]
        if kept := [paragraph for paragraph in paragraphs if paragraph]:
            yield kept


def _texts(file: Path) -> Iterator[str]:
    number = 0  # of the line that is being read
    try:
        with _OPEN.get(file.suffix, open)(file, "rt", encoding="utf-8") as lines:
            if _kind(file) != ".jsonl":
                yield from _cut(lines)
                return
            for line in lines:
                number += 1
                if line.strip():
                    if not isinstance(text := json.loads(line)["text"], str):
                        raise TypeError
                    yield text
    except UnicodeDecodeError as error:
        raise DataProblem(f"{file}: el texto no está en UTF-8.", "Guárdelo como UTF-8.") from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise DataProblem(f"{file}, línea {number}: no es un objeto JSON con el campo «text».", _REMEDY) from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise DataProblem(f"No se puede leer {file}: {error}.", "Compruebe que el fichero está completo.") from error


def _cut(lines: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for line in lines:
        if size >= _DOCUMENT_CHARACTERS and not line.strip():
            yield "".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    yield "".join(held)


def _kind(file: Path) -> str:
    return (file.with_suffix("") if file.suffix in _OPEN else file).suffix
