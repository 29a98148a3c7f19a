"""From outcomes to figures with their intervals, in groups that every report shows alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.evaluation.gold import FolderQuestions
from assistant.evaluation.observing import GoldRanks, Seconds
from assistant.evaluation.outcomes import Outcome
from assistant.evaluation.reliability import Reliability, reliability
from reader.bootstrap import Interval, mean_interval, statistic_interval
from reader.evaluate import RIGHT, Selective
from reader.risk import best_aurc, risk_coverage

_RETRIEVERS: Mapping[str, tuple[str, Callable[[GoldRanks], int | None]]] = {
    "lexical": ("por palabras", lambda ranks: ranks.lexical),
    "dense": ("por significado", lambda ranks: ranks.dense),
    "hybrid": ("ambas", lambda ranks: ranks.hybrid),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: percent unless its label says otherwise; ``interval`` is None where there is nothing to measure."""

    key: str
    label: str  # in Spanish
    interval: Interval | None
    of: int  # how many questions it is measured on


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """What was measured: shown at the head of every report."""

    folder: str
    documents: int
    passages: int
    reader: str
    encoder: str
    k: int
    rule: str  # in Spanish: when it answers


@dataclass(frozen=True, slots=True)
class VariantFigure:
    """The same questions typed in another way, in percent and percent points."""

    name: str
    f1: float
    fall: Interval  # of F1, from the questions as they were
    forced_fall: (
        Interval | None
    )  # of the F1 of the answerable, if it could not be silent; None where none is answerable
    answered: float
    example: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that the text, JSON and HTML reports tell."""

    setup: Setup
    questions: FolderQuestions
    groups: tuple[Group, ...]
    selective: Selective  # by what the decision orders by
    plain: Selective  # by the plain null margin of SQuAD 2.0, its own spans
    reliability: Reliability | None  # None without a calibration
    outcomes: tuple[Outcome, ...]
    variants: tuple[VariantFigure, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The figures as plain JSON values, without the texts."""
        found: dict[str, Any] = {
            "setup": {name: getattr(self.setup, name) for name in Setup.__dataclass_fields__},
            "questions": {
                "path": self.questions.path,
                "total": len(self.outcomes),
                "answerable": sum(outcome.answerable for outcome in self.outcomes),
                "foreign": self.questions.foreign,
                "lost": self.questions.lost,
            },
        }
        for group in self.groups:
            found[group.key] = {figure.key: _figure_json(figure) for figure in group.figures}
        if self.reliability:
            found["reliability"] = [[one.predicted, one.right, one.size] for one in self.reliability.bins]
        if self.variants:
            found["variants"] = {
                one.name: {
                    "f1": one.f1,
                    "fall": one.fall.value,
                    "low": one.fall.low,
                    "high": one.fall.high,
                    "forced_fall": one.forced_fall.value if one.forced_fall else None,
                    "answered": one.answered,
                }
                for one in self.variants
            }
        return found


def evaluation_of(
    setup: Setup, questions: FolderQuestions, outcomes: Sequence[Outcome], variants: Sequence[VariantFigure] = ()
) -> Evaluation:
    """Work out every figure. Raises ValueError on no outcomes."""
    calibrated = all(outcome.quote is None or outcome.quote.probability is not None for outcome in outcomes)
    shown = [outcome for outcome in outcomes if outcome.quote is not None]
    believed = (
        reliability([outcome.confidence for outcome in shown], [outcome.right for outcome in shown])
        if calibrated and shown
        else None
    )
    selective = _selective([o.confidence for o in outcomes], [o.right for o in outcomes])
    plain = _selective([o.plain_margin for o in outcomes], [o.plain_right for o in outcomes])
    groups = (
        *(_retrieval(name, outcomes) for name in _RETRIEVERS),
        _reading(outcomes),
        _end_to_end(outcomes),
        _citing(outcomes),
        _abstaining(outcomes),
        _confidence(outcomes, selective, plain, believed),
        _times(outcomes),
    )
    return Evaluation(setup, questions, tuple(groups), selective, plain, believed, tuple(outcomes), tuple(variants))


