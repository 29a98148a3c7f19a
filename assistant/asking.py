"""Many questions, one a line, as records: read and answered in batches, in order, whatever a line holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from assistant.answering import Assistant
from assistant.errors import Explanation, explain
from assistant.lines import batches
from assistant.records import result_record

BATCH = 32
"""Questions searched and read together: enough to fill the reader's batches, few enough to see results come."""

LONGEST = 2000
"""Characters of a question, as in the chat: more is no question but a file that was taken for one."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input that is not blank."""

    number: int  # from 1
    text: str
    problem: Explanation | None = None  # why it cannot be asked


def answer_lines(assistant: Assistant, stream: BinaryIO) -> Iterator[Record]:
    """A record for each line that is not blank, in order, with its number; with ``error`` where none was possible."""
    number = 0
    for batch in batches(stream, BATCH):
        lines = [_line(number + place, raw) for place, raw in enumerate(batch, start=1) if raw.strip()]
        number += len(batch)
        results = iter(_answers(assistant, [line.text for line in lines if not line.problem]))
        for line in lines:
            yield {"line": line.number} | (_error(line.text, line.problem) if line.problem else next(results))


def _line(number: int, raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError:
        problem = Explanation(f"La línea {number} no es texto en UTF-8.", "Guarde el archivo en UTF-8.")
        return Line(number, raw.decode("utf-8", "replace").strip(), problem)
    if len(text) > LONGEST:
        problem = Explanation(
            f"La línea {number} tiene {len(text)} caracteres y una pregunta, como mucho, {LONGEST}.",
            "Escriba una pregunta por línea.",
        )
        return Line(number, text[:LONGEST], problem)
    return Line(number, text)


def _answers(assistant: Assistant, questions: Sequence[str]) -> list[Record]:
    """Answered together; where that meets a fault nobody foresaw, one by one, so that one question costs no other."""
    try:
        return [result_record(result) for result in assistant.ask_many(questions)]
    except Exception as error:
        if explain(error):  # the index, the models, the disk: no question would fare better
            raise
        if len(questions) == 1:
            return [_error(questions[0], Explanation(f"Fallo interno ({type(error).__name__}: {error}).", ""))]
    return [record for question in questions for record in _answers(assistant, [question])]


def _error(question: str, problem: Explanation) -> Record:
    return {"question": question, "answered": False, "error": asdict(problem)}
