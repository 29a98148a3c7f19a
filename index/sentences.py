"""Sentence bounds by one regular expression with the Spanish abbreviations that end no sentence."""

from __future__ import annotations

import re

# Written before a name or a number, so that a capital or a digit after their stop starts no sentence: "Sr. García",
# "art. 5", "J. Pérez", "EE. UU.". Not "etc." and its like, which a capital follows only where a sentence ends.
_BEFORE_NAME = (
    "sra?s?|srta|d|dña|dra?s?|profa?|lic|licda|ing|arq|gral|cnel|sto|sta|excm[oa]|ilm[oa]|fdo|avd?a?|av|ctra|pza|pl"
)
_BEFORE_NUMBER = (
    "págs?|pp|p|arts?|núms?|nro|n|nº|figs?|apdo|aptdo|caps?|vol|tít|secc?|párr|disp|ed|exp|expte|ref|cód|mod|reg|"
    "tel|telf|tfno|tlf|ext|aprox|máx|mín|admón|dp?to|cf|vs|ej|c"
)
_ABBREVIATION = re.compile(rf"\b(?:(?i:{_BEFORE_NAME}|{_BEFORE_NUMBER})|[A-ZÑÁÉÍÓÚ]|EE|UU|RR|HH|FF|AA|CC|OO|SS|MM)\.$")
_LONGEST = 8  # letters and stop of the longest abbreviation
_ENUMERATION = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zñ]|[ivxIVX]{1,5})\.[-–]?$")
_BOUND = re.compile(r"[.!?…]+[\"'»”’)\]]*(?=\s+[\"'«“‘(\[¿¡—–-]*[A-ZÁÉÍÓÚÜÑ0-9])|[.!?…]*\n+")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Offsets ``(start, end)`` of the sentences of ``text[start:end]``, without the white space between them.

    A newline ends a sentence, as it does in documents; the number of a list item stays with its first sentence.
    """
    end = len(text) if end is None else end
    found: list[tuple[int, int]] = []
    left = _skip_space(text, start, end)
    for match in _BOUND.finditer(text, start, end):
        stop = match.end()
        if stop <= left or ("\n" not in match.group() and _goes_on(text, left, stop)):
            continue
        found.append((left, left + len(text[left:stop].rstrip())))
        left = _skip_space(text, stop, end)
    if left < end:
        found.append((left, left + len(text[left:end].rstrip())))
    return found


def _goes_on(text: str, left: int, stop: int) -> bool:
    """Whether the sentence that begins at ``left`` goes on after the stop before ``stop``."""
    if _ABBREVIATION.search(text, max(left, stop - _LONGEST), stop):
        return True
    return stop - left <= _LONGEST and bool(_ENUMERATION.match(text, left, stop))


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start
