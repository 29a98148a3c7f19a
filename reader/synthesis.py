"""Questions made by rule from plain text, as a SQuAD file that ``train`` takes like any other.

The rules are those of :mod:`reader.recurrent.synthetic`. Here they work without word vectors, over the files of a
corpus side by side in processes of their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from reader.corpus import read_documents
from reader.record import write_text
from reader.recurrent.synthetic import QuestionMaker, Triple, document_questions
from reader.recurrent.vocabulary import WordVectors
from reader.recurrent.words import word_keys

_COUNTED_PARAGRAPHS = 100_000  # enough to know which words are frequent
_KNOWN_WORDS = 30_000


def synthesize(files: Sequence[Path], out: Path, count: int, *, seed: int = 0, processes: int | None = None) -> int:
    """Write about ``count`` questions over ``files`` to ``out``, shared out by the size of the files; returns how many.

    The same files, count and seed give the same questions, whatever the number of processes.
    """
    total = sum(file.stat().st_size for file in files)
    work = [(file, round(count * file.stat().st_size / total), seed + n) for n, file in enumerate(files)]
    make = partial(_questions_of, _frequent_words(files))
    if (processes or os.cpu_count() or 1) > 1 and len(files) > 1:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            made = list(chain.from_iterable(pool.map(make, work)))
    else:
        made = list(chain.from_iterable(map(make, work)))
    write_text(out, json.dumps(_squad(made), ensure_ascii=False))
    return len(made)


def _questions_of(words: WordVectors, work: tuple[Path, int, int]) -> list[Triple]:
    file, count, seed = work
    maker = QuestionMaker(words, random.Random(seed))
    made: list[Triple] = []
    for paragraphs in read_documents([file]):
        if len(made) >= count:
            break
        made += document_questions(maker, "\n".join(paragraphs))
    return made[:count]


def _frequent_words(files: Sequence[Path]) -> WordVectors:
    """The words of the corpus by frequency, without vectors: no word has near neighbours."""
    counts: Counter[str] = Counter()
    for file in files:  # some of each: corpora are sorted by kind of text
        paragraphs = chain.from_iterable(read_documents([file]))
        for paragraph in islice(paragraphs, _COUNTED_PARAGRAPHS // len(files) + 1):
            counts.update(word_keys(paragraph))
    frequent = counts.most_common(_KNOWN_WORDS)
    none = np.zeros((0, 1), dtype=np.float32)
    return WordVectors(tuple(key for key, _ in frequent), none, np.array([count for _, count in frequent]), none)


def _squad(made: Iterable[Triple]) -> dict[str, Any]:
    """One article for each context: nothing learnt from it can be asked again."""
    by_context: dict[str, list[dict[str, Any]]] = {}
    for number, (context, question, spans) in enumerate(made):
        answers = [{"text": context[start:end], "answer_start": start} for start, end in spans]
        asked = {"id": f"r{number}", "question": question, "answers": answers, "is_impossible": not answers}
        by_context.setdefault(context, []).append(asked)
    data = [
        {
            "title": hashlib.sha256(context.encode()).hexdigest()[:12],
            "paragraphs": [{"context": context, "qas": qas}],
        }
        for context, qas in by_context.items()
    ]
    return {"version": "v2.0", "data": data}
