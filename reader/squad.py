"""Read SQuAD v1.1 and v2.0 files into questions whose answers are sure to stand at their offsets.

Public Spanish files are machine-translated and hold answers that were lost on the way. Nothing is dropped or moved in
silence: each repair is an :class:`Issue` of the :class:`Report`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reader.errors import DataProblem

IssueKind = Literal[
    "empty_answer",
    "moved_answer",
    "lost_answer",
    "no_answers",
    "answers_to_impossible",
    "duplicate_id",
    "empty_context",
    "empty_question",
]

# What each kind means, with its count in front.
ISSUE_TEXTS: dict[IssueKind, str] = {
    "empty_answer": "respuestas vacías: se descartan",
    "moved_answer": "respuestas fuera de su posición: movidas a la aparición más cercana",
    "lost_answer": "respuestas que no están en su texto: se descartan",
    "no_answers": "preguntas con respuesta que se quedan sin ninguna: se descartan",
    "answers_to_impossible": "preguntas marcadas sin respuesta que traían alguna: se ignora esa respuesta",
    "duplicate_id": "preguntas con un identificador repetido: se conserva la primera",
    "empty_context": "preguntas sobre un texto vacío: se descartan",
    "empty_question": "preguntas vacías: se descartan",
}
_REMEDY = "Compruebe que el fichero está completo y en formato SQuAD: {«data»: [{«paragraphs»: [{«context», «qas»}]}]}."


@dataclass(frozen=True, slots=True)
class Answer:
    """A gold answer: ``context[start:start + len(text)] == text``, never empty, without surrounding white space."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one context. All texts are NFC; ``answers`` is empty exactly when ``is_impossible``."""

    id: str
    question: str
    context: str  # the same object for all questions of a context
    answers: tuple[Answer, ...]
    is_impossible: bool
    title: str


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that was repaired or dropped, and what it was (in Spanish)."""

    kind: IssueKind
    question_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What reading a file found: ``total`` questions in it, ``kept`` of them, and every issue in file order."""

    path: str
    version: str
    total: int
    kept: int
    issues: tuple[Issue, ...]

    @property
    def counts(self) -> dict[IssueKind, int]:
        found = Counter(issue.kind for issue in self.issues)
        return {kind: found[kind] for kind in ISSUE_TEXTS if found[kind]}

    def lines(self) -> list[str]:
        """The summary for a person, in Spanish; only the first line when nothing had to be touched."""
        head = f"{self.path}: {self.kept} de {self.total} preguntas"
        return [head, *(f"  {count} {ISSUE_TEXTS[kind]}" for kind, count in self.counts.items())]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The usable questions of a file, in its order, and what had to be done to the rest."""

    questions: tuple[Question, ...]
    report: Report

    def __len__(self) -> int:
        return len(self.questions)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)


def read_squad(path: str | Path) -> QuestionSet:
    """Read and validate a SQuAD v1.1 or v2.0 JSON file.

    Raises:
        DataProblem: no such file, not UTF-8 or broken JSON (names the line), or not of SQuAD's shape (names the place).
    """
    path = Path(path)
    return _Reading(str(path), _load(path)).result()


def _load(path: Path) -> Any:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataProblem(f"No existe el fichero {path}.", "Revise la ruta, o descárguelo con «download».") from None
    except OSError as error:
        raise DataProblem(f"No se puede leer {path}: {error.strerror}.", "Revise la ruta y los permisos.") from error
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataProblem(f"{path}, línea {line}: el texto no está en UTF-8.", "Guárdelo como UTF-8.") from error
    except json.JSONDecodeError as error:
        place = f"{path}, línea {error.lineno}, columna {error.colno}"
        raise DataProblem(f"{place}: JSON incorrecto ({error.msg}).", _REMEDY) from error
    except RecursionError as error:
        raise DataProblem(f"{path}: JSON con demasiados niveles.", _REMEDY) from error


class _Reading:
    """One pass over a parsed file, gathering questions and issues."""

    def __init__(self, path: str, root: Any) -> None:
        self.path = path
        self.root = root
        self.total = 0
        self.seen: set[str] = set()
        self.contexts: dict[str, str] = {}
        self.issues: list[Issue] = []

    def result(self) -> QuestionSet:
        if not isinstance(self.root, dict):
            raise self._broken("el fichero", "un objeto")
        questions = tuple(self._questions())
        version = str(self.root.get("version", ""))
        return QuestionSet(questions, Report(self.path, version, self.total, len(questions), tuple(self.issues)))

    def _questions(self) -> Iterator[Question]:
        for a, article in enumerate(self._get(self.root, "data", list, "el fichero")):
            at = f"data[{a}]"
            for p, paragraph in enumerate(self._get(article, "paragraphs", list, at)):
                at = f"data[{a}].paragraphs[{p}]"
                title = _nfc(str(article.get("title", "")))
                raw = self._get(paragraph, "context", str, at)
                context = _nfc(raw)
                context = self.contexts.setdefault(context, context)
                for q, qa in enumerate(self._get(paragraph, "qas", list, at)):
                    self.total += 1
                    question = self._question(qa, raw, context, title, f"{at}.qas[{q}]")
                    if question:
                        yield question

    def _question(self, qa: Any, raw: str, context: str, title: str, at: str) -> Question | None:
        text = _nfc(self._get(qa, "question", str, at)).strip()
        name = str(self._get(qa, "id", (str, int), at))
        flag = self._get(qa, "is_impossible", bool, at) if "is_impossible" in qa else None
        given = self._get(qa, "answers", list, at) if "answers" in qa or not flag else []
        if name in self.seen:
            self._note("duplicate_id", name, f"«{text}»")
            return None
        self.seen.add(name)
        if not context.strip():
            self._note("empty_context", name, f"«{text}»")
            return None
        if not text:
            self._note("empty_question", name, "")
            return None
        if flag or (flag is None and not given):
            real = [answer for answer in given if self._get(answer, "text", str, f"{at}.answers").strip()]
            if real:
                self._note("answers_to_impossible", name, f"«{real[0]['text']}»")
            return Question(name, text, context, (), True, title)
        found = [self._answer(answer, name, raw, context, f"{at}.answers[{i}]") for i, answer in enumerate(given)]
        answers = tuple(answer for answer in found if answer)
        if not answers:
            self._note("no_answers", name, f"«{text}»")
            return None
        return Question(name, text, context, answers, False, title)

    def _answer(self, answer: Any, name: str, raw: str, context: str, at: str) -> Answer | None:
        given = self._get(answer, "text", str, at)
        offset = self._get(answer, "answer_start", int, at)
        text = _nfc(given).strip()
        if not text:  # the public Spanish files write it at offset -1
            self._note("empty_answer", name, f"«{text}», posición {offset}")
            return None
        offset += len(given) - len(given.lstrip())
        start = offset if raw == context else len(_nfc(raw[: max(offset, 0)]))
        if offset >= 0 and context.startswith(text, start):
            return Answer(text, start)
        nearest = nearest_occurrence(text, context, start)
        if nearest is None:
            self._note("lost_answer", name, f"«{text}», posición {offset}")
            return None
        self._note("moved_answer", name, f"«{text}», de {start} a {nearest.start}")
        return nearest

    def _note(self, kind: IssueKind, name: str, detail: str) -> None:
        self.issues.append(Issue(kind, name, detail))

    def _get(self, node: Any, key: str, kind: Any, at: str) -> Any:
        """``node[key]``, checked to be of that type."""
        value = node.get(key) if isinstance(node, dict) else None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self._broken(at, f"«{key}» ({_TYPE_NAMES[kind]})")
        return value

    def _broken(self, at: str, expected: str) -> DataProblem:
        return DataProblem(f"{self.path}: no tiene formato SQuAD: en {at} se esperaba {expected}.", _REMEDY)


_TYPE_NAMES: dict[Any, str] = {
    list: "una lista",
    str: "un texto",
    int: "un número entero",
    bool: "verdadero o falso",
    (str, int): "un texto",
}


def nearest_occurrence(text: str, context: str, start: int) -> Answer | None:
    """Where ``text`` occurs in ``context`` nearest to ``start``: as written or, failing that, whatever its case."""
    for flags in (re.NOFLAG, re.IGNORECASE):
        # The lookahead lets occurrences overlap: "aa" occurs twice in "aaa".
        found = re.finditer(f"(?=({re.escape(text)}))", context, flags)
        nearest = min(found, key=lambda match: abs(match.start() - start), default=None)
        if nearest:
            return Answer(nearest[1], nearest.start())
    return None


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
