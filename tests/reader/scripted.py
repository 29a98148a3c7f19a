"""A reader that says what it is told, and small question sets for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from reader.squad import Answer, Question, QuestionSet, Report
from reader.types import Reading, Span


class ScriptedReader:
    """Answers ``text`` where it stands in the passage, with the margin given for the question; else nothing."""

    name = "de prueba"
    device = "cpu"

    def __init__(self, script: Mapping[str, tuple[str, float]], threshold: float = 0.0) -> None:
        self.script = script
        self.threshold = threshold
        self.calls: list[int] = []

    def read(self, pairs: Sequence[tuple[str, str]], *, n_best: int = 5, max_answer_words: int = 30) -> list[Reading]:
        self.calls.append(len(pairs))
        return [self._read(question, passage) for question, passage in pairs]

    def _read(self, question: str, passage: str) -> Reading:
        text, margin = self.script.get(question, ("", 0.0))
        if not text:
            return Reading((), 0.0)
        start = passage.index(text)
        return Reading((Span(start, start + len(text), text, margin + 1.0),), 1.0)


def make_question(name: str, asked: str, context: str, *golds: str) -> Question:
    return Question(
        name, asked, context, tuple(Answer(gold, context.index(gold)) for gold in golds), not golds, "Título"
    )


def make_set(*questions: Question, path: str = "preguntas.json") -> QuestionSet:
    return QuestionSet(questions, Report(path, "v2.0", len(questions), len(questions), ()))


def write_squad(path: Path, questions: Sequence[Question]) -> Path:
    """Write questions as SQuAD v2.0, one paragraph each."""
    paragraphs = [
        {
            "context": question.context,
            "qas": [
                {
                    "id": question.id,
                    "question": question.question,
                    "answers": [{"text": answer.text, "answer_start": answer.start} for answer in question.answers],
                    "is_impossible": question.is_impossible,
                }
            ],
        }
        for question in questions
    ]
    content = {"version": "v2.0", "data": [{"title": "Título", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


CONTEXT = "El registro abre a las 9. La piscina cierra los lunes. El teléfono de la oficina es el 555 123."
QUESTIONS = (
    make_question("abre", "¿A qué hora abre el registro?", CONTEXT, "a las 9", "9"),
    make_question("cierra", "¿Cuándo cierra la piscina?", CONTEXT, "los lunes"),
    make_question("telefono", "telefono de la oficina", CONTEXT, "555 123"),
    make_question("quien", "¿Quién dirige la biblioteca?", CONTEXT),
    make_question("cuanto", "¿Cuánto cuesta la entrada?", CONTEXT),
)
SCRIPT = {
    "¿A qué hora abre el registro?": ("las 9", 5.0),  # half right
    "¿Cuándo cierra la piscina?": ("los lunes", 3.0),  # right
    "telefono de la oficina": ("555 123", -1.0),  # right, but too unsure
    "¿Quién dirige la biblioteca?": ("La piscina", 1.0),  # invented
    "¿Cuánto cuesta la entrada?": ("", 0.0),  # silent, rightly
}
