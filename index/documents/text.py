"""Canonical characters: NFC, one space between words, nothing invisible."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
# Symbol and Wingdings bullets, which Word and PDF producers put in the private use area.
_BULLETS = dict.fromkeys((0xF0A7, 0xF0B7, 0xF0D8, 0xF0FC, 0xF076, 0xF02D), "•")
_FOLDED = {chr(code): text for code, text in (_LIGATURES | _BULLETS | {0: " "}).items()}
# What is folded, and what cannot be seen: control and format characters (soft hyphen, zero width, bidi marks, BOM,
# tags), lone surrogates, non-characters. What str.split() takes for white space is left to it.
_SPECIAL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufb00-\ufb06\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f" + "".join(map(chr, _BULLETS)) + "]"
)
_MARKER = re.compile(r"[•●▪■◆◦○‣⁃►▶➢✓·*–—-]\s+")
# No "D. Juan", "A. Machado": a letter with a full stop is an initial more often than an item.
_NUMBERED = re.compile(r"(?:\d{1,3}[.)]|[a-zñ]\)|[ivx]{1,5}\))-?\s+\S", re.IGNORECASE)


def clean(text: str) -> str:
    """The text on one line: NFC, ligatures folded, invisible characters gone, white space collapsed.

    >>> clean("o\\ufb01cina  de\\nAtencio\\u0301n")
    'oficina de Atención'
    """
    if not (text.isascii() and text.isprintable()):
        text = _SPECIAL.sub(_fold, text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _fold(found: re.Match[str]) -> str:
    return _FOLDED.get(found[0], "")


def printable(name: str) -> str:
    """A file name as it may be shown: hostile names hold newlines, bidi marks or undecodable bytes."""
    return clean(name) or "(sin nombre)"


def is_list_item(text: str) -> bool:
    """Whether a line starts with a bullet or an item number."""
    return bool(_MARKER.match(text) or _NUMBERED.match(text))


def starts_item(text: str, above: str) -> bool:
    """Whether a line is a list item and not the paragraph ``above`` going on: "…el día" / "12. De este modo…"."""
    return bool(_MARKER.match(text) or (_NUMBERED.match(text) and above.endswith((".", ",", ":", ";", "?", "!"))))


def without_bullet(text: str) -> str:
    """The line without its bullet. Item numbers stay: people ask for "step 3"."""
    return _MARKER.sub("", text, count=1)
