"""Sentence bounds by one regular expression with the Spanish abbreviations that end no sentence."""

from __future__ import annotations

import re

# "Sr. García", "n.º 114", "J. Pérez", "art. 5": the stop ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:(?i:sra?s?|srta|dra?|dña|prof|lic|ing|arq|gral|excm[oa]|ilm[oa]|págs?|pp|arts?|núms?|nº|fig|ed|etc|ej|"
    r"avd?a?|ctra|pza|tel[fs]?|ext|aprox|máx|mín|dp?to|admón|ltda|cía|vs|cf|ss|apdo|cap|vol|min|hab)|[A-ZÑÁÉÍÓÚ]|[dp])"
    r"|n|\b(?:EE|UU|RR|HH))\.$"
)
_BOUND = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s+[\"'«“‘(\[¿¡—–-]*[A-ZÁÉÍÓÚÜÑ0-9])|[.!?…]*\n+")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Offsets ``(start, end)`` of the sentences of ``text[start:end]``, without the white space between them."""
    end = len(text) if end is None else end
    bounds = [start]
    for match in _BOUND.finditer(text, start, end):
        stop = match.end()
        if "\n" not in match.group() and _ABBREVIATION.search(text, max(start, stop - 12), stop):
            continue
        bounds.append(stop)
    bounds.append(end)
    found = []
    for first, last in zip(bounds, bounds[1:], strict=False):
        piece = text[first:last]
        left = first + len(piece) - len(piece.lstrip())
        right = first + len(piece.rstrip())
        if left < right:
            found.append((left, right))
    return found
