"""The evaluation as one HTML file: figures, plots, and the worst mistakes in their context. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from reader.evaluate import RIGHT, Evaluation, Outcome, Selective, Slice
from reader.html import LEGEND, excerpt, page, table
from reader.plots import Bar, Line, bar_plot, histogram, line_plot
from reader.summary import figure, number

_MISTAKES = 12  # of each kind


def html_report(evaluation: Evaluation) -> str:
    """One self-contained page in Spanish."""
    title = f"Evaluación de {evaluation.model}"
    sections = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(evaluation.data)} · {len(evaluation.outcomes)} preguntas · "
        f"umbral {number(evaluation.threshold, 3)} ({escape(evaluation.threshold_source)})</p>",
        _figures(evaluation),
        _selective(evaluation.selective, evaluation) if evaluation.selective else "",
        _slices(evaluation.slices),
        _mistakes(evaluation.outcomes),
    ]
    return page(title, sections)


def _figures(evaluation: Evaluation) -> str:
    rows = []
    for name, value in evaluation.figures.items():
        interval = evaluation.intervals.get(name)
        between = f"{number(interval.low)} – {number(interval.high)}" if interval else ""
        rows.append((name, figure(name, value), between, figure(name, evaluation.spanish[name])))
    notes = [
        "Los nombres y las cifras son los oficiales de SQuAD 2.0, en tanto por ciento; la última columna usa la "
        "normalización española de MLQA. El intervalo es del 95 % (bootstrap por preguntas).",
        "best_exact y best_f1 eligen su umbral con estas mismas preguntas: son optimistas.",
    ]
    if evaluation.forced:
        notes.append(
            f"Sin poder callar: HasAns exact {number(evaluation.forced.exact)}, f1 {number(evaluation.forced.f1)}."
        )
    if evaluation.sentence_accuracy is not None:
        notes.append(
            f"La respuesta está en la frase correcta en el {number(evaluation.sentence_accuracy)} % de los casos."
        )
    if evaluation.floor_accuracy is not None:
        notes.append(
            f"Suelo: la frase con más palabras de la pregunta lo es en el {number(evaluation.floor_accuracy)} %."
        )
    figures = table(("Cifra", "Oficial", "Intervalo", "En español"), rows)
    return f"<h2>Cifras</h2>{figures}<p class=note>{'<br>'.join(map(escape, notes))}</p>"


def _selective(selective: Selective, evaluation: Evaluation) -> str:
    curve = selective.curve
    risk = line_plot(
        [
            Line(evaluation.model, 100 * curve.coverage, 100 * curve.risk),
            Line("sin criterio", [0, 100], [100 * curve.risk[-1]] * 2, dashed=True),
        ],
        "cobertura (% contestado)",
        "riesgo (% mal contestado)",
        (0, 100),
        (0, 100),
    )
    margins = histogram(
        [
            ("acierta", [o.prediction.margin for o in evaluation.outcomes if o.right]),
            ("se equivoca", [o.prediction.margin for o in evaluation.outcomes if not o.right and o.question.answers]),
            ("no hay respuesta", [o.prediction.margin for o in evaluation.outcomes if o.question.is_impossible]),
        ],
        "margen sobre «sin respuesta»",
        "% del grupo",
        mark=evaluation.threshold,
    )
    f1 = _f1_by_threshold(evaluation)
    gains = table(
        ("Al contestar solo lo más seguro", ""),
        [
            ("Área bajo la curva (AURC)", f"{number(100 * selective.aurc.value, 2)} %"),
            ("  intervalo", f"{number(100 * selective.aurc.low, 1)} – {number(100 * selective.aurc.high, 1)}"),
            ("  con una confianza perfecta", f"{number(100 * selective.best_aurc, 2)} %"),
            ("Cobertura con 80 % de aciertos", f"{number(100 * selective.coverage_at_accuracy(0.8))} %"),
            ("Cobertura con 90 % de aciertos", f"{number(100 * selective.coverage_at_accuracy(0.9))} %"),
        ],
    )
    figures = [
        (risk, "Riesgo según cuánto se contesta: cuanto más baja la curva, mejor sabe callar."),
        (margins, "Reparto del margen; la línea de trazos es el umbral."),
        (f1, "F1 según el umbral; elegir aquí el mejor sería medir lo que se ajusta."),
    ]
    plots = "".join(f"<figure>{plot}<figcaption>{escape(text)}</figcaption></figure>" for plot, text in figures if plot)
    note = f"Acierto: F1 en español de {number(RIGHT)} o más."
    return f"<h2>Saber callar</h2><p class=note>{note}</p>{gains}<div class=plots>{plots}</div>"


def _f1_by_threshold(evaluation: Evaluation) -> str:
    outcomes = [o for o in evaluation.outcomes if np.isfinite(o.prediction.margin)]
    order = np.argsort([-o.prediction.margin for o in outcomes])
    margins = np.array([outcomes[i].prediction.margin for i in order])
    gains = np.array([outcomes[i].span.f1 - outcomes[i].question.is_impossible for i in order])
    silent = sum(o.question.is_impossible for o in evaluation.outcomes)
    f1 = 100 * (silent + np.cumsum(gains)) / len(evaluation.outcomes)
    low, high = float(margins[-1]), float(margins[0])
    if low == high:
        return ""
    lines = [Line("F1", margins[::-1], f1[::-1])]
    if low <= evaluation.threshold <= high:
        lines.append(Line("umbral usado", [evaluation.threshold] * 2, [0, 100], dashed=True))
    return line_plot(lines, "umbral del margen", "F1", (low, high), (0, 100))


def _slices(slices: dict[str, tuple[Slice, ...]]) -> str:
    plots = "".join(
        f"<figure>{bar_plot([_bar(part) for part in parts], 'F1')}<figcaption>{escape(title)}</figcaption></figure>"
        for title, parts in slices.items()
    )
    note = "<p class=note>F1 oficial, con su intervalo y el número de preguntas.</p>"
    return f"<h2>Por partes</h2>{note}<div class=plots>{plots}</div>"


def _bar(part: Slice) -> Bar:
    return Bar(part.name, part.f1.value, part.f1.low, part.f1.high, f"{number(part.f1.value)} ({part.total})")


def _mistakes(outcomes: Sequence[Outcome]) -> str:
    kinds: list[tuple[str, Callable[[Outcome], bool], bool]] = [
        ("Contestó mal", lambda o: o.answered and bool(o.question.answers) and o.f1 < RIGHT, True),
        ("Contestó lo que el texto no dice", lambda o: o.answered and o.question.is_impossible, True),
        ("Calló y el texto lo decía", lambda o: not o.answered and bool(o.question.answers), False),
    ]
    sections = []
    for title, belongs, surest_first in kinds:
        found = [outcome for outcome in outcomes if belongs(outcome)]
        found.sort(key=lambda o: o.prediction.margin, reverse=surest_first)
        if found:
            shown = "".join(map(_mistake, found[:_MISTAKES]))
            sections.append(f"<h3>{title} ({len(found)} de {len(outcomes)})</h3>{shown}")
    if not sections:
        return ""
    note = f"<p class=note>Primero aquellos de los que más segura estaba. {LEGEND}</p>"
    return f"<h2>Los peores errores</h2>{note}{''.join(sections)}"


def _mistake(outcome: Outcome) -> str:
    question, prediction = outcome.question, outcome.prediction
    golds = sorted({answer.text for answer in question.answers}) or ["(sin respuesta)"]
    said = prediction.text if prediction.text else "(nada)"
    head = f"{question.title} · " if question.title else ""
    return (
        f"<article><strong>{escape(question.question)}</strong>"
        f"<div>Correcta: {escape(' / '.join(golds))}<br>Mejor candidata: {escape(said)} "
        f"<span class=note>(margen {number(prediction.margin, 2)})</span></div>"
        f"<p>{marked_context(outcome)}</p><div class=note>{escape(head + question.id)}</div></article>"
    )


def marked_context(outcome: Outcome) -> str:
    """The context as HTML, cut around the gold and the predicted spans, each marked."""
    said = (outcome.prediction.start, outcome.prediction.end)
    return excerpt(
        outcome.question.context, [(answer.start, answer.end) for answer in outcome.question.answers], [said]
    )
