"""Excerpts of a text with its marks."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from reader.html import excerpt

SPANS = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 40)).map(lambda pair: (pair[0], sum(pair))), max_size=3)


def test_both_marks_in_their_colours() -> None:
    assert excerpt("uno dos tres", [(0, 7)], [(4, 12)]) == (
        "<mark class=gold>uno </mark><mark class=both>dos</mark><mark class=said> tres</mark>"
    )


def test_what_is_far_from_any_mark_is_left_out() -> None:
    shown = excerpt("a" * 5000, [(0, 3)], [(4000, 4003)])
    assert shown.count("…") == 2 and len(shown) < 1200
    assert excerpt("<b>", [], []) == "&lt;b&gt;"


@settings(deadline=None)
@given(st.text(alphabet="ab <&ñ", min_size=1, max_size=900), SPANS, SPANS)
def test_marked_words_are_shown_whole(text: str, gold: list[tuple[int, int]], said: list[tuple[int, int]]) -> None:
    shown = excerpt(text, gold, said)
    plain = unescape(re.sub(r"</?mark[^>]*>", "", shown))
    pieces = re.split(r"(?:^| )… | …$", plain)
    assert all(piece in text for piece in pieces)
    assert all(any(text[a:b] in piece for piece in pieces) for a, b in [*gold, *said])
