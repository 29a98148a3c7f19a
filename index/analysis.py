"""The Spanish analyzer of the lexical index: what counts as the same word in a question and in a document."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

# A code such as «E-101», «39/1997» or «v2.3» holds together: word characters joined by one sign, a digit among them.
_TOKEN = re.compile(r"\w+(?:[-./]\w+)*")
_PART = re.compile(r"[^\W_]+")
_FOLD = str.maketrans("áàâäãéèêëíìîïóòôöõúùûü", "aaaaaeeeeiiiiooooouuuu")
_stemmer = Stemmer.Stemmer("spanish")

# Only words that never carry the meaning of a question: «no», «sin», «hay» stay.
FUNCTION_WORDS = frozenset(
    "el la los las un una unos unas de del al a en y o e u que se es lo su sus por con para como".split()
)


def fold(text: str) -> str:
    """NFC, lower case, vowels without accents, ``ñ`` kept. Lengths may change; use it for comparing only."""
    return unicodedata.normalize("NFC", text).lower().translate(_FOLD)


@lru_cache(maxsize=1 << 17)
def _forms(word: str) -> tuple[str, ...]:
    """The tokens of one folded word: itself and, marked so that it meets only stems, its Snowball stem."""
    if word in FUNCTION_WORDS:
        return ()
    if word[0].isdigit() or len(word) < 3:
        return (word,)
    return (word, f"~{_stemmer.stemWord(word)}")


@lru_cache(maxsize=1 << 17)
def _tokens(token: str) -> tuple[str, ...]:
    parts = _PART.findall(token)
    forms = tuple(form for part in parts for form in _forms(part))
    is_code = len(parts) > 1 and any(char.isdigit() for char in token)
    return (token, *forms) if is_code else forms


def analyze(text: str) -> list[str]:
    """The tokens of ``text``: each folded word and its stem; codes whole and in parts (``E-101`` → e-101, e, 101)."""
    return [form for token in _TOKEN.findall(fold(text)) for form in _tokens(token)]
