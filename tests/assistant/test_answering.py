"""Search, read, decide, cite: with findings chosen by the test."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import MAX_ALTERNATIVES, Assistant, merge, normalise
from assistant.settings import Settings
from assistant.types import Abstention, Answer, Quote
from index.types import Document, Passage
from reader.types import Reading, Span
from tests.assistant.fakes import FakeReader, FakeSearcher, document_of, finder, hit_of, passage_of

LEAVE = document_of(
    "rrhh/permisos.pdf",
    "Las vacaciones anuales son de 22 días hábiles. Se piden con 15 días de antelación.",
    "El permiso por mudanza es de 1 día. Lo concede la jefatura.",
)
TRAVEL = document_of("viajes.docx", "La dieta por viaje es de 45 euros al día.", headings=("Viajes", "Dietas"))


def assistant_for(
    scores: dict[str, float], *, documents: tuple[Document, ...] = (LEAVE, TRAVEL), threshold: float = 0.0
) -> Assistant:
    passages = [passage_of(document, 0, len(document.text)) for document in documents]
    reader = FakeReader(finder(scores), threshold=threshold)
    return Assistant(FakeSearcher(documents, passages), reader, Settings())


def answer_of(result: Answer | Abstention) -> Answer:
    assert isinstance(result, Answer)
    return result


def test_quotes_the_words_in_their_sentence_with_the_place_of_their_own_block() -> None:
    quote = answer_of(assistant_for({"1 día": 5.0}).ask("¿Cuánto dura el permiso por mudanza?")).quote
    assert (quote.text, quote.sentence) == ("1 día", "El permiso por mudanza es de 1 día.")
    assert LEAVE.text[quote.start : quote.end] == "1 día"
    assert quote.place.page == 2  # the passage starts on page 1
    assert (quote.document, quote.headings) == ("rrhh/permisos.pdf", ("Vacaciones",))


def test_a_span_over_two_sentences_is_shown_in_both() -> None:
    quote = answer_of(assistant_for({"22 días hábiles. Se piden": 5.0}).ask("¿Cuántos?")).quote
    assert quote.sentence == LEAVE.text[: LEAVE.blocks[0].end]


def test_abstains_at_or_below_the_threshold_and_keeps_what_fell_short() -> None:
    result = assistant_for({"45 euros": 2.0}, threshold=2.0).ask("¿Cuánto cuesta el aparcamiento?")
    assert isinstance(result, Abstention)
    assert result.reason == "not_answered"
    assert result.best_rejected is not None and result.best_rejected.text == "45 euros"
    assert [hit.passage.document for hit in result.hits] == [LEAVE.path, TRAVEL.path]


def test_the_persons_own_threshold_wins_over_the_readers() -> None:
    assistant = assistant_for({"45 euros": 2.0}, threshold=5.0)
    assert isinstance(assistant.ask("¿Cuánto?"), Abstention)
    assistant = Assistant(assistant.searcher, assistant.reader, Settings(threshold=1.0))
    assert isinstance(assistant.ask("¿Cuánto?"), Answer)


def test_the_first_passage_wins_a_near_tie_and_loses_to_clear_evidence() -> None:
    near = assistant_for({"22 días hábiles": 5.0, "45 euros": 5.2}).ask("¿Cuánto?")
    assert answer_of(near).quote.text == "22 días hábiles"
    clear = assistant_for({"22 días hábiles": 5.0, "45 euros": 8.0}).ask("¿Cuánto?")
    assert answer_of(clear).quote.text == "45 euros"


def test_alternatives_come_from_other_sentences_with_other_words() -> None:
    scores = {"22 días hábiles": 9.0, "vacaciones anuales": 8.0, "15 días": 7.0, "1 día": 6.0, "45 euros": 5.0}
    answer = answer_of(assistant_for(scores).ask("¿Cuánto?"))
    assert answer.quote.text == "22 días hábiles"
    # "vacaciones anuales" stands in the sentence that is shown already
    assert [quote.text for quote in answer.alternatives] == ["15 días", "1 día", "45 euros"]


def test_the_same_words_of_another_document_are_no_alternative() -> None:
    copy = document_of("copia.txt", "El permiso por mudanza es de 1 DÍA.")
    answer = answer_of(assistant_for({"1 día": 5.0, "1 DÍA": 4.9}, documents=(LEAVE, copy)).ask("¿Cuánto?"))
    assert answer.alternatives == ()


def test_hopeless_candidates_are_no_alternatives() -> None:
    answer = answer_of(assistant_for({"22 días hábiles": 9.0, "45 euros": -9.0}).ask("¿Cuánto?"))
    assert answer.alternatives == ()


def test_overlapping_passages_propose_the_same_words_once() -> None:
    document = document_of("a.txt", "Uno dos tres cuatro cinco.")
    first, second = passage_of(document, 0, 18), passage_of(document, 4, 26)
    tres = Reading((Span(8, 12, "tres", 3.0),), 0.0)
    tres_cuatro = Reading((Span(4, 15, "tres cuatro", 4.5),), 0.0)
    ranked = merge("", [hit_of(first, 1), hit_of(second, 2)], [tres, tres_cuatro])
    assert [candidate.span.text for candidate in ranked] == ["tres cuatro"]


def test_a_question_is_normalised_before_it_is_searched_and_read() -> None:
    assistant = assistant_for({"1 día": 5.0})
    decomposed = unicodedata.normalize("NFD", "  ¿Cuánto\tdura?\n")
    assert assistant.ask(decomposed).question == "¿Cuánto dura?"
    assert assistant.searcher.questions == ["¿Cuánto dura?"]  # type: ignore[attr-defined]


def test_an_empty_question_is_neither_searched_nor_read() -> None:
    assistant = assistant_for({"1 día": 5.0})
    results = assistant.ask_many(["  ", "¿Cuánto?", ""])
    assert [type(result) for result in results] == [Abstention, Answer, Abstention]
    assert isinstance(results[0], Abstention) and results[0].reason == "empty_question"
    assert assistant.searcher.questions == ["¿Cuánto?"]  # type: ignore[attr-defined]


def test_nothing_found_is_said_without_reading() -> None:
    reader = FakeReader(finder({}))
    result = Assistant(FakeSearcher([], []), reader, Settings()).ask("¿Hay algo?")
    assert isinstance(result, Abstention) and result.reason == "no_passages"
    assert reader.calls == []


def test_many_questions_are_read_in_one_call_and_equal_one_by_one() -> None:
    assistant = assistant_for({"1 día": 5.0, "45 euros": 4.0})
    questions = ["¿Una?", "¿Dos?", "", "¿Tres?"]
    together = assistant.ask_many(questions)
    assert len(assistant.reader.calls) == 1  # type: ignore[attr-defined]
    assert together == [assistant.ask(question) for question in questions]


WORDS = st.text(alphabet="aáeñ bcXY.?¿ 1", min_size=1, max_size=40).map(
    lambda text: unicodedata.normalize("NFC", " ".join(text.split()) or "x")
)


@st.composite
def collections(draw: st.DrawFn) -> tuple[list[Document], list[Passage], list[list[tuple[float, float, float]]]]:
    """Documents, passages anywhere in them, and for each passage spans as fractions of its length with a score."""
    documents = [
        document_of(f"d{number}.txt", *draw(st.lists(WORDS, min_size=1, max_size=5)))
        for number in range(draw(st.integers(1, 3)))
    ]
    passages, spans = [], []
    for number in range(draw(st.integers(1, 5))):
        document = draw(st.sampled_from(documents))
        start = draw(st.integers(0, len(document.text) - 1))
        passages.append(passage_of(document, start, draw(st.integers(start + 1, len(document.text))), number))
        fractions = st.floats(0, 1, allow_nan=False)
        spans.append(draw(st.lists(st.tuples(fractions, fractions, st.floats(-5, 5)), max_size=4)))
    return documents, passages, spans


@given(collections())
def test_every_quote_is_a_slice_of_its_document(
    collection: tuple[list[Document], list[Passage], list[list[tuple[float, float, float]]]],
) -> None:
    documents, passages, fractions = collection
    spans_of = iter(fractions)

    def find(question: str, passage: str) -> list[tuple[int, int, float]]:
        size = len(passage)
        return [
            (start, min(size, start + 1 + int(length * size)), score)
            for a, length, score in next(spans_of)
            if (start := int(a * (size - 1))) < size
        ]

    result = Assistant(FakeSearcher(documents, passages), FakeReader(find), Settings()).ask("¿Qué?")
    sources = {document.path: document.text for document in documents}
    quotes: list[Quote] = []
    if isinstance(result, Answer):
        quotes = [result.quote, *result.alternatives]
        assert len(result.alternatives) <= MAX_ALTERNATIVES
    elif result.best_rejected is not None:
        quotes = [result.best_rejected]
    for quote in quotes:
        assert sources[quote.document][quote.start : quote.end] == quote.text
        assert sources[quote.document][quote.sentence_start : quote.sentence_end] == quote.sentence
        assert "".join(quote.in_sentence) == quote.sentence
    assert len({quote.text.casefold() for quote in quotes}) == len(quotes)


@given(st.text())
def test_a_normalised_question_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
