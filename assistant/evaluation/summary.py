"""The evaluation as text for the terminal, in Spanish."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evaluation.figures import Evaluation, Figure, Setup, VariantFigure
from assistant.evaluation.gold import FolderQuestions
from reader.summary import aligned, number


def text_report(evaluation: Evaluation) -> str:
    """Every figure with its 95 % interval and the number of questions it is measured on."""
    lines = [*setup_lines(evaluation.setup), *question_lines(evaluation.questions)]
    for group in evaluation.groups:
        rows = [(figure.label, *figure_cells(figure)) for figure in group.figures]
        lines += ["", *aligned([(group.title, "", "intervalo 95 %", "preguntas"), *rows])]
    if evaluation.variants:
        lines += ["", *aligned(variant_rows(evaluation.variants))]
    return "\n".join(lines)


def setup_lines(setup: Setup) -> list[str]:
    """What was measured."""
    return [
        f"Carpeta: {setup.folder} ({setup.documents} documentos, {setup.passages} pasajes)",
        f"Lector {setup.reader} · codificador {setup.encoder} · {setup.k} pasajes por pregunta",
        f"Contesta con {setup.rule}",
    ]


def question_lines(questions: FolderQuestions) -> list[str]:
    """How many questions, and how many were set apart and why."""
    answerable = sum(asked.answerable for asked in questions.questions)
    lines = [f"{questions.path}: {len(questions.questions)} preguntas, {answerable} con respuesta en la carpeta"]
    if questions.foreign:
        lines.append(f"  {questions.foreign} son de documentos que no están en la carpeta: lo correcto es callar")
    if questions.lost:
        lines.append(f"  {questions.lost} más se dejan fuera: su respuesta no se encuentra en su documento")
    return lines


def figure_cells(figure: Figure) -> tuple[str, str, str]:
    """Value, interval and number of questions, as text."""
    interval = figure.interval
    if interval is None:
        return "—", "", str(figure.of)
    digits = 3 if figure.key == "mrr" else 1
    between = (
        f"{number(interval.low, digits)} – {number(interval.high, digits)}" if interval.low < interval.high else ""
    )
    return number(interval.value, digits), between, str(figure.of)


def variant_rows(variants: Sequence[VariantFigure]) -> list[tuple[str, ...]]:
    """The table of the ways of typing a question, with its heading."""
    rows = [
        (
            one.name,
            number(one.f1),
            number(one.fall.value),
            f"{number(one.fall.low)} – {number(one.fall.high)}",
            number(one.forced_fall.value) if one.forced_fall else "—",
            number(one.answered),
        )
        for one in variants
    ]
    return [("Otra forma de escribir", "F1", "caída", "intervalo 95 %", "caída sin callar", "contesta"), *rows]
