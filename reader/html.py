"""The frame of a report: one HTML file with its style inside, and plain tables. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

import numpy as np

from reader.plots import STYLE

_AROUND = 240  # characters shown on each side of what is marked
_CUT = -1  # the kind of what is left out; 0 is plain, 1 gold, 2 said, 3 both

_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }} th, td {{ padding: .25rem .8rem; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }} tr {{ border-bottom: 1px solid #8884; }}
.plots {{ display: flex; flex-wrap: wrap; gap: 1.5rem; }} .plots figure {{ margin: 0; flex: 1 1 26rem; }}
figcaption, .note {{ font-size: .9rem; opacity: .8; }}
article {{ border-left: 3px solid #8886; padding-left: 1rem; margin: 1.2rem 0; }}
article p {{ white-space: pre-line; }}
mark {{ border-radius: 3px; padding: 0 .15em; color: inherit; }} mark.gold {{ background: #2e9e6255; }}
mark.said {{ background: #d9482b55; }} mark.both {{ background: #2a6fdb55; }}
{style}</style></head><body>
{body}
</body></html>
"""


def page(title: str, sections: Iterable[str]) -> str:
    """A page in Spanish of these pieces of HTML, one below the other; empty ones are left out."""
    return _PAGE.format(title=escape(title), style=STYLE, body="\n".join(filter(None, sections)))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of texts, the first column to the left."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def excerpt(text: str, gold: Sequence[tuple[int, int]], said: Sequence[tuple[int, int]]) -> str:
    """``text`` as HTML, cut around the gold and the given spans (offsets), each marked in its colour."""
    is_gold, is_said, shown = (np.zeros(len(text), bool) for _ in range(3))
    for marks, spans in ((is_gold, gold), (is_said, said)):
        for start, end in spans:
            marks[start:end] = True
            shown[max(0, start - _AROUND) : end + _AROUND] = True
    if not shown.any():
        shown[: 2 * _AROUND] = True
    kinds = np.where(shown, is_gold + 2 * is_said, _CUT)
    edges = [0, *(int(i) for i in np.flatnonzero(np.diff(kinds)) + 1), len(text)]
    return "".join(_piece(text[start:end], int(kinds[start])) for start, end in pairwise(edges) if start < end).strip(
        " "
    )


LEGEND = "<mark class=gold>correcta</mark> <mark class=said>contestada</mark> <mark class=both>ambas</mark>"
"""What the colours of an excerpt mean."""


def _piece(text: str, kind: int) -> str:
    if kind == _CUT:
        return " … "
    return f"<mark class={('gold', 'said', 'both')[kind - 1]}>{escape(text)}</mark>" if kind else escape(text)
