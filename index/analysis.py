"""The Spanish analyzer of the lexical index: what counts as the same word in a question and in a document."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

# Word characters joined by one sign hold together, for they may be a code («E-101», «39/1997») or letters («D.N.I.»).
_TOKEN = re.compile(r"\w+(?:[-./]\w+)*")
_PART = re.compile(r"[^\W_]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_INITIALS = re.compile(r"[^\W\d_]{1,2}(?:\.[^\W\d_]{1,2})+")
_FOLD = str.maketrans("áàâäãéèêëíìîïóòôöõúùûü", "aaaaaeeeeiiiiooooouuuu", "ºª")
_stemmer = Stemmer.Stemmer("spanish")

# Only words that never carry the meaning of a question: «no», «sin», «hay» stay.
FUNCTION_WORDS = frozenset(
    "el la los las un una unos unas de del al a en y o e u que se es lo su sus por con para como".split()
)


def fold(text: str) -> str:
    """NFC, lower case, vowels without accents, ``ñ`` kept, ordinal signs gone. For comparing only: lengths change."""
    return unicodedata.normalize("NFC", text).lower().translate(_FOLD)


def analyze(text: str) -> list[str]:
    """The tokens of ``text``: each folded word and, marked with ``~``, its Snowball stem.

    Codes are kept whole and in parts (``E-101`` → e-101, e, 101), initials lose their stops (``D.N.I.`` → dni) and
    numbers their separators (``1.500`` → 1.500, 1, 500, 1500).
    """
    return [form for token in _TOKEN.findall(unicodedata.normalize("NFC", text).lower()) for form in _forms(token)]


def matched_terms(question: str, text: str) -> tuple[str, ...]:
    """The words of ``question``, as written and once each, that share a token with ``text``."""
    tokens = set(analyze(text))
    words = dict.fromkeys(_TOKEN.findall(unicodedata.normalize("NFC", question)))
    return tuple(word for word in words if not tokens.isdisjoint(analyze(word)))


@lru_cache(maxsize=1 << 18)
def _forms(token: str) -> tuple[str, ...]:
    """The tokens that stand for one lower-case run of characters: the same text gives the same few words again."""
    token = fold(token)
    if _INITIALS.fullmatch(token):
        token = token.replace(".", "")
    parts = _PART.findall(token)
    if len(parts) > 1 and any(char.isdigit() for char in token):
        joined = [token.replace(".", "")] if _THOUSANDS.fullmatch(token) else []
        return (token, *parts, *joined)
    return tuple(form for part in parts for form in _word(part))


def _word(word: str) -> tuple[str, ...]:
    """A folded word and its stem. The mark keeps a stem from meeting a word that is spelt like it."""
    if word in FUNCTION_WORDS:
        return ()
    if word[0].isdigit() or len(word) < 3:
        return (word,)
    return word, f"~{_stemmer.stemWord(word)}"
