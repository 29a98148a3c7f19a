"""Retrieval quality: BM25, the encoder and their fusion on the same passages, in one run.

    python benchmarks/retrieval.py --questions dev.json … --distractors shard.jsonl.xz … [--encoder mini]

Passages are the distinct paragraphs of the question files plus ``--count`` passages of the distractor shards.
A question is found at k when its own paragraph is among the k best. "No shared word" counts the questions that share
no content stem with their paragraph.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis import analyze
from index.encoder_pairs import corpus_documents, sections
from index.encoders import load_encoder
from index.fusion import fuse
from index.lexical import Bm25sIndex
from index.vectors import VectorIndex

POOL = 100  # candidates of each retriever that fusion sees


def read_questions(paths: Sequence[Path]) -> tuple[list[str], list[str], list[int]]:
    """``(passages, questions, passage of each question)``."""
    passages: dict[str, int] = {}
    questions, gold = [], []
    for path in paths:
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                row = passages.setdefault(paragraph["context"], len(passages))
                for qa in paragraph["qas"]:
                    questions.append(qa["question"])
                    gold.append(row)
    return list(passages), questions, gold


def ranks(found: NDArray[np.int64], gold: Sequence[int]) -> NDArray[np.float64]:
    """The rank of the gold passage of each question, from 1; infinite where it was not found."""
    hit = found == np.array(gold)[:, None]
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1.0, np.inf)


def line(name: str, rank: NDArray[np.float64], hard: NDArray[np.bool_]) -> str:
    """One row of the table: recall at 1, 5 and 20, mean reciprocal rank; then recall of the hard questions."""
    at = lambda r, k: 100 * float((r <= k).mean()) if len(r) else float("nan")  # noqa: E731
    return (
        f"| {name} | {at(rank, 1):.1f} | {at(rank, 5):.1f} | {at(rank, 20):.1f} | {(1 / rank).mean():.3f} "
        f"| {at(rank[hard], 1):.1f} | {at(rank[hard], 5):.1f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=Path, nargs="+", required=True)
    parser.add_argument("--distractors", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--encoder", default="mini")
    parser.add_argument("--alpha", type=float, nargs="*", default=[0.3, 0.4, 0.5, 0.6, 0.7], help="weight of BM25")
    options = parser.parse_args()
    passages, questions, gold = read_questions(options.questions)
    each = -(-options.count // max(1, len(options.distractors)))
    for path in options.distractors:
        made = (text for title, body in corpus_documents([path], limit=100_000) for _, text in sections(title, body))
        passages += list(itertools.islice(made, each))
    passages = list(dict.fromkeys(passages))
    tokens = [analyze(text) for text in passages]
    asked = [analyze(question) for question in questions]
    hard = np.array([not set(a) & set(tokens[row]) for a, row in zip(asked, gold, strict=True)])
    lexical = Bm25sIndex.build(tokens).search(asked, POOL)
    encoder = load_encoder(options.encoder)
    began = time.perf_counter()
    vectors = encoder.encode_passages(passages)
    speed = len(passages) / (time.perf_counter() - began)
    dense = VectorIndex.build(vectors, len(vectors), encoder.dim).search(encoder.encode_questions(questions), POOL)
    print(f"{len(questions)} questions, {len(passages)} passages, {hard.sum()} questions without a shared word")
    print(f"encoding: {speed:,.0f} passages/s\n")
    print("| | R@1 | R@5 | R@20 | MRR | no shared word R@1 | R@5 |\n| --- | --- | --- | --- | --- | --- | --- |")
    print(line("BM25", ranks(lexical[0], gold), hard))
    print(line(encoder.name, ranks(dense[0], gold), hard))
    fused, _ = fuse(lexical, dense, k=POOL)
    print(line("reciprocal rank", ranks(fused, gold), hard))
    for alpha in options.alpha:
        fused, _ = fuse(lexical, dense, k=POOL, alpha=alpha)
        print(line(f"convex {alpha:.2f}", ranks(fused, gold), hard))


if __name__ == "__main__":
    main()