def _retrieval(name: str, outcomes: Sequence[Outcome]) -> Group:
    title, rank_of = _RETRIEVERS[name]
    ranks = [rank_of(outcome.observation.ranks) for outcome in outcomes if outcome.observation.ranks]
    recalls = [
        _share(
            f"recall_at_{depth}",
            f"entre los {depth} primeros" if depth > 1 else "el primero",
            [_within(rank, depth) for rank in ranks],
        )
        for depth in (1, 5, 20)
    ]
    mrr = _mean("mrr", "rango recíproco medio (0–1)", [1 / rank if rank else 0.0 for rank in ranks])
    return Group(f"retrieval_{name}", f"Búsqueda {title}: el pasaje con la respuesta", (*recalls, mrr))


def _within(rank: int | None, depth: int) -> bool:
    return rank is not None and rank <= depth


def _reading(outcomes: Sequence[Outcome]) -> Group:
    given = [outcome.given for outcome in outcomes if outcome.given]
    return Group(
        "reader",
        "Lectura del pasaje correcto, sin poder callar",
        (
            _mean("exact", "exact", [100 * score.exact for score in given]),
            _mean("f1", "F1", [100 * score.f1 for score in given]),
        ),
    )


def _end_to_end(outcomes: Sequence[Outcome]) -> Group:
    answerable = [o for o in outcomes if o.answerable]
    others = [o for o in outcomes if not o.answerable]
    return Group(
        "end_to_end",
        "De extremo a extremo",
        (
            _mean("exact", "exact", [100 * o.exact for o in outcomes]),
            _mean("f1", "F1", [100 * o.f1 for o in outcomes]),
            _mean("has_answer_exact", "exact, con respuesta", [100 * o.exact for o in answerable]),
            _mean("has_answer_f1", "F1, con respuesta", [100 * o.f1 for o in answerable]),
            _mean("no_answer", "calla, sin respuesta", [100 * o.f1 for o in others]),
            _share("forced_right", "acierta si no pudiera callar", [o.right for o in answerable]),
            _share("sentence", "la frase mostrada contiene la respuesta", [o.same_sentence for o in answerable]),
        ),
        "Cifras oficiales de SQuAD 2.0: callar acierta solo donde no hay respuesta.",
    )


def _citing(outcomes: Sequence[Outcome]) -> Group:
    shown = [o for o in outcomes if o.answered and o.answerable]
    right = [o for o in shown if o.right]
    return Group(
        "citations",
        "Citas de lo contestado",
        (
            _share("document", "documento correcto", [o.same_document for o in shown]),
            _share("place", "y página, diapositiva u hoja", [o.same_place for o in shown]),
            _share("document_when_right", "documento, cuando acierta", [o.same_document for o in right]),
            _share("place_when_right", "y página, cuando acierta", [o.same_place for o in right]),
        ),
    )


def _abstaining(outcomes: Sequence[Outcome]) -> Group:
    silent = [o for o in outcomes if not o.answered]
    shown = [o for o in outcomes if o.answered]
    return Group(
        "abstention",
        "Saber callar",
        (
            _share("answered", "contesta", [o.answered for o in outcomes]),
            _share("wrong_shown", "respuestas mostradas que están mal", [not o.right for o in shown]),
            _share("precision", "silencios sin respuesta posible (precisión)", [not o.answerable for o in silent]),
            _share(
                "recall",
                "sin respuesta en las que calla (exhaustividad)",
                [not o.answered for o in outcomes if not o.answerable],
            ),
            _share("spared", "silencios que evitan un error", [not o.right for o in silent]),
        ),
        f"Acierto: F1 en español de {str(RIGHT).replace('.', ',')} o más, y los mismos números.",
    )


