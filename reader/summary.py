"""The evaluation as text for the terminal, in Spanish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reader.bootstrap import Comparison
from reader.evaluate import Evaluation


def number(value: float, digits: int = 1) -> str:
    """A figure as Spanish writes it: decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def figure(name: str, value: float) -> str:
    """A figure under its official name: thresholds with three decimals, counts with none."""
    return number(value, 0 if name.endswith("total") else 3 if name.endswith("thresh") else 2)


def text_report(evaluation: Evaluation) -> str:
    """Official figures with intervals, then what is known of abstaining, then the figures by parts."""
    lines = [
        f"{evaluation.model} · {evaluation.data} · umbral {number(evaluation.threshold, 3)} "
        f"({evaluation.threshold_source})",
        "",
        *aligned([("", "oficial", "intervalo 95 %", "en español"), *_figures(evaluation)]),
        "",
        *aligned(_abstaining(evaluation)),
    ]
    for title, parts in evaluation.slices.items():
        rows = [
            (part.name, str(part.total), number(part.exact.value), number(part.f1.value), number(part.answered))
            for part in parts
        ]
        lines += ["", *aligned([(title, "preguntas", "exact", "f1", "contesta"), *rows])]
    return "\n".join(lines)


def comparison_text(first: Evaluation, second: Evaluation, found: Mapping[str, Comparison]) -> str:
    """The two systems beside each other, with the interval of the difference and its p-value."""
    rows = [
        (
            name,
            number(result.a, 2),
            number(result.b, 2),
            f"{number(result.difference.value, 2)} ({_between(result.difference.low, result.difference.high)})",
            number(result.p_value, 4),
        )
        for name, result in found.items()
    ]
    head = [
        f"A: {first.model} · umbral {number(first.threshold, 3)} ({first.threshold_source})",
        f"B: {second.model} · umbral {number(second.threshold, 3)} ({second.threshold_source})",
        f"{len(first.outcomes)} preguntas; bootstrap pareado por preguntas",
        "",
    ]
    return "\n".join([*head, *aligned([("", "A", "B", "A - B (95 %)", "p"), *rows])])


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of cells as lines: the first column to the left, the rest to the right."""
    table = [list(row) for row in rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))] if table else []
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells)
        ).rstrip()
        for cells in (list(zip(row, widths, strict=True)) for row in table)
    ]


def _figures(evaluation: Evaluation) -> list[tuple[str, str, str, str]]:
    return [
        (
            name,
            figure(name, value),
            _between(interval.low, interval.high) if (interval := evaluation.intervals.get(name)) else "",
            figure(name, evaluation.spanish[name]),
        )
        for name, value in evaluation.figures.items()
    ]


def _abstaining(evaluation: Evaluation) -> list[tuple[str, str]]:
    rows = []
    selective = evaluation.selective
    if selective:
        interval = _between(100 * selective.aurc.low, 100 * selective.aurc.high)
        rows += [
            ("AURC (riesgo medio, %)", f"{number(100 * selective.aurc.value, 2)} ({interval})"),
            ("AURC con una confianza perfecta", number(100 * selective.best_aurc, 2)),
            ("cobertura con 80 % de aciertos", f"{number(100 * selective.coverage_at_accuracy(0.8))} %"),
            ("cobertura con 90 % de aciertos", f"{number(100 * selective.coverage_at_accuracy(0.9))} %"),
        ]
    if evaluation.forced:
        forced = f"{number(evaluation.forced.exact)} / {number(evaluation.forced.f1)}"
        rows.append(("HasAns exact / f1 sin poder callar", forced))
    if evaluation.sentence_accuracy is not None:
        rows.append(("en la frase correcta", f"{number(evaluation.sentence_accuracy)} %"))
    if evaluation.floor_accuracy is not None:
        rows.append(("  suelo léxico", f"{number(evaluation.floor_accuracy)} %"))
    return rows


def _between(low: float, high: float) -> str:
    return f"{number(low)} – {number(high)}"
