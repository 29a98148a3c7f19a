"""What an abstention can say that helps: which words of the question the documents mention, and which they do not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.features import stems
from assistant.types import Missing
from index.passages import retrieval_text
from index.types import Hit, Searcher

NEAREST = 3
"""Passages that count as near: those that an abstention shows."""

_WORD = re.compile(r"\w+(?:[-./]\w+)*")


def what_is_missing(question: str, hits: Sequence[Hit], searcher: Searcher) -> Missing:
    """Sort the words of ``question`` that carry meaning by where they occur, in any form. ``hits`` best first."""
    words = list(dict.fromkeys(word for word in _WORD.findall(question) if stems(word)))
    near = frozenset().union(*(stems(retrieval_text(hit.passage)) for hit in hits[:NEAREST]))
    absent = [word for word in words if not stems(word) & near]
    suggestions = searcher.suggest(absent)
    return Missing(
        mentioned=tuple(word for word in words if word not in absent),
        elsewhere=tuple(word for word in absent if word not in suggestions),
        nowhere=tuple(suggestions),
        suggestions={word: terms for word, terms in suggestions.items() if terms},
    )
