"""Windows, words and offsets over texts with everything that moves offsets."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader.features import build_features, spans_of_windows, window_of_start
from reader.weights import load_tokenizer
from tests.reader.conftest import texts

QUESTION = "¿Cuándo abre la oficina?"


@pytest.fixture(scope="module", params=["bert", "roberta"])
def tokenizer(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    return load_tokenizer(request.getfixturevalue(f"{request.param}_folder"))


@settings(deadline=None, max_examples=150)
@given(question=texts(12), passage=texts(80))
def test_words_are_slices_that_cut_nothing(tokenizer, question: str, passage: str) -> None:  # type: ignore[no-untyped-def]
    made = build_features([(question, passage)], tokenizer, max_length=60, stride=10, max_question=20)
    text = made.passages[0]
    assert np.all(text.first_tokens <= text.last_tokens) and np.all(text.last_tokens[:-1] < text.first_tokens[1:])
    end = 0
    for first, last in zip(text.first_tokens, text.last_tokens, strict=True):
        a, z = int(text.offsets[first, 0]), int(text.offsets[last, 1])
        word = passage[a:z]
        assert word and word == word.strip() and a >= end
        assert not (a > end and passage[a - 1].isalnum() and passage[a].isalnum())
        end = z


@settings(deadline=None, max_examples=100)
@given(question=texts(30), passage=texts(80))
def test_windows_are_what_the_tokenizer_makes_of_a_pair(tokenizer, question: str, passage: str) -> None:  # type: ignore[no-untyped-def]
    made = build_features([(question, passage)], tokenizer, max_length=4000, max_question=4000)
    expected = tokenizer.backend_tokenizer.encode(question, passage)
    if not len(made.passages[0]):
        assert made.windows == ()
        return
    (window,) = made.windows
    assert window.input_ids.tolist() == expected.ids
    assert window.token_type_ids.tolist() == expected.type_ids
    at = window.passage_at
    assert expected.sequence_ids[at] == 1 and expected.sequence_ids[at - 1] is None


@given(length=st.integers(0, 500), room=st.integers(1, 100), stride=st.integers(0, 120))
def test_windows_cover_the_passage_and_share_the_stride(length: int, room: int, stride: int) -> None:
    spans = spans_of_windows(length, room, stride)
    assert [token for first, stop in spans for token in range(first, stop)] or not length
    assert {token for first, stop in spans for token in range(first, stop)} == set(range(length))
    assert all(0 < stop - first <= room for first, stop in spans)
    assert all(before[1] - after[0] == min(stride, room // 2) for before, after in itertools.pairwise(spans))


@given(length=st.integers(1, 300), room=st.integers(2, 60), stride=st.integers(0, 50))
def test_each_token_belongs_to_the_window_with_most_context(length: int, room: int, stride: int) -> None:
    spans = spans_of_windows(length, room, stride)
    owner = window_of_start(spans)
    for token in range(length):
        scores = [
            min(token - first, stop - 1 - token) + 0.01 * (stop - first) if first <= token < stop else -1.0
            for first, stop in spans
        ]
        assert owner[token] == scores.index(max(scores))


def test_neighbours_share_the_stride_and_the_question_is_in_each(bert_folder: Path) -> None:
    tokenizer = load_tokenizer(bert_folder)
    made = build_features([("¿qué?", "oficina " * 100)], tokenizer, max_length=40, stride=10)
    assert [len(window.input_ids) for window in made.windows[:-1]] == [40] * (len(made.windows) - 1)
    assert made.windows[1].first == made.windows[0].stop - 10
    asked = {tuple(window.input_ids[: window.passage_at].tolist()) for window in made.windows}
    assert len(asked) == 1
    assert set(made.windows[0].token_type_ids[made.windows[0].passage_at :].tolist()) == {1}


def test_a_passage_is_tokenised_once_for_all_its_questions(bert_folder: Path) -> None:
    made = build_features([("¿qué?", "la oficina"), ("¿cuándo?", "la oficina")], load_tokenizer(bert_folder))
    assert made.passages[0] is made.passages[1]
    assert [window.pair for window in made.windows] == [0, 1]


@pytest.mark.parametrize("passage", ["", " \n\t ", "\u200b"])
def test_a_passage_without_words_has_no_words_to_answer_with(bert_folder: Path, passage: str) -> None:
    made = build_features([(QUESTION, passage)], load_tokenizer(bert_folder))
    assert len(made.passages[0].first_tokens) == 0 or passage == "\u200b"


def test_a_long_question_keeps_what_is_asked(bert_folder: Path) -> None:
    tokenizer = load_tokenizer(bert_folder)
    passage = "el lunes"

    def kept(question: str) -> str:
        (window,) = build_features([(question, passage)], tokenizer, max_question=12).windows
        return str(tokenizer.decode(window.input_ids[1 : window.passage_at - 1], clean_up_tokenization_spaces=False))

    story = "la persona presentar escrito en la mesa de registro y " * 3
    assert "¿ cuándo puede presentar el documento?" in kept(story + "¿cuándo puede presentar el documento?")
    assert kept("¿cuándo es la cita? " + story).startswith("¿ cuándo es la cita?")
    assert kept("cuándo es la cita, " + story).startswith("cuándo es la cita")


def test_short_windows_still_show_a_good_part_of_the_passage(bert_folder: Path) -> None:
    tokenizer = load_tokenizer(bert_folder)
    passage = "el lunes " * 100
    made = build_features([("la oficina " * 50, passage)], tokenizer, max_length=30, stride=128)
    assert all(len(window.input_ids) <= 30 for window in made.windows)
    assert len(made.windows) <= 35


def test_special_tokens_in_a_text_stay_text(bert_folder: Path) -> None:
    tokenizer = load_tokenizer(bert_folder)
    (window,) = build_features([("¿qué?", "la oficina [SEP] el lunes [CLS]")], tokenizer).windows
    assert window.input_ids.tolist().count(tokenizer.sep_token_id) == 2
    assert window.input_ids.tolist().count(tokenizer.cls_token_id) == 1


def test_a_number_is_never_cut(bert_folder: Path) -> None:
    passage = "Son 3.500,50 euros a las 10:30, art. 5."
    text = build_features([("¿?", passage)], load_tokenizer(bert_folder)).passages[0]
    words = [
        passage[text.offsets[first, 0] : text.offsets[last, 1]]
        for first, last in zip(text.first_tokens, text.last_tokens, strict=True)
    ]
    assert words == ["Son", "3.500,50", "euros", "a", "las", "10:30", ",", "art", ".", "5", "."]
