"""Extractive reading written plainly: one padded window at a time, a dense matrix of scores, loops.

What tests and ``benchmarks.inference`` hold :class:`reader.bert.BertReader` against. Slow on purpose: it follows the
example code that most readers were built from (pad every window to the maximum, one S × S matrix each), with the rules
of this package: whole words, the longest answer counted in words, maximum context, the least null score of all windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from reader.types import Reading, Span


def read(
    model: Any,
    tokenizer: Any,
    pairs: Sequence[tuple[str, str]],
    *,
    n_best: int = 5,
    max_answer_words: int = 30,
    max_length: int = 384,
    stride: int = 128,
) -> list[Reading]:
    """What :meth:`BertReader.read` must return, for questions short enough to be read whole."""
    return [
        _read(model, tokenizer, question, passage, n_best, max_answer_words, max_length, stride)
        for question, passage in pairs
    ]


def _read(
    model: Any,
    tokenizer: Any,
    question: str,
    passage: str,
    n_best: int,
    max_answer_words: int,
    max_length: int,
    stride: int,
) -> Reading:
    whole = tokenizer(passage, add_special_tokens=False, return_offsets_mapping=True, split_special_tokens=True)
    tokens = [_trimmed(passage, start, end) for start, end in whole["offset_mapping"]]
    if not tokens:
        return Reading((), 0.0)
    word_of = _words(passage, tokens)
    encoded = tokenizer(
        question,
        passage,
        max_length=max_length,
        truncation="only_second",
        stride=stride,
        return_overflowing_tokens=True,
        padding="max_length",
        split_special_tokens=True,
    )
    windows = []  # (first passage token, how many, its place in the input, start logits, end logits)
    first = 0
    for n in range(len(encoded["input_ids"])):
        inputs = {name: torch.tensor([encoded[name][n]]) for name in tokenizer.model_input_names}
        with torch.inference_mode():
            output = model(**inputs)
        sequence = encoded.sequence_ids(n)
        at, count = sequence.index(1), sequence.count(1)
        windows.append((first, count, at, output.start_logits[0].numpy(), output.end_logits[0].numpy()))
        first += count - stride
    first_of = {word: token for token, word in reversed(list(enumerate(word_of)))}  # the first token of each word
    last_of = {word: token for token, word in enumerate(word_of)}
    found: list[Span] = []
    for n, (first, count, at, start, end) in enumerate(windows):
        dense = start[:, None] + end[None, :]
        for i in range(first, first + count):
            if word_of[i] < 0 or first_of[word_of[i]] != i or _best_window(windows, i) != n:
                continue
            for j in range(i, first + count):
                if word_of[j] - word_of[i] >= max_answer_words:
                    break
                if word_of[j] >= 0 and last_of[word_of[j]] == j:
                    a, z = tokens[i][0], tokens[j][1]
                    found.append(Span(a, z, passage[a:z], float(dense[at + i - first, at + j - first])))
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (-span.score, span.start, span.end)):
        if len(kept) < n_best and all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return Reading(tuple(kept), min(float(start[0] + end[0]) for *_, start, end in windows))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _words(text: str, tokens: Sequence[tuple[int, int]]) -> list[int]:
    """The word that each token is part of; -1 for a token of white space only."""
    words, word, end = [], -1, 0
    for start, stop in tokens:
        if start == stop:
            words.append(-1)
            continue
        if word < 0 or (start >= end and not _cuts(text, start)):
            word += 1
        words.append(word)
        end = stop
    return words


def _cuts(text: str, at: int) -> bool:
    """Whether a cut before character ``at`` would break a word or a number."""
    if at == 0:
        return False
    before, after = text[at - 1], text[at]
    if _is_letter(before) and _is_letter(after):
        return True
    if before in ".,:" and after.isdecimal():
        return at >= 2 and text[at - 2].isdecimal()
    return after in ".,:" and before.isdecimal() and at + 1 < len(text) and text[at + 1].isdecimal()


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or "\u0300" <= character <= "\u036f"


def _best_window(windows: Sequence[tuple[int, int, int, Any, Any]], token: int) -> int:
    """The window with most context on the token's poorer side, after the official BERT code."""
    scores = [
        min(token - first, first + count - 1 - token) + 0.01 * count if first <= token < first + count else -1.0
        for first, count, *_ in windows
    ]
    return int(np.argmax(scores))
