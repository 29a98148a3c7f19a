"""The numbers that Word shows before headings and list items; the file holds only the rules to count them."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml.ns import qn

_PLACEHOLDER = re.compile(r"%(\d)")
_ROMAN = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)


class Numbering:
    """Counts list items in the order of the document (ECMA-376 part 1, section 17.9)."""

    def __init__(self, root: Any | None) -> None:
        self._abstract: dict[str, dict[int, tuple[str, str, int]]] = {}  # id: {level: (format, text, start)}
        self._lists: dict[str, str] = {}  # numId: abstractNumId
        self._counts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        for abstract in root.iter(qn("w:abstractNum")):
            levels = {int(level.get(qn("w:ilvl"), "0")): _level(level) for level in abstract.iter(qn("w:lvl"))}
            self._abstract[abstract.get(qn("w:abstractNumId"))] = levels
        for num in root.iter(qn("w:num")):
            self._lists[num.get(qn("w:numId"))] = value(num, "w:abstractNumId") or ""

    def next(self, list_id: str, level: int) -> str:
        """The label of the next item of a list, "" for a bullet or an unknown list."""
        abstract = self._lists.get(list_id, "")
        levels = self._abstract.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        number_format, text, _ = levels[level]
        if number_format in ("bullet", "none"):
            return ""

        def label(found: re.Match[str]) -> str:
            other = int(found[1]) - 1
            rule = levels.get(other, ("decimal", "", 1))
            return _show(counts.setdefault(other, rule[2]), rule[0])

        return _PLACEHOLDER.sub(label, text).strip()


def value(element: Any, child: str) -> str | None:
    """The w:val of a child element, None without one."""
    found = element.find(qn(child))
    return None if found is None else found.get(qn("w:val"))


def _level(level: Any) -> tuple[str, str, int]:
    start = value(level, "w:start") or "1"
    return value(level, "w:numFmt") or "decimal", value(level, "w:lvlText") or "", int(start) if start.isdigit() else 1


def _show(number: int, number_format: str) -> str:
    if number_format.endswith("Letter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if number_format.startswith("upper") else letters
    if number_format.endswith("Roman"):
        roman = ""
        for size, sign in _ROMAN:
            roman += sign * (number // size)
            number %= size
        return roman.upper() if number_format.startswith("upper") else roman
    return f"{number:02d}" if number_format == "decimalZero" else str(number)
