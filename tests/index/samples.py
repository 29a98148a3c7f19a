"""A folder of documents made on the spot, an encoder without a model, and what two equal indexes have in common."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.analysis import analyze
from index.local import open_index
from index.store import Catalogue

QUESTIONS = (
    "¿Cuántos días de vacaciones hay?",
    "¿Quién repara la impresora 7?",
    "contraseña de la red",
    "nada de esto",
)
_LONG_AGO = 1_700_000_000


class BagEncoder:
    """Counts of hashed words as unit vectors. Remembers how many passages it was given."""

    name = "bolsa"
    dim = 32
    lexical_weight: float | None = None

    def __init__(self, fingerprint: str = "bolsa-1") -> None:
        self.fingerprint = fingerprint
        self.encoded = 0

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        return self.encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for token in analyze(text):
                row[hashlib.blake2b(token.encode(), digest_size=1).digest()[0] % self.dim] += 1
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return rows


def write(folder: Path, path: str, text: str) -> Path:
    """A file that was last changed long ago, so that its time tells the next change."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    # Another time for another text, as a clock would give.
    moment = _LONG_AGO + int.from_bytes(hashlib.blake2b(text.encode(), digest_size=3).digest())
    os.utime(file, (moment, moment))
    return file


def text_about(number: int) -> str:
    """A document of several passages; much of it is shared with the documents of other numbers."""
    return (
        f"# Manual {number}\n\n## Vacaciones\n\nHay {20 + number} días de vacaciones al año.\n\n"
        f"## Impresoras\n\nLa impresora {number} la repara el servicio técnico.\n\n"
        "## Red\n\nLa contraseña de la red se cambia cada noventa días.\n"
    )


def make_folder(folder: Path, count: int = 4) -> Path:
    """A folder of ``count`` documents, one of them below another folder."""
    for number in range(count):
        write(folder, f"{'sub/' if number == 1 else ''}manual-{number}.md", text_about(number))
    return folder


def contents(index_dir: Path) -> list[tuple[Any, ...]]:
    """Every passage of the published generation in the order of the ids, with its vector."""
    catalogue = Catalogue.open(index_dir)
    rows = catalogue.rows(
        "SELECT m.path, m.first + p.position, p.start, p.end, p.text, p.headings, p.place, v.vector"
        " FROM members AS m JOIN passages AS p ON p.document = m.document JOIN vectors AS v ON v.digest = p.digest"
        " WHERE m.generation = (SELECT value FROM meta WHERE key = 'generation') ORDER BY 2"
    )
    found = list(rows)
    catalogue.close()
    return found


def rankings(index_dir: Path, encoder: BagEncoder | None = None) -> list[list[tuple[Any, ...]]]:
    """What the questions find, with ranks and scores."""
    searcher = open_index(index_dir, encoder=encoder or BagEncoder())
    found = [
        [(h.passage, h.lexical_rank, h.dense_rank, h.lexical_score, h.dense_score, h.score) for h in hits]
        for hits in searcher.search(QUESTIONS, k=5)
    ]
    searcher.close()
    return found
