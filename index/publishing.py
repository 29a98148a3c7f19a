"""From the catalogue to a generation: encode what has no vector yet, write the arrays, switch, clean up.

Passage ids follow the paths of the documents, then the position in the document, so the same files give the same
index whatever the order of the runs that led to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import generations
from index.analysis import analyze
from index.encoders import Encoder
from index.errors import IndexProblem
from index.folder import FileOutcome
from index.lexical import Bm25sIndex
from index.passages import retrieval_text
from index.recipe import analysis_recipe
from index.rows import PASSAGE_COLUMNS, passage_of
from index.store import FORMAT, Catalogue
from index.types import Passage
from index.vectors import VectorIndex

_BATCH = 1024  # passages encoded, and committed, at a time
_STORED = np.float16  # of unit vectors: a cosine is off by 1e-4 at most, and the catalogue half as large
KEPT = 2  # generations: the current one, and the one that an open chat may still be reading

_PUBLISHABLE = "files AS f JOIN documents AS d ON d.id = f.document"


def totals(catalogue: Catalogue) -> tuple[int, int]:
    """Documents and passages of the files as they are now."""
    documents, passages = catalogue.one(f"SELECT count(*), coalesce(sum(d.passages), 0) FROM {_PUBLISHABLE}")
    return documents, passages


def warnings(catalogue: Catalogue) -> tuple[FileOutcome, ...]:
    """What the person should know about files that are in the index, by path."""
    rows = catalogue.rows(
        f"SELECT f.path, w.value FROM {_PUBLISHABLE}, json_each(d.warnings) AS w WHERE d.warnings <> '[]' ORDER BY 1"
    )
    return tuple(FileOutcome(path, warning) for path, warning in rows)


def current(catalogue: Catalogue) -> int | None:
    """The number of the published generation."""
    stored = catalogue.recall("generation")
    return int(stored) if stored else None


def current_format(manifest: generations.Manifest) -> bool:
    """Whether a generation is of this version of the program, so that it can be searched."""
    return (manifest.format, manifest.analysis) == (FORMAT, analysis_recipe())


def is_stale(catalogue: Catalogue, index_dir: Path, encoder: Encoder) -> bool:
    """Whether a new generation is needed: the files have changed, the encoder has, or the arrays are damaged."""
    number = current(catalogue)
    if number is None:
        return True
    folder = generations.place(index_dir, number)
    manifest = generations.read_manifest(folder)
    if manifest is None or manifest.fingerprint != encoder.fingerprint or not current_format(manifest):
        return True
    now = "SELECT path, document FROM files WHERE document IS NOT NULL"
    published = f"SELECT path, document FROM members WHERE generation = {number}"
    differs = catalogue.one(
        f"SELECT EXISTS (SELECT * FROM ({now} EXCEPT {published})) OR EXISTS (SELECT * FROM ({published} EXCEPT {now}))"
    )[0]
    return bool(differs) or bool(generations.damage(folder, deep=True))


def encode_missing(catalogue: Catalogue, encoder: Encoder, tell: Callable[[int, int], None]) -> int:
    """Encode the passages whose text has no vector yet, committing batch by batch; how many there were."""
    if catalogue.recall("encoder") != encoder.fingerprint:
        with catalogue.transaction():
            catalogue.run("DELETE FROM vectors")
            catalogue.remember("encoder", encoder.fingerprint)
    # With min() the other columns are those of the row that has the minimum: one passage for each distinct text.
    catalogue.run("CREATE TEMP TABLE missing (id INTEGER PRIMARY KEY, document INTEGER, position INTEGER, digest BLOB)")
    catalogue.run(
        "INSERT INTO missing (document, position, digest) SELECT min(document), position, digest FROM passages"
        " WHERE digest NOT IN (SELECT digest FROM vectors)"
        " AND document IN (SELECT document FROM files WHERE document IS NOT NULL) GROUP BY digest ORDER BY 1, 2"
    )
    total: int = catalogue.one("SELECT count(*) FROM missing")[0]
    for first in range(1, total + 1, _BATCH):
        rows = list(
            catalogue.rows(
                f"SELECT m.digest, d.name, {PASSAGE_COLUMNS} FROM missing AS m"
                " JOIN passages AS p USING (document, position) JOIN documents AS d ON d.id = p.document"
                " WHERE m.id >= ? AND m.id < ? ORDER BY m.id",
                first,
                first + _BATCH,
            )
        )
        vectors = encoder.encode_passages([retrieval_text(passage_of(0, row[1], row[2:])) for row in rows])
        with catalogue.transaction():
            for row, vector in zip(rows, np.asarray(vectors, _STORED), strict=True):
                catalogue.run("INSERT INTO vectors (digest, vector) VALUES (?, ?)", row[0], vector.tobytes())
        tell(first - 1 + len(rows), total)
    catalogue.run("DROP TABLE missing")
    return total


def publish(catalogue: Catalogue, index_dir: Path, encoder: Encoder) -> None:
    """Write the arrays of the files as they are now and switch to them."""
    latest: int = catalogue.one("SELECT coalesce(max(id), 0) FROM generations")[0]
    number = max(latest, generations.latest_number(index_dir)) + 1
    documents, passages = totals(catalogue)

    def describe(folder: Path) -> generations.Manifest:
        Bm25sIndex.build(analyze(retrieval_text(passage)) for passage in in_order(catalogue)).save(folder)
        VectorIndex.build(_vectors(catalogue), passages, encoder.dim).save(folder)
        _check_opens(folder, passages)
        return generations.Manifest(
            format=FORMAT,
            analysis=analysis_recipe(),
            created=time.time(),
            encoder=encoder.name,
            fingerprint=encoder.fingerprint,
            dim=encoder.dim,
            documents=documents,
            passages=passages,
            files={},
        )

    generations.write(index_dir, number, describe)
    record(catalogue, number)


def record(catalogue: Catalogue, number: int) -> None:
    """Make the files as they are now the members of a new generation, and it the published one, in one transaction."""
    with catalogue.transaction():
        catalogue.run("INSERT INTO generations VALUES (?, ?)", number, time.time())
        catalogue.run(
            f"INSERT INTO members SELECT {number}, f.path, d.id,"
            f" sum(d.passages) OVER (ORDER BY f.path ROWS UNBOUNDED PRECEDING) - d.passages FROM {_PUBLISHABLE}"
        )
        catalogue.remember("generation", str(number))


def _check_opens(folder: Path, passages: int) -> None:
    """Nothing is published that cannot be opened: a buffer lost on closing a file would pass unnoticed."""
    try:
        sizes = Bm25sIndex.load(folder).size, VectorIndex.load(folder).size
    except (OSError, ValueError):
        sizes = None
    if sizes != (passages, passages):
        raise IndexProblem(
            "Lo que se acaba de escribir en el índice no se puede volver a leer; el índice anterior sigue sirviendo.",
            "Compruebe que el disco funciona y tiene espacio, y vuelva a indexar.",
        )


def clean_up(catalogue: Catalogue, index_dir: Path, *, kept: int = KEPT) -> None:
    """Forget all but the last ``kept`` generations, and everything that only they used."""
    keep = [row[0] for row in catalogue.rows(f"SELECT id FROM generations ORDER BY id DESC LIMIT {kept}")]
    with catalogue.transaction():
        catalogue.run("DELETE FROM generations WHERE id < ?", min(keep, default=0))
        catalogue.run("DELETE FROM members WHERE generation < ?", min(keep, default=0))
        catalogue.run(
            "CREATE TEMP TABLE unused AS SELECT id FROM documents WHERE id NOT IN (SELECT document FROM members"
            " UNION SELECT document FROM files WHERE document IS NOT NULL)"
        )
        catalogue.run("CREATE TEMP TABLE orphans AS SELECT DISTINCT digest FROM passages WHERE document IN unused")
        catalogue.run("DELETE FROM passages WHERE document IN unused")
        catalogue.run("DELETE FROM documents WHERE id IN unused")
        catalogue.run("DELETE FROM vectors WHERE digest IN orphans AND digest NOT IN (SELECT digest FROM passages)")
        catalogue.run("DROP TABLE unused")
        catalogue.run("DROP TABLE orphans")
    catalogue.settle()
    generations.sweep(index_dir, keep)


def in_order(catalogue: Catalogue) -> Iterator[Passage]:
    """The passages of the files as they are now, in the order of the ids that they would be published with."""
    # CROSS JOIN keeps the loops in this order: by path, then position, without sorting.
    rows = catalogue.rows(
        f"SELECT f.path, {PASSAGE_COLUMNS} FROM files AS f CROSS JOIN passages AS p ON p.document = f.document"
        " ORDER BY f.path, p.position"
    )
    return (passage_of(number, row[0], row[1:]) for number, row in enumerate(rows))


def _vectors(catalogue: Catalogue) -> Iterator[NDArray[np.float32]]:
    """The vector of each passage, in the order of their ids."""
    rows = catalogue.rows(
        "SELECT v.vector FROM files AS f CROSS JOIN passages AS p ON p.document = f.document"
        " CROSS JOIN vectors AS v ON v.digest = p.digest ORDER BY f.path, p.position"
    )
    return (np.frombuffer(row[0], _STORED).astype(np.float32) for row in rows)


def fetch(catalogue: Catalogue, generation: int, ids: Iterable[int]) -> dict[int, Passage] | None:
    """The passages of these ids in one generation; None when it has been cleaned away."""
    found = {}
    with catalogue.transaction("DEFERRED"):
        for id in sorted(ids):
            row = catalogue.one(
                f"SELECT m.path, {PASSAGE_COLUMNS} FROM members AS m JOIN passages AS p"
                " ON p.document = m.document AND p.position = ? - m.first"
                " WHERE m.generation = ? AND m.first <= ? ORDER BY m.first DESC, m.path DESC LIMIT 1",
                id,
                generation,
                id,
            )
            if not row:
                return None
            found[id] = passage_of(id, row[0], row[1:])
    return found
