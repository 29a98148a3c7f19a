"""Training pairs for the static encoder: what somebody might ask, and the passage that should be found.

Three kinds: human questions with their paragraph, headings with their section, and a sentence with the paragraph it was
taken from (inverse cloze task: Lee, Chang and Toutanova, 2019).
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_SENTENCE = re.compile(r"[^\s][^.!?;\n]*[.!?;\n]?")


@dataclass(frozen=True, slots=True)
class Pair:
    """``query`` should find ``passage``; ``negative`` is a passage like it that it should not, or empty."""

    query: str
    passage: str
    negative: str = ""


def question_pairs(path: Path) -> Iterator[Pair]:
    """Every question of a SQuAD file with its paragraph, answerable or not: both are about that paragraph."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                yield Pair(qa["question"], paragraph["context"])


def corpus_documents(paths: Iterable[Path], *, limit: int) -> Iterator[tuple[str, str]]:
    """``(title, text)`` of up to ``limit`` documents of each ``.jsonl.xz`` shard."""
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for _, line in zip(range(limit), lines, strict=False):
                document = json.loads(line)
                yield document["title"], document["text"]


def sections(title: str, text: str, *, words: int = 120) -> Iterator[tuple[str, str]]:
    """``(heading path, passage)``: runs of paragraphs of about ``words`` words under one heading."""
    heading, size = title, 0
    run: list[str] = []
    for line in [*text.split("\n"), "# "]:
        count = line.count(" ") + 1
        if line.startswith("# ") or size + count > 1.4 * words:
            if size >= words // 3:
                yield heading, "\n".join(run)
            run, size = [], 0
        if line.startswith("# "):
            own = line[2:].strip()
            heading = own if own == title or not own else f"{title} {own}"
        elif line:
            run.append(line)
            size += count
    if size >= words // 3:
        yield heading, "\n".join(run)


def corpus_pairs(title: str, text: str, rng: random.Random, *, per_document: int = 6) -> Iterator[Pair]:
    """Heading–section and inverse-cloze pairs of one document."""
    found = list(sections(title, text))
    rng.shuffle(found)
    for heading, passage in found[:per_document]:
        roll = rng.random()
        if roll < 0.25:
            yield Pair(heading, passage)
            continue
        sentences = [m for m in _SENTENCE.finditer(passage) if 40 < m.end() - m.start() < 250]
        if not sentences:
            continue
        chosen = rng.choice(sentences)
        kept = [word for word in chosen.group().split() if rng.random() < 0.75]
        rest = passage if rng.random() < 0.15 else passage[: chosen.start()] + passage[chosen.end() :]
        yield Pair(" ".join(kept), f"{heading}\n{rest}" if rng.random() < 0.5 else rest)


def mine_negatives(pairs: list[Pair], rng: random.Random, *, block: int = 512) -> list[Pair]:
    """Give each pair a hard negative: a passage among the best of TF-IDF for the query that is not its own."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    passages = list(dict.fromkeys(pair.passage for pair in pairs))
    row = {passage: i for i, passage in enumerate(passages)}
    vectorizer = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True, max_df=0.2)
    matrix = vectorizer.fit_transform(passages)
    out: list[Pair] = []
    for start in range(0, len(pairs), block):
        part = pairs[start : start + block]
        scores = (vectorizer.transform([pair.query for pair in part]) @ matrix.T).toarray()
        for pair, line in zip(part, scores, strict=True):
            line[row[pair.passage]] = -1
            best = np.argpartition(-line, 6)[:6].tolist()
            out.append(Pair(pair.query, pair.passage, passages[rng.choice(best)]))
    return out
