"""``describe``: what question files hold, and what they share."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reader.describe import Description, Overlap


def describe(
    files: Annotated[list[Path], typer.Argument(metavar="FICHERO…", help="Preguntas en formato SQuAD v1.1 o v2.0.")],
    examples: Annotated[
        int, typer.Option(metavar="N", help="Enseña los N primeros casos de cada cosa reparada o descartada.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")] = False,
) -> None:
    """Cuenta lo que hay en uno o varios ficheros de preguntas, y lo que comparten entre sí.

    Con dos o más ficheros comprueba la contaminación: preguntas, identificadores o textos que están en ambos.
    """
    from reader.describe import describe, overlap
    from reader.squad import read_squad

    sets = [read_squad(path) for path in files]
    descriptions = [describe(questions) for questions in sets]
    overlaps = [overlap(first, second) for first, second in combinations(sets, 2)]
    if as_json:
        typer.echo(json.dumps([*map(_as_json, descriptions), *map(asdict, overlaps)], ensure_ascii=False, indent=2))
        return
    pages = [*(_description(description, examples) for description in descriptions), *map(_overlap, overlaps)]
    typer.echo("\n\n".join(pages))


def _description(found: Description, examples: int) -> str:
    from reader.summary import aligned, number

    lines = found.report.lines()
    for kind in found.report.counts if examples else ():
        shown = [issue for issue in found.report.issues if issue.kind == kind][:examples]
        lines += [f"    {issue.question_id}: {issue.detail}" for issue in shown]
    share = 100 * found.impossible / max(1, found.questions)
    lines += [
        "",
        f"  {found.articles} artículos · {found.contexts} textos · {found.questions} preguntas "
        f"({found.impossible} sin respuesta, {number(share)} %) · {found.answers} respuestas",
        "",
    ]
    rows = [
        (f"  {name}", str(size.smallest), number(size.median), number(size.mean), number(size.p95), str(size.largest))
        for name, size in found.lengths.items()
    ]
    lines += aligned([("  palabras por", "mín.", "mediana", "media", "p95", "máx."), *rows])
    for title, counts in (("Tipo de respuesta", found.answer_types), *found.slices.items()):
        if counts:
            total = sum(counts.values())
            rows3 = [(f"  {name}", str(count), f"{number(100 * count / total)} %") for name, count in counts.items()]
            lines += ["", *aligned([(f"  {title}", "", ""), *rows3])]
    return "\n".join(lines)


def _overlap(found: Overlap) -> str:
    head = f"{found.first} y {found.second}:"
    if not found.contaminated:
        return f"{head} no comparten preguntas ni textos."
    return (
        f"{head} CONTAMINACIÓN\n  {found.ids} identificadores, {found.questions} preguntas y {found.contexts} textos "
        f"iguales; {found.near_contexts} textos casi iguales. Lo que se mida en uno no vale si se entrena con el otro."
    )


def _as_json(found: Description) -> dict[str, object]:
    values = asdict(found)
    values["report"] = {
        "path": found.report.path,
        "version": found.report.version,
        "total": found.report.total,
        "kept": found.report.kept,
        "issues": found.report.counts,
    }
    return values
