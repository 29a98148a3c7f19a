"""Passages and questions to measure with: made up by Zipf's law, or cut from corpus shards."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from index.encoder_pairs import corpus_documents, sections

BATCH = 1024
FREQUENT = "de la que el en y a los se del las un por con no una su para es al lo como más o".split()


def made_up(count: int, seed: int = 0) -> Iterator[str]:
    """Passages whose words follow Zipf's law (Mandelbrot's form), with a title, sentences and some codes."""
    rng, spell = np.random.default_rng(seed), random.Random(seed)
    syllables = [a + b for a in "b c d f g l m n p r s t v tr pl ch".split() for b in "a e i o u an er is ón".split()]
    endings = ["o", "a", "os", "as", "ción", "ciones", "mente", "ado", "ar", "e", "ía", "dad"]
    made = (
        "".join(spell.choices(syllables, k=spell.choice((1, 2, 2, 3)))) + spell.choice(endings) for _ in iter(int, 1)
    )
    words = np.array(FREQUENT + list(itertools.islice(dict.fromkeys(itertools.islice(made, 600_000)), 300_000)))
    share = 1 / (np.arange(len(words)) + 2.7) ** 1.07
    bounds = np.cumsum(share / share.sum())
    for _ in range(count):
        text = [str(word) for word in words[np.searchsorted(bounds, rng.random(rng.integers(60, 161)))]]
        for place in range(0, len(text), 17):
            text[place] = text[place].capitalize()
            text[place - 1] += "."
        text[-1] = f"{spell.choice('ABCDE')}-{spell.randrange(10_000)}."
        yield " ".join(text)


def from_corpus(paths: Sequence[Path], count: int) -> Iterator[str]:
    """Passages of corpus shards, on one line each."""
    cut = (text for title, body in corpus_documents(paths, limit=10**9) for _, text in sections(title, body))
    return (" ".join(text.split()) for text in itertools.islice(cut, count))


def questions_about(file: Path, count: int, seed: int = 1) -> list[str]:
    """Questions of six words of one passage each, as a person who half remembers it would type them."""
    rng = random.Random(seed)
    texts = list(itertools.islice(passages(file), 20_000))
    chosen = (rng.choice(texts).split() for _ in range(count))
    return ["¿" + " ".join(rng.sample(words, min(6, len(words)))) + "?" for words in chosen]


def passages(file: Path) -> Iterator[str]:
    """The passages of a file, one on each line."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def batches(texts: Iterator[str]) -> Iterator[list[str]]:
    """Lists of texts of the size that the encoder gets."""
    while batch := list(itertools.islice(texts, BATCH)):
        yield batch
