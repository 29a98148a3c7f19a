"""The first line of the screen: what the program is doing, and what it searches with which models."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant.console import one_line
from assistant.tui.session import Collection

LOADING = "Cargando modelos…"
READY = "Listo"


class StatusLine(Widget):
    """State on the left, facts on the right; where they do not all fit, the least needed go first."""

    state: reactive[str] = reactive(LOADING)
    collection: reactive[Collection | None] = reactive(None)

    def __init__(self, folder: Path) -> None:
        super().__init__(id="status")
        self._folder = _short(folder)

    def render(self) -> Content:
        mark, style = ("●", "$text-success") if self.state == READY else ("◌", "$text-warning")
        left = Content.assemble((f"{mark} {self.state}", style))
        room = self.content_size.width - left.cell_length - 3
        right = Content.assemble((next((f for f in self._facts() if len(f) <= room), ""), "$foreground-muted"))
        return left + Content(" " * (self.content_size.width - left.cell_length - right.cell_length)) + right

    def _facts(self) -> list[str]:
        """Ever shorter descriptions of what is searched."""
        if self.collection is None:
            return [self._folder, Path(self._folder).name]
        found = self.collection
        documents = f"{found.documents} documento" + ("s" if found.documents != 1 else "")
        passages = f"{found.passages} pasaje" + ("s" if found.passages != 1 else "")
        reader, encoder = (_model(name) for name in (found.reader, found.encoder))
        models = f"lector {reader} · buscador {encoder}"
        folder = Path(self._folder).name
        return [
            " · ".join((self._folder, documents, passages, models, found.device)),
            " · ".join((folder, documents, passages, models, found.device)),
            " · ".join((folder, documents, passages, f"lector {reader}", found.device)),
            " · ".join((folder, documents, f"lector {reader}", found.device)),
            " · ".join((folder, documents)),
            documents,
        ]


def _model(name: str) -> str:
    """A model's name; of a folder, its last part."""
    return one_line(name.rstrip("/").rpartition("/")[2] or name)


def _short(folder: Path) -> str:
    """The path with the home folder as «~»."""
    home = Path.home()
    inside = folder != home and folder.is_relative_to(home)
    return one_line(str(Path("~") / folder.relative_to(home) if inside else folder))
