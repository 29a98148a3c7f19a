"""The application: themes, the command palette and the help, around the one screen of the chat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from assistant.places import Location
from assistant.settings import Settings
from assistant.tui.screens.chat import ChatScreen
from assistant.tui.session import Session
from assistant.tui.themes import DARK, LIGHT, THEMES, theme_named


class ChatApp(App[None]):
    """The chat over the index of ``location``. ``session`` stands in for the real one in tests."""

    TITLE = "Asistente de documentos"
    CSS_PATH = "chat.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Ayuda", id="help", tooltip="Ayuda sobre lo que está haciendo"),
        Binding("ctrl+p", "command_palette", "Órdenes", priority=True, id="palette", tooltip="Buscar una orden"),
        Binding("ctrl+q", "quit", "Salir", priority=True, id="quit", tooltip="Salir del programa"),
        Binding("ctrl+t", "toggle_theme", "Tema", show=False, id="theme", tooltip="Tema claro u oscuro"),
    ]

    def __init__(
        self, location: Location, settings: Settings, *, encoder: str | None = None, session: Session | None = None
    ) -> None:
        super().__init__()
        self.session = session or Session(location, settings, encoder=encoder)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_named(settings.theme)
        self.set_keymap(dict(settings.keymap))

    def get_default_screen(self) -> ChatScreen:
        return ChatScreen(self.session)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action, in Spanish, with its key in the description."""
        if isinstance(screen, ChatScreen):
            yield SystemCommand("Ver la fuente", "La cita dentro de su documento (F2)", screen.action_evidence)
            yield SystemCommand("Otras respuestas", "Verlas u ocultarlas (F3)", screen.action_alternatives)
            yield SystemCommand("Copiar la cita", "Las palabras y su procedencia (F4)", screen.action_copy)
            yield SystemCommand("Abrir el documento", "Con su programa habitual (F5)", screen.action_open)
            yield SystemCommand("Cita anterior", "Ctrl+↑", lambda: screen.action_move(-1))
            yield SystemCommand("Cita siguiente", "Ctrl+↓", lambda: screen.action_move(1))
            yield SystemCommand("Guardar la conversación", "En un archivo Markdown (Ctrl+S)", screen.action_export)
            yield SystemCommand("Conversación nueva", "Empezar de cero (Ctrl+L)", screen.action_new)
            yield SystemCommand("Cancelar", "Lo que se está contestando (Esc)", screen.action_cancel)
        yield SystemCommand("Ayuda", "Qué se puede hacer y con qué teclas (F1)", self.action_help)
        yield SystemCommand("Tema claro u oscuro", "Cambiar de uno a otro (Ctrl+T)", self.action_toggle_theme)
        yield SystemCommand("Elegir otro tema", "Entre todos los que hay", self.search_themes)
        yield SystemCommand("Salir", "Cerrar el programa (Ctrl+Q)", self.action_quit)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="Buscar una orden…", id="--command-palette"))

    def search_themes(self) -> None:
        self.search_commands(
            [(name, lambda name=name: self._set_theme(name)) for name in sorted(self.available_themes)],
            placeholder="Buscar un tema…",
        )

    def action_help(self) -> None:
        # Imported when asked for: Markdown is not needed to begin with.
        from assistant.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            focused = self.screen.focused
            self.push_screen(HelpScreen(focused.id if focused else None))

    def action_help_quit(self) -> None:
        """Ctrl+C where there is nothing to copy: tell how to leave."""
        self.notify("Para salir, pulse Ctrl+Q.")

    def action_toggle_theme(self) -> None:
        self.theme = LIGHT if self.current_theme.dark else DARK

    def _set_theme(self, name: str) -> None:
        self.theme = name
