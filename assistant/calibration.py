"""The probability that a proposed answer is right: a small logistic regression in a file that a person can read.

It belongs to one reader, whose folder it lies in and whose weights it names: with any other it is refused. Fitting it
is the work of ``assistant.calibrating``; applying it needs nothing but arithmetic.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.decision import Weights
from assistant.errors import AssistantProblem
from assistant.features import NAMES
from assistant.settings import Prudence

FILE = "calibration.json"
FORMAT = 1

RISKS: dict[Prudence, float] = {"baja": 0.30, "media": 0.15, "alta": 0.05}
"""The share of wrong answers, among those shown, that each prudence accepts."""


@dataclass(frozen=True, slots=True)
class Term:
    """One feature and its part in the log odds: ``weight * (value - mean) / scale``, the value kept in low … high."""

    name: str
    weight: float
    mean: float
    scale: float
    low: float  # the bounds are what was seen when it was fitted: beyond them nothing is known
    high: float

    def part(self, value: float) -> float:
        """What this feature adds to the log odds."""
        return self.weight * (min(max(value, self.low), self.high) - self.mean) / self.scale


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model of "the shown answer is right", and the probabilities from which to answer."""

    reader: str  # the name of the reader it was fitted for
    fingerprint: str  # of that reader's weights
    weights: Weights  # for choosing the candidate
    bias: float
    terms: tuple[Term, ...]
    thresholds: Mapping[Prudence, float]  # answer when the probability is at least this
    fitted: Mapping[str, Any]  # on what and how well: for people, never read by the program

    def parts(self, features: Mapping[str, float]) -> dict[str, float]:
        """What each feature adds to the log odds, in the order of the file."""
        return {term.name: term.part(features[term.name]) for term in self.terms}

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability, 0 … 1, that the candidate with these features is a right answer."""
        odds = self.bias + math.fsum(self.parts(features).values())
        return 1 / (1 + math.exp(-min(max(odds, -50.0), 50.0)))


def fingerprint(folder: Path) -> str:
    """Names the weights of a reader's folder: two folders of one fingerprint read the same."""
    digest = sha256()
    for file in sorted(folder.iterdir()):
        if file.suffix in (".safetensors", ".bin", ".npz"):
            with file.open("rb") as content:
                digest.update(file.name.encode())
                while block := content.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()[:16]


def load_calibration(folder: Path) -> Calibration | None:
    """The calibration of the reader in ``folder``; None where it has none.

    Raises AssistantProblem for a file that is damaged or was fitted for other weights.
    """
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"formato {content['format']}")
        calibration = Calibration(
            reader=content["reader"],
            fingerprint=content["fingerprint"],
            weights=Weights(**content["weights"]),
            bias=float(content["bias"]),
            terms=tuple(Term(**term) for term in content["terms"]),
            thresholds={name: float(content["thresholds"][name]) for name in RISKS},
            fitted=content["fitted"],
        )
        if unknown := {term.name for term in calibration.terms} - NAMES.keys():
            raise ValueError(f"dato desconocido: {', '.join(sorted(unknown))}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssistantProblem(f"La calibración «{path}» está dañada: {error}.", _REMEDY) from error
    if calibration.fingerprint != fingerprint(folder):
        raise AssistantProblem(f"La calibración «{path}» es de otro lector, o de otra versión de este.", _REMEDY)
    return calibration


def save_calibration(folder: Path, calibration: Calibration) -> Path:
    """Write the calibration beside the reader it belongs to; where it lies."""
    path = folder / FILE
    partial = path.with_suffix(".partial")
    content = json.dumps({"format": FORMAT, **asdict(calibration)}, ensure_ascii=False, indent=1)
    partial.write_text(content + "\n", encoding="utf-8")
    partial.replace(path)
    return path


_REMEDY = "Repítala con «assistant calibrate», o borre ese archivo: entonces decide el margen del lector."
