"""The same question as people type it: without accents, in capitals, with a typo… Deterministic, to be repeatable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from hashlib import sha256

from index.analysis import FUNCTION_WORDS, fold

_WORD = re.compile(r"\w+")
_INTERROGATIVES = frozenset(
    "que cual cuales quien quienes donde adonde cuando cuanto cuanta cuantos cuantas como hay es son si ser esta me "
    "se le puedo puede pueden debo debe deben tengo tiene tienen tienes puedes debes".split()
)
# The forms of "tú" that a help desk is asked with, and those of "vos" (Río de la Plata).
_VOSEO = {
    "tú": "vos",
    "eres": "sos",
    "puedes": "podés",
    "tienes": "tenés",
    "quieres": "querés",
    "debes": "debés",
    "sabes": "sabés",
    "haces": "hacés",
    "vienes": "venís",
    "necesitas": "necesitás",
    "pides": "pedís",
    "dime": "decime",
    "di": "decí",
    "explícame": "explicame",
    "contigo": "con vos",
}


def without_accents(question: str) -> str:
    """Vowels without accents; ``ñ`` stays, as it has a key."""
    kept = unicodedata.normalize("NFD", question.replace("ñ", "\0").replace("Ñ", "\1"))
    bare = "".join(character for character in kept if not unicodedata.combining(character))
    return bare.replace("\0", "ñ").replace("\1", "Ñ")


def without_opening_marks(question: str) -> str:
    """No ``¿`` nor ``¡``."""
    return question.replace("¿", "").replace("¡", "").strip()


def in_capitals(question: str) -> str:
    """All in capitals."""
    return question.upper()


def with_a_typo(question: str) -> str:
    """Two neighbouring letters inside one of the longer words swapped; which, depends on the question alone."""
    words = [match for match in _WORD.finditer(question) if len(match[0]) > 4 and match[0].isalpha()]
    words = sorted(words, key=lambda match: -len(match[0]))[:3]
    chance = int.from_bytes(sha256(question.encode()).digest()[:4])
    for turn in range(len(words)):
        match = words[(chance + turn) % len(words)]
        places = [i for i in range(match.start() + 1, match.end() - 2) if question[i] != question[i + 1]]
        if places:
            i = places[chance % len(places)]
            return question[:i] + question[i + 1] + question[i] + question[i + 2 :]
    return question


def in_voseo(question: str) -> str:
    """The forms of «tú» as those of «vos»; where there is none, opened with «Decime:»."""

    def change(match: re.Match[str]) -> str:
        other = _VOSEO.get(match[0].lower(), match[0])
        return other.capitalize() if match[0][0].isupper() and other != match[0] else other

    changed = _WORD.sub(change, question)
    return changed if changed != question else f"Decime: {question}"


def as_keywords(question: str) -> str:
    """Only the words that carry meaning, as typed into a search box."""
    words = [match[0] for match in _WORD.finditer(question)]
    kept = [word for word in words if fold(word) not in FUNCTION_WORDS | _INTERROGATIVES]
    return " ".join(kept or words).lower()


VARIANTS: Mapping[str, Callable[[str], str]] = {
    "sin acentos": without_accents,
    "sin ¿": without_opening_marks,
    "en mayúsculas": in_capitals,
    "con una errata": with_a_typo,
    "con voseo": in_voseo,
    "palabras sueltas": as_keywords,
}
"""Name in Spanish → how to type a question so."""
