"""Tables of a PDF page, found by their ruled lines, or by their alignment where nothing is ruled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from index.documents.pdf_lines import Segment, Table
from index.documents.pdf_strokes import Stroke

_SAME = 3.0  # points: edges this near are the same
_MAX_CELL_ROWS = 8  # lines of text in a cell; more is text in a frame
_MAX_CELL_CHARS = 40  # of a cell in a table without ruled lines: longer ones are columns of prose


def find_tables(segments: Sequence[Segment], across: Sequence[Stroke], down: Sequence[Stroke]) -> list[Segment]:
    """The segments with those of each table replaced by one that holds the table, where its first one stood.

    ``across`` and ``down`` are the lines drawn on the page.
    """
    left = list(segments)
    for lines in _stacks(across):
        start, end = lines[0].start - _SAME, lines[0].end + _SAME
        walls = [wall for wall in down if start <= wall.at <= end]
        inside = [s for s in left if not s.table and start <= s.left and s.right <= end]
        bands = [([s for s in inside if b.at < s.middle < a.at], (a.at + b.at) / 2) for a, b in pairwise(lines)]
        for run in _runs(bands, walls, 0.6 * (end - start)):
            table = _ruled(run)
            if table:
                left = _replaced(left, [s for band in run for s in band], table)
    for found, table in _aligned([s for s in left if not s.table]):
        left = _replaced(left, found, table)
    return left


def _runs(
    bands: Sequence[tuple[list[Segment], float]], walls: Sequence[Stroke], widest: float
) -> Iterator[list[list[Segment]]]:
    """The bands between rules, as runs that may be tables: text between two tables of the same extent parts them.

    Where vertical lines are drawn, a band without any is such text; else one with a segment over ``widest``.
    """
    boxed = [any(wall.start < middle < wall.end for wall in walls) for _, middle in bands]
    run: list[list[Segment]] = []
    for (band, _), inside in zip(bands, boxed, strict=True):
        if inside if any(boxed) else all(s.right - s.left <= widest for s in band):
            run += [band] if band else []
        else:
            yield run
            run = []
    yield run


def _replaced(segments: Sequence[Segment], inside: Sequence[Segment], table: Table) -> list[Segment]:
    ids = {id(s) for s in inside}
    holder: Segment | None = Segment(
        text="",
        left=min(s.left for s in inside),
        right=max(s.right for s in inside),
        bottom=min(s.bottom for s in inside),
        top=max(s.top for s in inside),
        bold=False,
        table=table,
    )
    replaced: list[Segment] = []
    for segment in segments:
        if id(segment) not in ids:
            replaced.append(segment)
        elif holder is not None:
            replaced.append(holder)
            holder = None
    return replaced


def _stacks(across: Sequence[Stroke]) -> Iterator[list[Stroke]]:
    """Three or more horizontal lines of the same extent, top down: a table's rules."""
    extents: dict[tuple[int, int], list[Stroke]] = defaultdict(list)
    for stroke in across:
        own = round(stroke.start), round(stroke.end)
        near = (key for key in extents if max(abs(key[0] - own[0]), abs(key[1] - own[1])) <= 2 * _SAME)
        extents[next(near, own)].append(stroke)
    for found in extents.values():
        lines = sorted(found, key=lambda s: -s.at)
        if len(lines) >= 3:
            yield lines


def _ruled(bands: list[list[Segment]]) -> Table | None:
    """The table of the bands between horizontal lines: a row in each, or a row on each line of type where only the
    header is ruled off."""
    columns = _columns([s for band in bands for s in band])
    if len(columns) < 2 or len(bands) < 2:
        return None
    if len(bands) == 2:
        bands = [bands[0], *_lines_of_type(bands[1], columns)]
    if any(len(_baselines(band)) > _MAX_CELL_ROWS for band in bands):
        return None
    return Table(tuple(_cells(band, columns) for band in bands))


def _lines_of_type(band: Sequence[Segment], columns: Sequence[tuple[float, float]]) -> list[list[Segment]]:
    """A band parted into rows: a line with the first column filled starts one, others go on with the last."""
    rows: list[list[Segment]] = []
    for line in _baselines(band):
        starts = line[0].left < columns[0][1] and len(line) > 1
        if starts or not rows:
            rows.append([])
        rows[-1] += line
    return rows


def _aligned(segments: Sequence[Segment]) -> Iterator[tuple[list[Segment], Table]]:
    """Tables without rules: three or more neighbouring lines with the same columns of short cells."""
    run: list[list[Segment]] = []
    for line in [*_baselines(segments), []]:
        if run and not _same_columns(run[-1], line):
            if len(run) >= 3 and median(len(s.text) for row in run for s in row) <= _MAX_CELL_CHARS / 2:
                inside = [s for row in run for s in row]
                columns = _columns(inside)
                if len(columns) == len(run[0]):
                    yield inside, Table(tuple(_cells(row, columns) for row in run))
            run = []
        if len(line) > 1 and all(len(s.text) <= _MAX_CELL_CHARS for s in line):
            run.append(line)


def _same_columns(row: Sequence[Segment], below: Sequence[Segment]) -> bool:
    """Whether the line below has as many cells, each on the same left edge, right edge or axis, and stands near."""
    if len(row) != len(below) or row[0].bottom - below[0].bottom > 3 * row[0].height:
        return False
    return all(
        min(abs(a.left - b.left), abs(a.right - b.right), abs(a.left + a.right - b.left - b.right) / 2) < _SAME
        for a, b in zip(row, below, strict=True)
    )


def _baselines(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments grouped by line of type, top down, each from left to right."""
    lines: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (-s.bottom, s.left)):
        if lines and abs(lines[-1][0].bottom - segment.bottom) < 0.4 * segment.height:
            lines[-1].append(segment)
        else:
            lines.append([segment])
    return [sorted(line, key=lambda s: s.left) for line in lines]


def _columns(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """The columns as the runs of x that some segment covers; those that span most of the width do not count."""
    if not segments:
        return []
    width = max(s.right for s in segments) - min(s.left for s in segments)
    columns: list[tuple[float, float]] = []
    for segment in sorted(segments, key=lambda s: s.left):
        if segment.right - segment.left > 0.6 * width:
            continue
        if columns and segment.left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], segment.right)
        else:
            columns.append((segment.left, segment.right))
    return columns


def _cells(row: Sequence[Segment], columns: Sequence[tuple[float, float]]) -> tuple[tuple[Segment, ...], ...]:
    cells: list[list[Segment]] = [[] for _ in columns]
    for line in _baselines(row):
        for segment in line:
            shared = [min(segment.right, right) - max(segment.left, left) for left, right in columns]
            cells[shared.index(max(shared))].append(segment)
    return tuple(tuple(cell) for cell in cells)
