"""From questions over passages to padded batches in which a passage is encoded once for all its questions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from reader.recurrent.features import MAX_QUESTION_WORDS, EncodedText, encode_text, match_features
from reader.recurrent.model import Batch
from reader.recurrent.vocabulary import WordTable

MAX_TRAINING_WORDS = 350


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its gold spans in words, inclusive; none when the passage does not answer."""

    question: EncodedText
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class PassageExamples:
    """A passage and the questions asked of it."""

    passage: EncodedText
    examples: list[Example] = field(default_factory=list)


def word_span(offsets: NDArray[np.int32], start: int, end: int) -> tuple[int, int] | None:
    """The words that hold the characters ``start:end``; None when they are not all there (a cut passage)."""
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left")) - 1
    if first > last or last >= len(offsets) or offsets[last, 1] < end:
        return None
    return first, last


def build_examples(
    questions: Iterable[tuple[str, str, Sequence[tuple[int, int]]]], table: WordTable
) -> list[PassageExamples]:
    """Group ``(context, question, gold character spans)`` by context, without questions whose gold was cut off."""
    grouped: dict[str, PassageExamples] = {}
    for context, question, gold in questions:
        entry = grouped.get(context)
        if entry is None:
            entry = grouped[context] = PassageExamples(encode_text(context, table, max_words=MAX_TRAINING_WORDS))
        offsets = entry.passage.offsets
        found = sorted({span for start, end in gold if (span := word_span(offsets, start, end)) is not None})
        if len(offsets) and (found or not gold):
            encoded = encode_text(question, table, max_words=MAX_QUESTION_WORDS)
            if len(encoded):
                entry.examples.append(Example(encoded, tuple(found)))
    return [entry for entry in grouped.values() if entry.examples]


def plan_batches(
    entries: Sequence[PassageExamples], *, token_budget: int, rng: random.Random, questions_per_passage: int = 8
) -> list[list[tuple[int, list[int]]]]:
    """Shuffled batches of ``(passage, its questions)`` of similar length, each within ``token_budget`` words.

    The words of a passage count once for each of its questions, for that is what the upper layers compute.
    """
    pieces: list[tuple[int, list[int]]] = []
    for row, entry in enumerate(entries):
        order = list(range(len(entry.examples)))
        rng.shuffle(order)
        pieces += [(row, order[i : i + questions_per_passage]) for i in range(0, len(order), questions_per_passage)]
    pieces.sort(key=lambda piece: len(entries[piece[0]].passage) + rng.uniform(0, 12))
    batches: list[list[tuple[int, list[int]]]] = []
    current: list[tuple[int, list[int]]] = []
    size = 0
    for piece in pieces:
        cost = len(piece[1]) * len(entries[piece[0]].passage)
        if current and size + cost > token_budget:
            batches.append(current)
            current, size = [], 0
        current.append(piece)
        size += cost
    if current:
        batches.append(current)
    rng.shuffle(batches)
    return batches


def question_shape(question: EncodedText) -> Tensor:
    """(n, SHAPE_FEATURES + 1): shape features and idf."""
    return torch.from_numpy(np.concatenate([question.shape, question.idf[:, None]], axis=1))


def make_batch(passages: Sequence[EncodedText], questions: Sequence[EncodedText], passage_of: Sequence[int]) -> Batch:
    """Pad and stack; ``passage_of[b]`` is the passage of question ``b``."""
    match = [
        torch.from_numpy(match_features(passages[of], question))
        for question, of in zip(questions, passage_of, strict=True)
    ]
    return Batch(
        passage_ids=pad_sequence([torch.from_numpy(passage.ids) for passage in passages]),
        passage_shape=pad_sequence([torch.from_numpy(passage.shape) for passage in passages]),
        question_ids=pad_sequence([torch.from_numpy(question.ids) for question in questions]),
        question_shape=pad_sequence([question_shape(question) for question in questions]),
        passage_of=torch.tensor(passage_of),
        match=_pad_to(match, max(len(passage) for passage in passages)),
    )


def _pad_to(rows: Sequence[Tensor], length: int) -> Tensor:
    out = torch.zeros(length, len(rows), rows[0].shape[1])
    for column, row in enumerate(rows):
        out[: len(row), column] = row
    return out


def training_batches(
    entries: Sequence[PassageExamples], plan: Iterable[list[tuple[int, list[int]]]]
) -> Iterator[tuple[Batch, Tensor, Tensor]]:
    """Batches with their targets: start and end distributions (B, 1 + Tp), column 0 for "no answer"."""
    for pieces in plan:
        passages = [entries[row].passage for row, _ in pieces]
        chosen = [(of, entries[row].examples[i]) for of, (row, picks) in enumerate(pieces) for i in picks]
        batch = make_batch(passages, [example.question for _, example in chosen], [of for of, _ in chosen])
        width = 1 + batch.passage_ids.shape[0]
        start, end = torch.zeros(len(chosen), width), torch.zeros(len(chosen), width)
        for row, (_, example) in enumerate(chosen):
            if not example.spans:
                start[row, 0] = end[row, 0] = 1.0
            for first, last in example.spans:
                start[row, 1 + first] += 1 / len(example.spans)
                end[row, 1 + last] += 1 / len(example.spans)
        yield batch, start, end
