"""Reading SQuAD files: every kept answer stands at its offset, and nothing is dropped or moved in silence."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataProblem
from reader.squad import QuestionSet, nearest_occurrence, read_squad

CONTEXT = "El ayuntamiento abre a las 9. El registro abre a las 9 y cierra a las 14."


def qa(name: str, *answers: tuple[str, int], **more: Any) -> dict[str, Any]:
    given_answers = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": name, "question": "¿A qué hora?", "answers": given_answers, **more}


def read(tmp_path: Path, *qas: dict[str, Any], context: str = CONTEXT) -> QuestionSet:
    path = tmp_path / "preguntas.json"
    article = {"title": "Horario", "paragraphs": [{"context": context, "qas": list(qas)}]}
    path.write_text(json.dumps({"version": "v2.0", "data": [article]}), encoding="utf-8")
    return read_squad(path)


def test_reads_both_versions(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        qa("v1", ("a las 9", 21)),
        qa("v2", ("14", 70), is_impossible=False),
        qa("no", is_impossible=True, plausible_answers=[{"text": "9", "answer_start": 27}]),
        {"id": 7, "question": "¿Y los sábados?", "is_impossible": True},
    )
    assert [(q.id, [(a.text, a.start, a.end) for a in q.answers], q.is_impossible, q.title) for q in found] == [
        ("v1", [("a las 9", 21, 28)], False, "Horario"),
        ("v2", [("14", 70, 72)], False, "Horario"),
        ("no", [], True, "Horario"),
        ("7", [], True, "Horario"),
    ]
    assert found.report.issues == ()
    assert found.report.lines() == [f"{found.report.path}: 4 de 4 preguntas"]


def test_repairs_and_counts(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        qa("moved", ("a las 9", 40)),  # stands at 21 and at 47
        qa("case", ("EL REGISTRO", 3)),
        qa("lost", ("a las 10", 21), ("a las 9", 21)),
        qa("emptied", ("", -1), is_impossible=False),
        qa("half", ("", -1), ("  a las 9 ", 19)),
        qa("contradiction", ("14", 70), is_impossible=True),
        qa("moved", ("14", 70)),
        {**qa("blank", ("14", 70)), "question": " "},
        qa("negative", ("14", -1)),
    )
    kept = {q.id: [(a.text, a.start) for a in q.answers] for q in found}
    assert kept == {
        "moved": [("a las 9", 47)],
        "case": [("El registro", 30)],
        "lost": [("a las 9", 21)],
        "half": [("a las 9", 21)],
        "contradiction": [],
        "negative": [("14", 70)],
    }
    assert found.report.counts == {
        "empty_answer": 2,
        "moved_answer": 3,
        "lost_answer": 1,
        "no_answers": 1,
        "answers_to_impossible": 1,
        "duplicate_id": 1,
        "empty_question": 1,
    }
    assert (found.report.total, found.report.kept) == (9, 6)
    assert "  3 respuestas fuera de su posición: movidas a la aparición más cercana" in found.report.lines()
    moved = next(issue for issue in found.report.issues if issue.kind == "moved_answer")
    assert (moved.question_id, moved.detail) == ("moved", "«a las 9», de 40 a 47")


def test_drops_questions_on_empty_contexts(tmp_path: Path) -> None:
    found = read(tmp_path, qa("a", ("x", 0)), context="  ")
    assert len(found) == 0
    assert found.report.counts == {"empty_context": 1}


def test_a_context_is_one_object_even_when_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    paragraphs = [{"context": CONTEXT, "qas": [qa(str(i), ("14", 70))]} for i in range(3)]
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    found = read_squad(path)
    assert len({id(question.context) for question in found}) == 1
    assert found.questions[0].title == ""


def test_decomposed_accents_move_the_offsets_with_them(tmp_path: Path) -> None:
    context = unicodedata.normalize("NFD", "Según José, la estación cerró en 1998.")
    text = unicodedata.normalize("NFD", "la estación")
    found = read(tmp_path, qa("nfd", (text, context.index(text))), context=context)
    question = found.questions[0]
    assert question.context == "Según José, la estación cerró en 1998."
    assert question.answers[0].text == "la estación"
    assert question.context[question.answers[0].start : question.answers[0].end] == "la estación"
    assert found.report.issues == ()


@given(
    context=st.text(alphabet="aáeéñNn ̃́.", min_size=1),
    data=st.data(),
)
def test_every_kept_answer_stands_at_its_offset(
    tmp_path_factory: pytest.TempPathFactory, context: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(-1, len(context)))
    end = data.draw(st.integers(max(start, 0), len(context)))
    shift = data.draw(st.integers(-2, 2))
    found = read(
        tmp_path_factory.mktemp("squad"), qa("a", (context[max(start, 0) : end], start + shift)), context=context
    )
    for question in found:
        assert unicodedata.is_normalized("NFC", question.context)
        for answer in question.answers:
            assert answer.text == answer.text.strip() != ""
            assert question.context[answer.start : answer.end] == answer.text
    assert found.report.total == 1
    assert bool(found.report.issues) or len(found) == 1


def test_nearest_occurrence() -> None:
    assert nearest_occurrence("ab", "ab ab ab", 4) is not None
    near = nearest_occurrence("aa", "baaab", 3)
    assert near is not None and near.start == 2  # occurrences may overlap
    exact = nearest_occurrence("Sol", "sol y Sol", 0)
    assert exact is not None and exact.start == 6  # as written, before nearer ones in another case
    assert nearest_occurrence("x", "ab", 0) is None


def paragraph(asked: bytes) -> bytes:
    return b'{"data": [{"paragraphs": [{"context": "c", "qas": [' + asked + b"]}]}]}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"data": [\n  {"paragraphs": [,]}\n]}', "a.json, línea 2, columna 19: JSON incorrecto"),
        (b'{"data": [\n"a\xf1o"]}', "a.json, línea 2: el texto no está en UTF-8"),
        (b"[1]", "en el fichero se esperaba un objeto"),
        (b'{"data": {}}', "en el fichero se esperaba «data» (una lista)"),
        (b'{"data": [{"paragraphs": [{"qas": []}]}]}', "en data[0].paragraphs[0] se esperaba «context» (un texto)"),
        (
            paragraph(b'{"id": "1", "question": "q", "answers": [{"text": "c"}]}'),
            "en data[0].paragraphs[0].qas[0].answers[0] se esperaba «answer_start» (un número entero)",
        ),
        (paragraph(b'{"id": true, "question": "q", "answers": []}'), "qas[0] se esperaba «id» (un texto)"),
        (paragraph(b'{"id": "1", "question": "q", "is_impossible": 0}'), "«is_impossible» (verdadero o falso)"),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(DataProblem) as caught:
        read_squad(path)
    assert says in caught.value.message
    assert "a.json" in caught.value.message
    assert caught.value.remedy


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match=r"No existe el fichero .*nada\.json"):
        read_squad(tmp_path / "nada.json")
