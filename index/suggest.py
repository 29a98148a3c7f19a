"""Words of the index that look like one that it does not hold: what the person may have meant to type."""

from __future__ import annotations

from collections.abc import Collection

LETTERS = "abcdefghijklmnñopqrstuvwxyz"
_LONG = 6  # letters from which a word may differ in two places and still be meant


def similar_terms(word: str, terms: Collection[str], *, limit: int = 3) -> list[str]:
    """Up to ``limit`` of ``terms`` at the least edit distance from ``word``: 1 or, for longer words, 2.

    A swap of neighbours counts as one edit. Both are folded (see ``index.analysis.fold``); stems and codes never match.
    Those that begin alike come first. At distance 2 only those that begin with the same letter are sought.
    """
    found = [near for near in _one_edit_away(word) if near in terms]
    if not found and len(word) >= _LONG:
        found = [
            term
            for term in terms
            if term[0] == word[0] and abs(len(term) - len(word)) <= 2 and term.isalpha() and distance(term, word) == 2
        ]
    return sorted(found, key=lambda term: (-_shared_start(term, word), abs(len(term) - len(word)), term))[:limit]


def distance(one: str, other: str) -> int:
    """Optimal string alignment: insertions, deletions, changes and swaps of neighbours (Damerau, 1964)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, target in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != target))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == target:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _one_edit_away(word: str) -> set[str]:
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    deleted = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + letter + b[1:] for a, b in cuts if b for letter in LETTERS}
    added = {a + letter + b for a, b in cuts for letter in LETTERS}
    return (deleted | swapped | changed | added) - {word, ""}


def _shared_start(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
