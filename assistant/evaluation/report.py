"""The evaluation as one HTML file: figures, plots, and the worst errors in their documents. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from assistant.citing import citation
from assistant.evaluation.figures import Evaluation, Group
from assistant.evaluation.outcomes import Outcome
from assistant.evaluation.reliability import Reliability
from assistant.evaluation.summary import figure_cells, question_lines, setup_lines, variant_rows
from assistant.types import Quote
from index.types import Searcher
from reader.html import LEGEND, excerpt, page, table
from reader.plots import Line, histogram, line_plot
from reader.summary import number

_MISTAKES = 10  # of each kind


def html_report(evaluation: Evaluation, searcher: Searcher) -> str:
    """One self-contained page in Spanish. ``searcher`` gives the documents that errors are shown in."""
    title = "Evaluación de extremo a extremo"
    head = [*setup_lines(evaluation.setup), *question_lines(evaluation.questions)]
    sections = [
        f"<h1>{title}</h1>",
        f"<p>{'<br>'.join(escape(line.strip()) for line in head)}</p>",
        "<h2>Cifras</h2><p class=note>En tanto por ciento, con su intervalo del 95 % (bootstrap por preguntas).</p>",
        *(_group(group) for group in evaluation.groups),
        _plots(evaluation),
        _variants(evaluation),
        _mistakes(evaluation.outcomes, searcher),
    ]
    return page(title, sections)


def _group(group: Group) -> str:
    rows = [(figure.label, *figure_cells(figure)) for figure in group.figures]
    note = f"<p class=note>{escape(group.note)}</p>" if group.note else ""
    return table((group.title, "", "intervalo", "preguntas"), rows) + note


def _plots(evaluation: Evaluation) -> str:
    figures = [(_risk(evaluation), "Riesgo según cuánto se contesta: cuanto más baja la curva, mejor sabe callar.")]
    if evaluation.reliability:
        figures.append(
            (_reliability_plot(evaluation.reliability), "Lo que dice y lo que acierta: lo perfecto es la diagonal.")
        )
    figures.append((_spread(evaluation), "Reparto de la confianza de la mejor respuesta hallada."))
    plots = "".join(f"<figure>{plot}<figcaption>{escape(text)}</figcaption></figure>" for plot, text in figures if plot)
    return f"<h2>Saber callar</h2><div class=plots>{plots}</div>"


def _risk(evaluation: Evaluation) -> str:
    chosen, plain = evaluation.selective.curve, evaluation.plain.curve
    return line_plot(
        [
            Line("este asistente", 100 * chosen.coverage, 100 * chosen.risk),
            Line("margen nulo de SQuAD", 100 * plain.coverage, 100 * plain.risk, dashed=True),
        ],
        "cobertura (% contestado)",
        "riesgo (% mal contestado)",
        (0, 100),
        (0, 100),
    )


def _reliability_plot(found: Reliability) -> str:
    return line_plot(
        [
            Line("medido", [100 * one.predicted for one in found.bins], [100 * one.right for one in found.bins]),
            Line("perfecto", [0, 100], [0, 100], dashed=True),
        ],
        "probabilidad que dice (%)",
        "aciertos (%)",
        (0, 100),
        (0, 100),
    )


def _spread(evaluation: Evaluation) -> str:
    outcomes = [outcome for outcome in evaluation.outcomes if outcome.quote]
    return histogram(
        [
            ("acierta", [o.confidence for o in outcomes if o.right]),
            ("se equivoca", [o.confidence for o in outcomes if not o.right and o.answerable]),
            ("no hay respuesta", [o.confidence for o in outcomes if not o.answerable]),
        ],
        "confianza",
        "% del grupo",
    )


def _variants(evaluation: Evaluation) -> str:
    if not evaluation.variants:
        return ""
    head, *rows = variant_rows(evaluation.variants)
    examples = [(*row, one.example) for row, one in zip(rows, evaluation.variants, strict=True)]
    return f"<h2>La misma pregunta, escrita de otra forma</h2>{table((*head, 'ejemplo'), examples)}"


def _mistakes(outcomes: Sequence[Outcome], searcher: Searcher) -> str:
    kinds: list[tuple[str, Callable[[Outcome], bool]]] = [
        ("Contestó mal", lambda o: o.answered and o.answerable and not o.right),
        ("Contestó lo que la carpeta no dice", lambda o: o.answered and not o.answerable),
        ("Calló teniendo la respuesta", lambda o: not o.answered and o.right),
        ("No encontró el pasaje", lambda o: o.observation.ranks is not None and not o.observation.ranks.hybrid),
    ]
    sections = []
    for title, belongs in kinds:
        found = sorted(filter(belongs, outcomes), key=lambda o: -o.confidence)
        if found:
            shown = "".join(_mistake(outcome, searcher) for outcome in found[:_MISTAKES])
            sections.append(f"<h3>{title} ({len(found)} de {len(outcomes)})</h3>{shown}")
    if not sections:
        return ""
    note = f"<p class=note>Primero aquellos de los que más segura estaba. {LEGEND}</p>"
    return f"<h2>Los peores errores</h2>{note}{''.join(sections)}"


def _mistake(outcome: Outcome, searcher: Searcher) -> str:
    asked, quote = outcome.observation.asked, outcome.quote
    golds = sorted({answer.text for answer in outcome.question.answers}) or ["(la carpeta no lo dice)"]
    parts = [f"<article><strong>{escape(outcome.question.question)}</strong>"]
    said = f"{escape(quote.text)} <span class=note>({_sure(quote)})</span>" if quote else "(nada)"
    parts.append(f"<div>Correcta: {escape(' / '.join(golds))}<br>Mejor candidata: {said}</div>")
    in_gold = quote is not None and quote.document == asked.document
    if asked.answerable and asked.document:
        shown = [(quote.start, quote.end)] if quote and in_gold else []
        parts.append(_place(searcher, asked.document, asked.spans, shown, ""))
    if quote and not (in_gold and asked.answerable):
        parts.append(_place(searcher, quote.document, [], [(quote.start, quote.end)], _cited(quote)))
    parts.append(f"<div class=note>{escape(outcome.question.id)}</div></article>")
    return "".join(parts)


def _place(
    searcher: Searcher,
    path: str,
    gold: Sequence[tuple[int, int]],
    said: Sequence[tuple[int, int]],
    cited: str,
) -> str:
    return f"<div class=note>{escape(cited or path)}</div><p>{excerpt(searcher.document(path).text, gold, said)}</p>"


def _cited(quote: Quote) -> str:
    return citation(quote.document, quote.place, quote.headings)


def _sure(quote: Quote) -> str:
    if quote.probability is None:
        return f"margen {number(quote.margin, 2)}"
    return f"probabilidad {number(100 * quote.probability, 0)} %, margen {number(quote.margin, 2)}"
