"""What is known of a proposed answer."""

from __future__ import annotations

import pytest

from assistant.answering import merge
from assistant.decision import Weights
from assistant.features import FAR, NAMES, cover, features_of, sentence_cover, stems
from index.types import Hit
from reader.types import Reading, Span
from tests.assistant.fakes import document_of, hit_of, passage_of

LEAVE = document_of("permisos.pdf", "Las vacaciones anuales son de 22 días. El aviso es de 15 días.")
COPY = document_of("copia.pdf", "Hay 22 días de vacaciones.")
QUESTION = "¿Cuántos días de vacaciones anuales hay?"


def reading(passage: str, scores: dict[str, float], null: float = 1.0) -> Reading:
    spans = [
        Span(passage.index(words), passage.index(words) + len(words), words, score) for words, score in scores.items()
    ]
    return Reading(tuple(sorted(spans, key=lambda span: -span.score)), null)


def features(first: dict[str, float], second: dict[str, float]) -> dict[str, float]:
    hits = [hit_of(passage_of(one, 0, len(one.text)), rank) for rank, one in enumerate((LEAVE, COPY), start=1)]
    readings = [reading(LEAVE.text, first), reading(COPY.text, second)]
    return features_of(QUESTION, merge(QUESTION, hits, readings), hits, readings)


def test_every_feature_has_a_name_and_the_order_of_the_list() -> None:
    assert list(features({"22 días": 6.0}, {})) == list(NAMES)


def test_margins_leads_and_agreement() -> None:
    found = features({"22 días": 6.0, "15 días": 4.0}, {"22 días": 3.0, "vacaciones": 2.5})
    assert found["margin"] == 5.0  # 6.0 over a null score of 1.0
    assert found["lead"] == 2.0  # over "15 días": the copy says the same and does not count
    assert found["sharpness"] == 2.0
    assert found["agreement"] == 1.0
    assert features({"22 días": 6.0}, {})["lead"] == FAR


def test_words_of_the_question_in_passage_and_sentence() -> None:
    found = features({"15 días": 6.0}, {})
    assert found["passage_cover"] == 1.0  # «vacaciones», «anuales», «días»; «cuántos» and «hay» ask, no more
    assert found["sentence_cover"] == pytest.approx(1 / 3)
    assert found["cover_lead"] == pytest.approx(1 / 3 - 1)
    assert sentence_cover(QUESTION, LEAVE.text, 0, len(LEAVE.text)) == 1.0


def test_an_answer_without_the_number_asked_for_is_marked() -> None:
    assert features({"22 días": 6.0}, {})["no_number"] == 0.0
    assert features({"anuales": 6.0}, {})["no_number"] == 1.0
    assert features({"anuales": 6.0}, {})["echo"] == 1.0
    assert features({"22 días": 6.0}, {})["asks_cuánto"] == 1.0


def test_a_sentence_with_the_words_of_the_question_can_win_over_the_margin() -> None:
    hits: list[Hit] = [hit_of(passage_of(LEAVE, 0, len(LEAVE.text)))]
    readings = [reading(LEAVE.text, {"15 días": 5.0, "22 días": 4.5})]
    assert merge(QUESTION, hits, readings)[0].span.text == "15 días"
    assert merge(QUESTION, hits, readings, Weights(rank=1.0, cover=2.0))[0].span.text == "22 días"


def test_cover_ignores_accents_inflection_and_empty_questions() -> None:
    assert cover(stems("VACACION anual"), stems("las vacaciones anuales")) == 1.0
    assert cover(stems("¿Qué es?"), stems("nada")) == 0.0
