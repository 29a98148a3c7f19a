"""What an indexing run did, for the person: counts first, then each file that needs attention, with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.console import one_line
from assistant.progress import duration
from index.changes import ChangeKind
from index.folder import FileOutcome
from index.summary import Summary

SHOWN = 20
"""Files listed of each kind; the rest are counted, and ``assistant status`` lists them all."""

_CHANGES: dict[ChangeKind, str] = {"new": "nuevo", "changed": "cambiado", "moved": "movido", "deleted": "borrado"}


def show(summary: Summary, *, rehearsal: bool = False) -> None:
    """Print the summary of a run, or with ``rehearsal`` of what a run would do."""
    if rehearsal:
        print("Ensayo: no se ha escrito nada.")
        for change in summary.changes:
            before = f" (antes {change.before})" if change.before else ""
            print(f"  {_CHANGES[change.kind]}: {one_line(change.path + before)}")
    print("Archivos: " + " · ".join(f"{number} {word}" for number, word in _counts(summary, rehearsal)))
    encoded = "" if rehearsal else f" ({summary.encoded} codificados ahora), en {duration(summary.seconds)}"
    print(f"Pasajes en el índice: {summary.passages}{encoded}")
    _list("Con fallo", summary.failed)
    _list("Con avisos", summary.warnings)
    _list("Omitidos", summary.skipped)
    for note in summary.notes:
        print(note)


def _counts(summary: Summary, rehearsal: bool) -> list[tuple[int, str]]:
    """The first two always; the others where there are any."""
    return [
        (summary.indexed, "para indexar" if rehearsal else "indexados"),
        (summary.unchanged, "sin cambios"),
        *(
            (number, word)
            for number, word in (
                (summary.moved, "movidos"),
                (summary.deleted, "borrados"),
                (len(summary.skipped), "omitidos"),
                (len(summary.failed), "con fallo"),
            )
            if number
        ),
    ]


def _list(title: str, outcomes: Sequence[FileOutcome]) -> None:
    if not outcomes:
        return
    print(f"{title}:")
    for outcome in outcomes[:SHOWN]:
        remedy = f" → {outcome.remedy}" if outcome.remedy else ""
        print(f"  {one_line(outcome.path)}: {one_line(outcome.reason)}{remedy}")
    if len(outcomes) > SHOWN:
        print(f"  … y {len(outcomes) - SHOWN} más: vea «assistant status».")
