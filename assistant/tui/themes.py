"""The two themes of the program. Terminals without colour need none: what matters is underlined too."""

from __future__ import annotations

import os

from textual.theme import BUILTIN_THEMES, Theme

DARK, LIGHT = "noche", "papel"

THEMES = (
    Theme(
        name=DARK,
        primary="#7aa2f7",
        secondary="#565f89",
        accent="#7dcfff",
        warning="#e0af68",
        error="#f7768e",
        success="#9ece6a",
        foreground="#d5d9f0",
        background="#16161e",
        surface="#1a1b26",
        panel="#24283b",
    ),
    Theme(
        name=LIGHT,
        primary="#1f5fa8",
        secondary="#6b7280",
        accent="#0b6e75",
        warning="#9a5b00",
        error="#b3261e",
        success="#2e6b2e",
        foreground="#1f2328",
        background="#fbfaf6",
        surface="#f3f1ea",
        panel="#e6e3d8",
        dark=False,
    ),
)


def names() -> list[str]:
    """Every theme that can be named in the settings: ours and Textual's."""
    return [theme.name for theme in THEMES] + sorted(BUILTIN_THEMES)


def theme_named(name: str) -> str:
    """The theme that a setting means: «claro», «oscuro», «auto» (as the terminal says that it is) or its own name."""
    if name == "auto":
        return LIGHT if _light_terminal() else DARK
    return {"claro": LIGHT, "oscuro": DARK}.get(name, name)


def _light_terminal() -> bool:
    """As ``COLORFGBG`` tells (Konsole, rxvt, iTerm2 and others set it): the last number is the background's."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
