"""The conversation as Markdown, and where to write it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from assistant.console import one_line
from assistant.errors import AssistantProblem
from assistant.render import REASONS, missing_lines, rejected_line
from assistant.settings import APP_NAME
from assistant.tui.turns import Source, Turn, sources_of
from assistant.types import Abstention, Answer

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def to_markdown(turns: Iterable[Turn], folder: Path, when: datetime) -> str:
    """The answered turns, each quote inside its sentence with its citation."""
    parts = [
        "# Conversación con sus documentos",
        f"- Carpeta: {_escaped(str(folder))}\n- Fecha: {when:%d/%m/%Y %H:%M}",
    ]
    for turn in turns:
        parts.append(f"## {_escaped(turn.question)}")
        if turn.result is not None:
            parts += _result_parts(turn.result)
        elif turn.problem is not None:
            parts.append(f"No se pudo contestar: {_escaped(turn.problem.message)}")
        else:
            parts.append("Sin contestar.")
    return "\n\n".join(parts) + "\n"


def save(text: str, documents: Path, when: datetime) -> Path:
    """Write the export beside the person, under a name that is free. Never among the documents that are searched:
    the assistant must not come to cite its own conversations.

    Raises ``AssistantProblem`` where no folder can be written.
    """
    for folder in _folders():
        folder = folder.resolve()
        if folder.is_dir() and os.access(folder, os.W_OK) and not folder.is_relative_to(documents.resolve()):
            return _write(folder, f"conversacion-{when:%Y-%m-%d-%H%M}", text)
    raise AssistantProblem(
        "No hay ninguna carpeta donde guardar la conversación.",
        "Abra el programa desde una carpeta en la que pueda escribir.",
    )


def _folders() -> Iterable[Path]:
    """The working folder, the person's documents, their home; at last the program's own data folder."""
    from platformdirs import user_data_path, user_documents_path

    yield Path.cwd()
    yield user_documents_path()
    yield Path.home()
    own = user_data_path(APP_NAME, appauthor=False)
    own.mkdir(parents=True, exist_ok=True)
    yield own


def _write(folder: Path, stem: str, text: str) -> Path:
    number = 1
    while True:
        path = folder / (f"{stem}.md" if number == 1 else f"{stem}-{number}.md")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            return path
        except FileExistsError:
            number += 1


def _result_parts(result: Answer | Abstention) -> list[str]:
    sources = sources_of(result)
    if isinstance(result, Answer):
        best, *others = sources
        parts = [_quoted(best), f"Confianza: {result.confidence}."]
        return parts + (["También dicen los documentos:", *map(_quoted, others)] if others else [])
    missing = missing_lines(result.missing) if result.missing else []
    parts = [REASONS[result.reason], *map(_escaped, missing)]
    near = sources
    if result.best_rejected is not None:
        parts += [f"{rejected_line(result.best_rejected)}:", _quoted(sources[0])]
        near = sources[1:]
    return parts + (["Lo más cercano que hay:", *map(_quoted, near)] if near else [])


def _quoted(source: Source) -> str:
    if source.quote is None:
        words = _escaped(one_line(source.words).strip())
    else:
        before, words, after = (_escaped(one_line(part)) for part in source.quote.in_sentence)
        words = f"{before}**{words.strip()}**{after}".strip()
    return f"> {words}\n>\n> — {_escaped(source.citation)}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text))