def _confidence(
    outcomes: Sequence[Outcome], selective: Selective, plain: Selective, believed: Reliability | None
) -> Group:
    confidences = np.array([o.confidence for o in outcomes])
    right = np.array([o.right for o in outcomes], dtype=float)

    def statistic(key: str, label: str, value: Callable[[Selective], float]) -> Figure:
        interval = statistic_interval(
            lambda chosen: 100 * value(_curve(confidences[chosen], 1 - right[chosen])), len(outcomes), resamples=300
        )
        return Figure(key, label, interval, len(outcomes))

    return Group(
        "confidence",
        "Confianza",
        (
            statistic("coverage_at_90", "cobertura con 90 % de aciertos", lambda s: s.coverage_at_accuracy(0.9)),
            statistic("coverage_at_80", "cobertura con 80 % de aciertos", lambda s: s.coverage_at_accuracy(0.8)),
            statistic("right_at_half", "aciertos contestando la mitad", lambda s: 1 - s.curve.risk_at(0.5)),
            Figure("aurc", "área de riesgo y cobertura (AURC)", _hundred(selective.aurc), len(outcomes)),
            Figure("aurc_plain", "AURC del margen nulo de SQuAD", _hundred(plain.aurc), len(outcomes)),
            Figure("aurc_best", "AURC de una confianza perfecta", _exactly(100 * selective.best_aurc), len(outcomes)),
            Figure(
                "calibration_error",
                "error de calibración",
                _hundred(believed.error) if believed else None,
                len(outcomes),
            ),
            Figure("brier", "Brier", _exactly(100 * believed.brier) if believed else None, len(outcomes)),
        ),
    )


def _times(outcomes: Sequence[Outcome]) -> Group:
    seconds = [outcome.observation.seconds for outcome in outcomes]
    stages: tuple[tuple[str, str, Callable[[Seconds], float]], ...] = (
        ("search", "buscar", lambda s: s.search),
        ("read", "leer", lambda s: s.read),
        ("decide", "decidir", lambda s: s.decide),
        ("total", "en total", lambda s: s.total),
    )
    figures = [
        _percentile(key, label, [1000 * of(one) for one in seconds], percent)
        for key, label, of in stages
        for percent in (50, 95)
    ]
    return Group("milliseconds", "Tiempo por pregunta (ms)", tuple(figures))


def _percentile(key: str, label: str, values: Sequence[float], percent: int) -> Figure:
    array = np.array(values)
    interval = statistic_interval(
        lambda chosen: float(np.percentile(array[chosen], percent)), len(array), resamples=300
    )
    return Figure(f"{key}_p{percent}", f"{label}, p{percent}", interval, len(array))


def _selective(confidences: Sequence[float], right: Sequence[bool]) -> Selective:
    scores, losses = np.array(confidences), 1 - np.array(right, dtype=float)
    aurc = statistic_interval(lambda chosen: risk_coverage(scores[chosen], losses[chosen]).aurc, len(scores))
    return Selective(risk_coverage(scores, losses), aurc, best_aurc(losses))


def _curve(scores: Any, losses: Any) -> Selective:
    """A curve without the interval of its area, which resampling would make quadratic."""
    curve = risk_coverage(scores, losses)
    return Selective(curve, Interval(curve.aurc, curve.aurc, curve.aurc), 0.0)


def _share(key: str, label: str, verdicts: Sequence[bool]) -> Figure:
    return _mean(key, label, [100.0 * verdict for verdict in verdicts])


def _mean(key: str, label: str, values: Iterable[float]) -> Figure:
    listed = list(values)
    return Figure(key, label, mean_interval(listed) if listed else None, len(listed))


def _hundred(interval: Interval) -> Interval:
    return Interval(100 * interval.value, 100 * interval.low, 100 * interval.high)


def _exactly(value: float) -> Interval:
    return Interval(value, value, value)


def _figure_json(figure: Figure) -> dict[str, Any]:
    interval = figure.interval
    values = (interval.value, interval.low, interval.high) if interval else (None, None, None)
    safe = [value if value is not None and math.isfinite(value) else None for value in values]
    return {"value": safe[0], "low": safe[1], "high": safe[2], "of": figure.of}
