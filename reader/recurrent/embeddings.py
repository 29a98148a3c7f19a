"""Word vectors for the recurrent reader: CBOW word2vec over plain text (Mikolov et al., 2013).

Trained with gensim (the ``train`` extra); the reader itself needs only the resulting ``.npz``.
"""

from __future__ import annotations

import json
import logging
import lzma
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from reader.recurrent.words import word_keys

log = logging.getLogger(__name__)


def read_texts(path: Path) -> Iterator[str]:
    """The texts of one file: ``.jsonl`` or ``.jsonl.xz`` with a ``text`` field, SQuAD ``.json``, or plain text."""
    if path.name.endswith((".jsonl", ".jsonl.xz")):
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["text"]
    elif path.suffix == ".json":
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                yield paragraph["context"]
                yield from (qa["question"] for qa in paragraph["qas"])
    else:
        yield path.read_text(encoding="utf-8")


def train_embeddings(
    paths: Iterable[Path],
    *,
    dim: int = 192,
    vocabulary: int = 50_000,
    words_per_file: int = 10_000_000,
    epochs: int = 3,
    workers: int = 2,
    seed: int = 0,
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Train CBOW vectors; returns ``(keys, vectors, counts)``: N strings, (N, dim) float32 of unit rows, (N,) int64.

    ``words_per_file`` bounds each file, so that one large family of the corpus does not drown the others.
    """
    from gensim.models import Word2Vec

    lines: list[list[str]] = []
    for path in paths:
        taken = 0
        for text in read_texts(path):
            for line in text.split("\n"):
                keys = word_keys(line)
                if len(keys) > 4:
                    lines.append(keys)
                    taken += len(keys)
            if taken > words_per_file:
                break
        log.info("%s: %d words", path.name, taken)
    random.Random(seed).shuffle(lines)
    model = Word2Vec(
        lines,
        vector_size=dim,
        window=6,
        min_count=4,
        workers=workers,
        sg=0,
        negative=8,
        epochs=epochs,
        max_final_vocab=vocabulary,
        sample=1e-4,
        seed=seed,
    )
    vectors = np.asarray(model.wv.vectors, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-6)
    counts = np.array([model.wv.get_vecattr(key, "count") for key in model.wv.index_to_key], dtype=np.int64)
    return list(model.wv.index_to_key), vectors, counts
