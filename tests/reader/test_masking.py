"""What the masks hide can be found again, and nothing gives an answer away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformers import BertTokenizer

from reader.masking import Masked, Pieces, describe_vocabulary, mask_batch, recurring_spans
from reader.vocabulary import SPECIAL_TOKENS

WORDS = ["casa", "río", "puente", "Salamanca", "torre", "##cilla", "##s", "de", "la", "en", ",", "."]
TOKENIZER = BertTokenizer(vocab={word: n for n, word in enumerate([*SPECIAL_TOKENS, *WORDS])}, do_lower_case=False)
PIECES: Pieces = describe_vocabulary(TOKENIZER)
ID = TOKENIZER.get_vocab()

passages = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(
    lambda words: ["torre", *words] if words[0].startswith("##") else words
)
packed = st.lists(st.lists(passages, min_size=1, max_size=3), min_size=1, max_size=4)


def rows_of(batch: list[list[list[str]]]) -> NDArray[np.int64]:
    rows = np.zeros((len(batch), 100), dtype=np.int64)
    for r, row in enumerate(batch):
        ids = [ID[word] for passage in row for word in ("[CLS]", *passage, "[SEP]")]
        rows[r, : len(ids)] = ids
    return rows


def questions(masked: Masked) -> list[tuple[int, int, int, int]]:
    """``(row, place of the question, start, end)`` of every question asked."""
    return [
        (int(r), int(masked.questions[r, q]), int(masked.starts[r, q]), int(masked.ends[r, q]))
        for r, q in zip(*np.nonzero(masked.starts >= 0), strict=True)
    ]


@settings(max_examples=200, deadline=None)
@given(packed, st.integers(0, 1000), st.integers(0, 6))
def test_answers_stay_visible_in_the_passage_of_their_question(
    batch: list[list[list[str]]], seed: int, most: int
) -> None:
    rows = rows_of(batch)
    masked = mask_batch(rows, PIECES, np.random.default_rng(seed), questions=most)
    assert ((masked.starts >= 0).sum(axis=1) <= most).all()
    for row, place, start, end in questions(masked):
        length = end - start + 1
        answer = rows[row, start : end + 1]
        assert (masked.input_ids[row, start : end + 1] == answer).all(), "the answer can be read"
        assert (rows[row, place : place + length] == answer).all(), "the question stood for the same words"
        assert (masked.input_ids[row, place : place + length] == PIECES.mask).all(), "and cannot be read"
        assert len({int(masked.segments[row, at]) for at in (place, start, end)}) == 1
        assert PIECES.edge[answer[0]] and (PIECES.edge[answer[-1]])
        assert not PIECES.continues[answer[0]]
        assert end + 1 == rows.shape[1] or not PIECES.continues[rows[row, end + 1]], "whole words"
        # No other occurrence is left that would be just as right.
        segment = masked.segments[row] == masked.segments[row, start]
        seen = [
            at
            for at in np.flatnonzero(segment)
            if (masked.input_ids[row, at : at + length] == answer).all() and segment[min(at + length - 1, 99)]
        ]
        whole = [at for at in seen if at + length == 100 or not PIECES.continues[masked.input_ids[row, at + length]]]
        inside_longer = [at for at in whole if at != start]
        for at in inside_longer:  # only as part of a longer recurring span, or put there by a random replacement
            assert not ((masked.questions[row] == at) & (masked.starts[row] >= 0)).any()


@settings(max_examples=100, deadline=None)
@given(packed, st.integers(0, 1000))
def test_guesses_are_whole_words_with_their_true_labels(batch: list[list[list[str]]], seed: int) -> None:
    rows = rows_of(batch)
    masked = mask_batch(rows, PIECES, np.random.default_rng(seed), share=0.4, questions=3)
    guessed = np.zeros(rows.size, dtype=bool)
    guessed[masked.guess_places] = True
    flat = rows.reshape(-1)
    assert (flat[masked.guess_places] == masked.guess_labels).all()
    assert not PIECES.special[masked.guess_labels].any()
    assert not guessed[flat == PIECES.pad].any()
    continuing = np.flatnonzero(PIECES.continues[flat])
    assert (guessed[continuing] == guessed[continuing - 1]).all(), "a word is guessed whole or not at all"
    changed = np.flatnonzero(masked.input_ids.reshape(-1) != flat)
    asked = np.zeros(rows.shape, dtype=bool)
    for row, place, start, end in questions(masked):
        asked[row, place : place + end - start + 1] = True
    assert (guessed | asked.reshape(-1))[changed].all(), "nothing is changed that is not asked for"
    assert not (guessed & asked.reshape(-1)).any()


@given(packed)
def test_positions_restart_and_padding_is_nobody_s(batch: list[list[list[str]]]) -> None:
    rows = rows_of(batch)
    masked = mask_batch(rows, PIECES, np.random.default_rng(0))
    assert (masked.position_ids[rows == PIECES.cls] == 0).all()
    assert ((masked.segments == 0) == (rows == PIECES.pad)).all()
    steps = np.diff(masked.position_ids, axis=1)[rows[:, 1:] > PIECES.cls]
    assert (steps == 1).all()


def test_masking_is_a_function_of_the_generator() -> None:
    rows = rows_of([[["casa", "de", "la", "torre", ",", "casa", "en", "torre"]] * 3])
    one, two = (mask_batch(rows, PIECES, np.random.default_rng(5)) for _ in range(2))
    assert (one.input_ids == two.input_ids).all()
    assert (one.starts == two.starts).all()
    assert (one.input_ids != mask_batch(rows, PIECES, np.random.default_rng(6)).input_ids).any()


def spans_of(words: str) -> set[tuple[str, int]]:
    """Each recurring span of one passage, with how often it counts."""
    rows = rows_of([[words.split()]])
    begins, finishes, clusters = recurring_spans(rows, (rows > 0).astype(np.int64), PIECES)
    texts = [TOKENIZER.decode(rows[0, begin : finish + 1]) for begin, finish in zip(begins, finishes, strict=True)]
    return {(text, list(clusters).count(cluster)) for text, cluster in zip(texts, clusters, strict=True)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("casa río", set()),
        ("casa en casa", {("casa", 2)}),
        ("puente de Salamanca , casa , puente de Salamanca", {("puente de Salamanca", 2)}),
        ("la casa . la casa", {("casa", 2)}),  # "la casa" recurs, but a span does not begin with "la"
        ("casa . casa ##s", set()),  # another word
        ("casa ##cilla ##s en casa ##cilla ##s", {("casacillas", 2)}),
        ("río casa . río puente . río", {("río", 3)}),
        ("torre de casa . torre de casa . torre", {("torre de casa", 2)}),
        ("torre de casa . torre de casa . torre , casa . torre", {("torre de casa", 2), ("torre", 2)}),
    ],
)
def test_recurring_spans_are_maximal_whole_content_words(words: str, expected: set[tuple[str, int]]) -> None:
    assert spans_of(words) == expected


def test_spans_do_not_recur_across_packed_passages() -> None:
    rows = rows_of([[["casa", "río"], ["casa", "río"]]])
    assert not len(recurring_spans(rows, np.cumsum(rows == PIECES.cls, axis=1), PIECES)[0])
