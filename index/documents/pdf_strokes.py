"""The straight lines drawn on a PDF page: the rules of tables and between columns."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

_MAX_OBJECTS, _MAX_POINTS = 20_000, 2_000  # of a page, of a path; beyond, it is a drawing
_MIN_LENGTH = 8.0  # points; shorter strokes are parts of drawings
_SAME = 3.0  # points: strokes this near are one line, drawn twice or by the cells on both its sides


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line, horizontal or vertical: it lies ``at`` a coordinate and runs between two others."""

    at: float
    start: float
    end: float


def strokes(page: Any) -> tuple[list[Stroke], list[Stroke]]:
    """The horizontal and the vertical lines of a page, sides of rectangles included."""
    across: list[Stroke] = []
    down: list[Stroke] = []
    for number, item in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3)):
        if number >= _MAX_OBJECTS:
            return [], []
        matrix = item.get_matrix()
        points = [matrix.on_point(x, y) for x, y in _points(item.raw)]
        for (x0, y0), (x1, y1) in pairwise(points):
            if abs(y0 - y1) < 1 and abs(x0 - x1) >= _MIN_LENGTH:
                across.append(Stroke((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x0 - x1) < 1 and abs(y0 - y1) >= _MIN_LENGTH:
                down.append(Stroke((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    return _merged(across), _merged(down)


def _points(raw: Any) -> Iterator[tuple[float, float]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(pdfium.FPDFPath_CountSegments(raw), _MAX_POINTS)):
        pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(raw, index), x, y)
        yield x.value, y.value


def _merged(found: Iterable[Stroke]) -> list[Stroke]:
    """Strokes with those that continue or repeat one another made one."""
    lines: list[list[Stroke]] = []
    for stroke in sorted(found, key=lambda s: s.at):
        if lines and stroke.at - lines[-1][0].at < _SAME:
            lines[-1].append(stroke)
        else:
            lines.append([stroke])
    merged: list[Stroke] = []
    for line in lines:
        start = end = None
        for stroke in sorted(line, key=lambda s: s.start):
            if start is not None and end is not None and stroke.start <= end + _SAME:
                end = max(end, stroke.end)
                continue
            if start is not None and end is not None:
                merged.append(Stroke(line[0].at, start, end))
            start, end = stroke.start, stroke.end
        if start is not None and end is not None:
            merged.append(Stroke(line[0].at, start, end))
    return merged
