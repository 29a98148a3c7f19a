"""Small plots as inline SVG text: no plotting library, no file beside the report, readable in light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 520, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 30, 44
_MAX_POINTS = 400  # of a curve: more cannot be seen, and would make the file heavy

STYLE = """
svg.plot { width: 100%; max-width: 560px; height: auto; font: 12px system-ui, sans-serif; }
svg.plot text { fill: currentColor; } svg.plot .grid { stroke: currentColor; stroke-opacity: .15; }
svg.plot .s0 { --c: #2a6fdb; } svg.plot .s1 { --c: #d9822b; } svg.plot .s2 { --c: #2e9e62; }
svg.plot .s3 { --c: #8a8f98; }
svg.plot .line { fill: none; stroke: var(--c); stroke-width: 2; } svg.plot .bar { fill: var(--c); fill-opacity: .75; }
svg.plot .dash { stroke-dasharray: 5 4; } svg.plot .whisker { stroke: currentColor; stroke-width: 1.5; }
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its points in data units, from left to right."""

    name: str
    x: Sequence[float] | NDArray[np.float64]
    y: Sequence[float] | NDArray[np.float64]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar, with its interval."""

    name: str
    value: float
    low: float
    high: float
    note: str = ""


def line_plot(
    lines: Sequence[Line], x_label: str, y_label: str, x_range: tuple[float, float], y_range: tuple[float, float]
) -> str:
    """Curves over two linear axes, with a legend where there is more than one."""
    frame = _Frame(x_range, y_range)
    parts = [*frame.axes(x_label, y_label)]
    for number, line in enumerate(lines):
        keep = _thinned(len(line.x))
        points = " ".join(f"{frame.x(line.x[i]):.1f},{frame.y(line.y[i]):.1f}" for i in keep)
        dash = " dash" if line.dashed else ""
        parts.append(f'<polyline class="line s{number}{dash}" points="{points}"/>')
    return _svg(HEIGHT, [*parts, *_legend([line.name for line in lines])])


def histogram(
    groups: Sequence[tuple[str, Sequence[float]]],
    x_label: str,
    y_label: str,
    *,
    bins: int = 24,
    mark: float | None = None,
) -> str:
    """How each group of values is spread, as shares of the group; ``mark`` is drawn as an upright line."""
    values = np.concatenate([np.asarray(group, dtype=np.float64) for _, group in groups])
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    low, high = np.quantile(values, [0.005, 0.995])
    high = high if high > low else low + 1.0
    edges = np.linspace(low, high, bins + 1)
    # What lies outside is counted at the ends, so that each group adds up to all of it.
    shares = [
        np.histogram(np.clip(np.asarray(group, dtype=np.float64), low, high), edges)[0] / max(1, len(group))
        for _, group in groups
    ]
    frame = _Frame((float(low), float(high)), (0.0, 100 * float(max(share.max() for share in shares)) or 1.0))
    parts = [*frame.axes(x_label, y_label)]
    for number, share in enumerate(shares):
        corners = [(edges[0], 0.0)]
        for i, height in enumerate(share):
            corners += [(edges[i], 100 * height), (edges[i + 1], 100 * height)]
        points = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in [*corners, (edges[-1], 0.0)])
        parts.append(f'<polyline class="line s{number}" points="{points}"/>')
    if mark is not None and low <= mark <= high:
        parts.append(_segment(frame.x(mark), _TOP, frame.x(mark), HEIGHT - _BOTTOM, "whisker dash"))
    return _svg(HEIGHT, [*parts, *_legend([name for name, _ in groups])])


def bar_plot(bars: Sequence[Bar], label: str) -> str:
    """Horizontal bars from 0 to 100 with their intervals, names on the left, notes on the right."""
    left, row, top = 150, 24, 4
    height = top + row * len(bars) + 36

    def across(value: float) -> float:
        return left + (WIDTH - left - 90) * min(max(value, 0.0), 100.0) / 100

    parts = []
    for tick in (0, 25, 50, 75, 100):
        parts.append(_segment(across(tick), top, across(tick), height - 34, "grid"))
        parts.append(_text(across(tick), height - 20, str(tick), "middle"))
    parts.append(_text(across(50), height - 4, label, "middle"))
    for number, bar in enumerate(bars):
        y = top + row * number + 5
        parts.append(_text(left - 8, y + 11, bar.name, "end"))
        parts.append(f'<rect class="bar s0" x="{left}" y="{y}" width="{across(bar.value) - left:.1f}" height="14"/>')
        parts.append(_segment(across(bar.low), y + 7, across(bar.high), y + 7, "whisker"))
        parts.append(_text(WIDTH - 84, y + 11, bar.note, "start"))
    return _svg(height, parts)


class _Frame:
    """The plotting area: data units to SVG units, and the axes."""

    def __init__(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        self.x_range, self.y_range = x_range, y_range

    def x(self, value: float) -> float:
        low, high = self.x_range
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (min(max(value, low), high) - low) / (high - low)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (min(max(value, low), high) - low) / (high - low)

    def axes(self, x_label: str, y_label: str) -> list[str]:
        parts = []
        for value in _ticks(*self.x_range):
            parts.append(_segment(self.x(value), _TOP, self.x(value), HEIGHT - _BOTTOM, "grid"))
            parts.append(_text(self.x(value), HEIGHT - _BOTTOM + 16, _number(value), "middle"))
        for value in _ticks(*self.y_range):
            parts.append(_segment(_LEFT, self.y(value), WIDTH - _RIGHT, self.y(value), "grid"))
            parts.append(_text(_LEFT - 6, self.y(value) + 4, _number(value), "end"))
        parts.append(_text((WIDTH + _LEFT - _RIGHT) / 2, HEIGHT - 8, x_label, "middle"))
        middle = (HEIGHT + _TOP - _BOTTOM) / 2
        turned = f'text-anchor="middle" transform="rotate(-90 14 {middle})"'
        parts.append(f'<text x="14" y="{middle}" {turned}>{escape(y_label)}</text>')
        return parts


def _thinned(count: int) -> list[int]:
    """At most ``_MAX_POINTS`` indices, always with the first and the last."""
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, _MAX_POINTS))})


def _ticks(low: float, high: float) -> list[float]:
    """About five round values between two bounds: steps of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 5))
    step = next(power * factor for factor in (1, 2, 5, 10) if (high - low) / (power * factor) <= 6)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _legend(names: Sequence[str]) -> list[str]:
    if len(names) < 2:
        return []
    parts, x = [], float(_LEFT)
    for number, name in enumerate(names):
        parts.append(f'<rect class="bar s{number}" x="{x:.1f}" y="8" width="14" height="8"/>')
        parts.append(_text(x + 20, 16, name, "start"))
        x += 40 + 7 * len(name)
    return parts


def _segment(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:.4g}".replace(".", ",")


def _svg(height: int, parts: Sequence[str]) -> str:
    return f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'
