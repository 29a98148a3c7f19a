"""Words of a Spanish text: where they stand, and the folded key under which their vector is stored.

The recurrent reader looks words up by a *key*: lower case, vowel accents folded, ``ñ`` kept. People
type questions without accents; folding makes both spellings the same word by construction.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+|[^\w\s]")
_FOLD = str.maketrans("áàâäãéèêëíìîïóòôöõúùûüºª", "aaaaaeeeeiiiiooooouuuuoa")


def word_offsets(text: str) -> list[tuple[int, int]]:
    """Character offsets ``(start, end)`` of every word and every single punctuation mark."""
    return [match.span() for match in _WORD.finditer(text)]


@lru_cache(maxsize=1 << 17)
def word_key(word: str) -> str:
    """The lookup key of one word: NFC, lower case, vowels without accents, ``ñ`` kept."""
    return unicodedata.normalize("NFC", word.lower()).translate(_FOLD)


def word_keys(text: str) -> list[str]:
    """The keys of all words of ``text``, in order."""
    return [word_key(word) for word in _WORD.findall(text)]
