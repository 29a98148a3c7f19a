"""What a reader answered to a file of questions, kept apart from its scoring: saved once, compared at will."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reader.errors import DataProblem
from reader.metrics import missing_predictions
from reader.progress import progress
from reader.record import write_text
from reader.squad import Question
from reader.types import Reader

_CHUNK = 256  # questions between two steps of the progress bar: enough to sort by length inside a reader


@dataclass(frozen=True, slots=True)
class Prediction:
    """The best span for one question: ``context[start:end] == text``, empty where the reader found none."""

    id: str
    text: str
    start: int
    end: int
    margin: float  # best span score minus null score; -inf without a span, +inf where a foreign file gives none

    @property
    def no_answer(self) -> float:
        """The official script's ``na_prob`` as a score difference: the higher, the likelier that there is no answer."""
        return -self.margin


@dataclass(frozen=True, slots=True)
class PredictionSet:
    """The predictions of one model on one file, and the threshold that the model came with."""

    model: str
    data: str
    threshold: float
    predictions: Mapping[str, Prediction]

    def matched(self, questions: Sequence[Question]) -> list[Prediction]:
        """The predictions in the order of ``questions``. Raises DataProblem where one is missing."""
        missing = missing_predictions(questions, self.predictions.keys())
        if missing:
            shown = ", ".join(missing[:3]) + ("…" if len(missing) > 3 else "")
            raise DataProblem(
                f"Las predicciones de {self.model} no contestan {len(missing)} de las preguntas ({shown}).",
                "Compruebe que se hicieron con el mismo fichero de preguntas.",
            )
        return [self.predictions[question.id] for question in questions]


def predict(reader: Reader, questions: Sequence[Question], data: str, *, shown: bool = True) -> PredictionSet:
    """Read every question in its own context; ``data`` is the name of the file they come from."""
    found: dict[str, Prediction] = {}
    with progress(f"Leyendo con {reader.name}", len(questions), shown=shown) as report:
        for first in range(0, len(questions), _CHUNK):
            chunk = questions[first : first + _CHUNK]
            readings = reader.read([(question.question, question.context) for question in chunk], n_best=1)
            for question, reading in zip(chunk, readings, strict=True):
                best = reading.spans[0] if reading.spans else None
                found[question.id] = Prediction(
                    question.id,
                    best.text if best else "",
                    best.start if best else 0,
                    best.end if best else 0,
                    reading.margin,
                )
            report(len(found), f"{len(found)} de {len(questions)} preguntas")
    return PredictionSet(reader.name, data, reader.threshold, found)


def save_predictions(path: Path, made: PredictionSet) -> None:
    """Write a JSON file that :func:`load_predictions` reads back the same."""
    rows = [{**asdict(prediction), "margin": _finite(prediction.margin)} for prediction in made.predictions.values()]
    content = {"model": made.model, "data": made.data, "threshold": _finite(made.threshold), "predictions": rows}
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def load_predictions(path: Path) -> PredictionSet:
    """Read a file of :func:`save_predictions`, or the official ``{id: text}`` of any other system.

    Raises DataProblem when it is neither. An official file has decided already: its empty texts are abstentions.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise DataProblem(
            f"No existe el fichero de predicciones {path}.", "Hágalo con «evaluate --predictions»."
        ) from None
    except json.JSONDecodeError as error:
        raise DataProblem(f"{path}, línea {error.lineno}: JSON incorrecto ({error.msg}).", _REMEDY) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataProblem(f"No se puede leer {path}: {error}.", _REMEDY) from error
    try:
        if isinstance(content["predictions"], list):
            return _own(content)
    except (KeyError, TypeError, ValueError):
        pass
    if isinstance(content, dict) and content and all(isinstance(text, str) for text in content.values()):
        return _official(path.stem, content)
    raise DataProblem(f"{path} no es un fichero de predicciones.", _REMEDY)


_REMEDY = "Se espera el fichero que escribe «evaluate --predictions», o un JSON {«id»: «respuesta»}."


def _own(content: Mapping[str, Any]) -> PredictionSet:
    rows = [
        Prediction(row["id"], row["text"], row["start"], row["end"], _number(row["margin"]))
        for row in content["predictions"]
    ]
    threshold = _number(content["threshold"])
    return PredictionSet(content["model"], content["data"], threshold, {row.id: row for row in rows})


def _official(name: str, content: Mapping[str, str]) -> PredictionSet:
    rows = {key: Prediction(key, text, 0, 0, math.inf if text else -math.inf) for key, text in content.items()}
    return PredictionSet(name, "", 0.0, rows)


def _finite(value: float) -> float | str:
    """JSON has no infinities; a word stands for them."""
    return value if math.isfinite(value) else str(value)


def _number(value: float | str) -> float:
    return float(value)
