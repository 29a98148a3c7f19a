"""The evaluation as one HTML file: figures, plots, and the worst mistakes in their context. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import pairwise

import numpy as np

from reader.evaluate import RIGHT, Evaluation, Outcome, Selective, Slice
from reader.plots import STYLE, Bar, Line, bar_plot, histogram, line_plot
from reader.summary import figure, number

_MISTAKES = 12  # of each kind
_AROUND = 240  # characters of context shown on each side of what is marked

_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }} th, td {{ padding: .25rem .8rem; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }} tr {{ border-bottom: 1px solid #8884; }}
.plots {{ display: flex; flex-wrap: wrap; gap: 1.5rem; }} .plots figure {{ margin: 0; flex: 1 1 26rem; }}
figcaption, .note {{ font-size: .9rem; opacity: .8; }}
article {{ border-left: 3px solid #8886; padding-left: 1rem; margin: 1.2rem 0; }}
article p {{ white-space: pre-line; }}
mark {{ border-radius: 3px; padding: 0 .15em; color: inherit; }} mark.gold {{ background: #2e9e6255; }}
mark.said {{ background: #d9482b55; }} mark.both {{ background: #2a6fdb55; }}
{style}</style></head><body>
{body}
</body></html>
"""


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
    return _PAGE.format(title=escape(title), style=STYLE, body="\n".join(filter(None, sections)))


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
    table = _table(("Cifra", "Oficial", "Intervalo", "En español"), rows)
    return f"<h2>Cifras</h2>{table}<p class=note>{'<br>'.join(map(escape, notes))}</p>"


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
    table = _table(
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
    return f"<h2>Saber callar</h2><p class=note>{note}</p>{table}<div class=plots>{plots}</div>"


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
    legend = "<mark class=gold>correcta</mark> <mark class=said>contestada</mark> <mark class=both>ambas</mark>"
    note = f"<p class=note>Primero aquellos de los que más segura estaba. {legend}</p>"
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
    context, prediction = outcome.question.context, outcome.prediction
    gold, said = np.zeros(len(context), bool), np.zeros(len(context), bool)
    for answer in outcome.question.answers:
        gold[answer.start : answer.end] = True
    said[prediction.start : prediction.end] = True
    kinds = gold + 2 * said
    places = np.flatnonzero(kinds)
    first, last = (int(places[0]), int(places[-1])) if len(places) else (0, 0)
    start, end = max(0, first - _AROUND), min(len(context), last + _AROUND)
    edges = [start, *(int(i) for i in np.flatnonzero(np.diff(kinds[start:end])) + start + 1), end]
    pieces = "".join(_piece(context[a:b], int(kinds[a])) for a, b in pairwise(edges) if a < b)
    return f"{'… ' if start else ''}{pieces}{' …' if end < len(context) else ''}"


def _piece(text: str, kind: int) -> str:
    return f"<mark class={('gold', 'said', 'both')[kind - 1]}>{escape(text)}</mark>" if kind else escape(text)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
