"""The two themes of the program. Terminals without colour need none: what matters is underlined too."""

from __future__ import annotations

from textual.theme import Theme

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
