"""Check an index against itself and against its folder: what ``assistant verify`` does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index import generations, publishing
from index.changes import digest_file
from index.errors import DocumentProblem
from index.folder import FoundFile, walk
from index.reading import parsers, time_limit
from index.recipe import passages_recipe
from index.store import Catalogue, damaged
from index.types import Document
from index.worker import ParserWorkers


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it should be. ``path`` is empty when it concerns the index as a whole. In Spanish."""

    path: str
    problem: str


def verify(index_dir: Path, folder: Path) -> list[Difference]:
    """Everything in which the published index disagrees with itself or with the files it was made from.

    The catalogue is checked by SQLite and for rows without their counterpart, the arrays by checksum, each passage
    against its document, and each document against its file, which is read again. Files that the index does not
    have (new ones) are no difference. Raises NoIndex, or IndexProblem when the catalogue cannot be read at all.
    """
    catalogue = Catalogue.open(index_dir)
    try:
        return [*_inside(catalogue, index_dir), *_against_files(catalogue, index_dir, folder)]
    except sqlite3.DatabaseError as error:
        raise damaged(index_dir) from error
    finally:
        catalogue.close()


def _inside(catalogue: Catalogue, index_dir: Path) -> Iterator[Difference]:
    for (line,) in catalogue.rows("PRAGMA integrity_check(10)"):
        if line != "ok":
            yield Difference("", f"el catálogo está dañado: {line}")
    number = publishing.current(catalogue)
    if number is None:
        yield Difference("", "la primera indexación no llegó a terminar")
        return
    folder = generations.place(index_dir, number)
    for name in generations.damage(folder, deep=True):
        yield Difference("", f"el archivo «{name}» de la generación {number} falta o está dañado")
    manifest = generations.read_manifest(folder)
    members = f"members AS m JOIN documents AS d ON d.id = m.document WHERE m.generation = {number}"
    documents, passages = catalogue.one(f"SELECT count(*), coalesce(sum(d.passages), 0) FROM {members}")
    if manifest and (manifest.documents, manifest.passages) != (documents, passages):
        yield Difference("", f"la generación tiene {manifest.passages} pasajes y el catálogo {passages}")
    for what, sql in _COUNTERPARTS.items():
        (count,) = catalogue.one(sql.format(generation=number))
        if count:
            yield Difference("", f"{what}: {count}")


_COUNTERPARTS = {
    "documentos publicados que no están en el catálogo": (
        "SELECT count(*) FROM members WHERE generation = {generation} AND document NOT IN (SELECT id FROM documents)"
    ),
    "documentos a los que les faltan pasajes": (
        "SELECT count(*) FROM documents AS d"
        " WHERE passages <> (SELECT count(*) FROM passages AS p WHERE p.document = d.id)"
    ),
    "pasajes de documentos que no existen": (
        "SELECT count(*) FROM passages WHERE document NOT IN (SELECT id FROM documents)"
    ),
    "pasajes publicados sin vector": (
        "SELECT count(*) FROM members AS m JOIN passages AS p ON p.document = m.document"
        " WHERE m.generation = {generation} AND p.digest NOT IN (SELECT digest FROM vectors)"
    ),
    "vectores sin pasaje": "SELECT count(*) FROM vectors WHERE digest NOT IN (SELECT digest FROM passages)",
}


def _against_files(catalogue: Catalogue, index_dir: Path, folder: Path) -> Iterator[Difference]:
    files = {file.path: file for file in walk(folder, index_dir=index_dir, max_bytes=1 << 62).files}
    to_read: dict[str, list[tuple[FoundFile, int]]] = {passages_recipe(): [], passages_recipe(ocr=True): []}
    members = list(
        catalogue.rows(
            "SELECT m.path, m.document, d.digest, d.recipe FROM members AS m JOIN documents AS d ON d.id = m.document"
            " WHERE m.generation = (SELECT value FROM meta WHERE key = 'generation') ORDER BY m.path"
        )
    )
    for path, row, digest, recipe in members:
        yield from _passages(catalogue, path, row)
        if path not in files:
            yield Difference(path, "ya no está en la carpeta")
            continue
        try:
            same = digest_file(files[path].file, path) == digest
        except DocumentProblem as problem:
            yield Difference(path, problem.message)
            continue
        if not same:
            yield Difference(path, "ha cambiado desde que se indexó")
        elif recipe in to_read:
            to_read[recipe].append((files[path], row))
        else:
            yield Difference(path, "se indexó con otra versión del programa: vuelva a indexar")
    for recipe, files_and_rows in to_read.items():
        yield from _against_readings(catalogue, files_and_rows, ocr=recipe == passages_recipe(ocr=True))


def _against_readings(catalogue: Catalogue, files: list[tuple[FoundFile, int]], *, ocr: bool) -> Iterator[Difference]:
    with ParserWorkers(parsers(), time_limit(ocr=ocr), ocr=ocr) as workers:
        for (file, row), read in zip(files, workers.map((f.file, f.path) for f, _ in files), strict=True):
            stored = _stored(catalogue, file.path, row)
            if isinstance(read, DocumentProblem):
                yield Difference(file.path, f"ya no se puede leer: {read.message}")
            elif stored and stored.text != read.text:
                yield Difference(file.path, "su texto no es el que se guardó")
            elif stored and stored != read:
                yield Difference(file.path, "sus apartados o páginas no son los que se guardaron")


def _passages(catalogue: Catalogue, path: str, row: int) -> Iterator[Difference]:
    document = _stored(catalogue, path, row)
    if document is None:
        yield Difference(path, "lo que se guardó de él está dañado")
        return
    for start, end, text in catalogue.rows("SELECT start, end, text FROM passages WHERE document = ?", row):
        if document.text[start:end] != text:
            yield Difference(path, f"el pasaje de los caracteres {start} a {end} no es el del documento")


def _stored(catalogue: Catalogue, path: str, row: int) -> Document | None:
    try:
        return catalogue.document(row, path)
    except sqlite3.DatabaseError:
        return None
