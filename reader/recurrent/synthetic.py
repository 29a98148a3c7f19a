"""Questions made by rule from plain text, to teach a reader before it sees any human question.

Each question takes one sentence, hides an answer of a kind that rules can tell (a date, a quantity, a name, a
definition, a purpose, a cause, a manner, a noun phrase), puts the fitting question word in front and keeps some of the
other words, a few of them replaced by a near neighbour in the word vectors. The same question over another passage of
the same document, or with a word of weight exchanged, is unanswerable. After cloze pretraining (Dhingra et al., 2018)
and cloze translation (Lewis et al., 2019).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reader.recurrent.features import FUNCTION_WORDS
from reader.recurrent.vocabulary import FIRST_WORD, WordVectors
from reader.recurrent.words import word_key, word_offsets

Triple = tuple[str, str, list[tuple[int, int]]]  # context, question, gold spans in characters

_SENTENCE = re.compile(r"[^\s].*?(?:[.!?;](?=\s)|\n|$)", re.S)
_MONTH = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
_NOUN = r"[a-záéíóúñü]{4,}"
_NP = (
    rf"(?:el|la|los|las|un|una|su|sus)\s{_NOUN}"
    rf"(?:\s(?:de|del|en)\s(?:la\s|los\s|las\s)?{_NOUN})?(?:\s{_NOUN}(?=[,.;:\s]))?"
)
_NAME = r"[A-ZÁÉÍÓÚÑ][\wáéíóúñ]+(?:\s(?:de|del|y|la)?\s?[A-ZÁÉÍÓÚÑ][\wáéíóúñ]+){0,4}"


@dataclass(frozen=True, slots=True)
class _Rule:
    """Where an answer of one kind stands (group 1) and how one asks for it."""

    pattern: re.Pattern[str]
    asks: tuple[str, ...]
    weight: float = 1.0


_RULES = (
    _Rule(
        re.compile(rf"\b((?:el\s)?\d{{1,2}} de (?:{_MONTH})(?: del? \d{{4}})?|(?:{_MONTH}) de \d{{4}})\b"),
        ("cuándo", "en qué fecha", "qué día", "cuando"),
    ),
    _Rule(re.compile(r"\ben (?:el año )?((?:1[5-9]|20)\d\d)\b"), ("en qué año", "cuándo", "cuando")),
    _Rule(
        re.compile(rf"\b(\d[\d.,]*\s?(?:%|€|por ciento|{_NOUN}))"),
        ("cuánto", "cuántos", "cuántas", "qué cantidad de", "cuántos", "cuantos", "cuanto"),
        1.5,
    ),
    _Rule(
        re.compile(
            rf"\b((?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|treinta|cien|mil)\s{_NOUN})"
        ),
        ("cuántos", "cuántas", "cuánto tiempo", "cuántos"),
    ),
    _Rule(re.compile(rf"(?<=[a-z,] )(?:en|a)\s({_NAME})"), ("dónde", "en dónde", "en qué lugar", "a dónde")),
    _Rule(re.compile(rf"(?<=[a-z,] )(?:por|con|de|a)\s({_NAME})"), ("quién", "de quién", "por quién", "qué", "cuál")),
    _Rule(re.compile(rf"(?<=[a-z,] )({_NAME})"), ("qué", "quién", "cuál", "cómo se llama", "qué"), 1.5),
    _Rule(
        re.compile(
            r"\b(?:es|son|era|fue|significa|denomina|consiste en)\s((?:un|una|el|la|los|las)\s[^,.;:]{8,80})(?=[,.;:])"
        ),
        ("qué es", "qué son", "qué significa", "qué"),
    ),
    _Rule(
        re.compile(r"\b(para (?:que )?[a-záéíóúñ]+[^,.;:]{4,60})(?=[,.;:])"),
        ("para qué", "para qué sirve", "con qué fin", "para que"),
    ),
    _Rule(
        re.compile(r"\b((?:porque|debido a|ya que|a causa de|puesto que)\s[^,.;:]{6,80})(?=[,.;:])"),
        ("por qué", "por qué motivo", "cuál es la causa de que", "por que"),
    ),
    _Rule(
        re.compile(r"\b((?:mediante|a través de|haciendo|utilizando|usando|por medio de)\s[^,.;:]{6,60})(?=[,.;:])"),
        ("cómo", "de qué manera", "de qué forma", "como"),
    ),
    _Rule(
        re.compile(r"\b((?:si|cuando|siempre que|en caso de(?: que)?)\s[^,.;:]{8,70})(?=[,.;:])"),
        ("cuándo", "en qué caso", "bajo qué condición"),
    ),
    _Rule(
        re.compile(rf"(?:Seleccione|Elija|Haga clic en|Pulse|Abra|seleccione|haga clic en|elija|en)\s({_NAME})"),
        ("qué opción", "dónde", "qué debo seleccionar", "en qué opción", "qué"),
    ),
    _Rule(re.compile(r"[«\"“]([^»\"”\n]{3,60})[»\"”]"), ("qué", "cómo se llama", "qué dice", "cuál")),
    _Rule(re.compile(rf"\b({_NP})"), ("qué", "cuál", "qué", "qué cosa", "cuál es", "cuáles"), 1.5),
    _Rule(
        re.compile(rf"\b((?:al|del|por el|por la|con el|con la|en el|en la|en los|en las)\s{_NOUN}(?:\sde\s{_NOUN})?)"),
        ("dónde", "en qué", "con qué", "de qué", "a qué", "por qué"),
    ),
)


def _neighbours(words: WordVectors, *, among: int = 20_000, k: int = 4, closest: float = 0.55) -> NDArray[np.int64]:
    """The rows of the ``k`` nearest of the frequent words to each of them, -1 where none is close: (among, k)."""
    vectors = words.vectors[FIRST_WORD : FIRST_WORD + among]
    out = np.full((len(vectors), k), -1, dtype=np.int64)
    for start in range(0, len(vectors), 1024):
        similar = vectors[start : start + 1024] @ vectors.T
        here = np.arange(len(similar))
        similar[here, here + start] = -1.0
        best = np.argpartition(-similar, k, axis=1)[:, :k]
        out[start : start + 1024] = np.where(np.take_along_axis(similar, best, axis=1) > closest, best, -1)
    return out


class QuestionMaker:
    """Makes questions from the passages of one document. Deterministic for a given ``rng``."""

    def __init__(self, words: WordVectors, rng: random.Random) -> None:
        self.words = words
        self.rng = rng
        self._neighbours = _neighbours(words)

    def neighbour(self, key: str) -> str:
        """A word that means nearly the same, or the word itself."""
        row = self.words.index.get(key, len(self._neighbours) + FIRST_WORD) - FIRST_WORD
        if row >= len(self._neighbours):
            return key
        near = self._neighbours[row][self._neighbours[row] >= 0]
        return self.words.keys[self.rng.choice(near.tolist())] if len(near) else key

    def question(self, sentence: str, start: int, end: int, asks: Sequence[str]) -> str | None:
        """Ask for ``sentence[start:end]`` in words of the rest of the sentence; None where too little is left."""
        rng = self.rng
        before: list[tuple[int, str]] = []
        for distance_base, (first, last) in enumerate([(0, start), (end, len(sentence))]):
            offsets = word_offsets(sentence[first:last])
            for i, (a, b) in enumerate(offsets):
                distance = len(offsets) - i if distance_base == 0 else i + 1
                before.append((distance, sentence[first + a : first + b]))
        reach = rng.randint(6, 18)
        keep_content, keep_function = rng.uniform(0.5, 1.0), rng.uniform(0.4, 1.0)
        kept, content = [], 0
        for distance, word in before:
            key = word_key(word)
            if distance > reach or not key[0].isalnum():
                continue
            if key in FUNCTION_WORDS or len(key) < 3:
                if rng.random() < keep_function:
                    kept.append(word)
            elif rng.random() < keep_content:
                content += 1
                kept.append(self.neighbour(key) if rng.random() < 0.2 else word)
        if content < 2:
            return None
        if rng.random() < 0.2:
            rng.shuffle(kept)
        ask = rng.choice(asks)
        if rng.random() < 0.12:
            return " ".join([*kept, ask]).lower()
        if rng.random() < 0.15:
            return " ".join(kept).lower() if rng.random() < 0.5 else " ".join([ask, *kept]).lower()
        return f"¿{ask.capitalize()} {' '.join(kept)}?"

    def passage_questions(self, passage: str, others: Sequence[str], *, wanted: int = 6) -> Iterator[Triple]:
        """Up to ``wanted`` questions over ``passage``; about a quarter unanswerable, some of them put to ``others``."""
        rng = self.rng
        found: list[tuple[float, int, int, int, int, tuple[str, ...]]] = []
        for match in _SENTENCE.finditer(passage):
            if not 40 < match.end() - match.start() < 500:
                continue
            for rule in _RULES:
                spans = [hit.span(1) for hit in rule.pattern.finditer(passage, match.start(), match.end())]
                if spans:
                    start, end = rng.choice(spans)
                    found.append((rng.random() ** (1 / rule.weight), match.start(), match.end(), start, end, rule.asks))
        found.sort(reverse=True)
        made = 0
        for _, first, last, start, end, asks in found:
            if made >= wanted:
                return
            sentence = passage[first:last]
            question = self.question(sentence, start - first, end - first, asks)
            if question is None:
                continue
            made += 1
            answer = passage[start:end]
            roll = rng.random()
            if roll < 0.12 and others:
                other = rng.choice(others)
                if answer.lower() not in other.lower():
                    yield other, question, []
                    continue
            elif roll < 0.24:
                exchanged = self.exchange(question, passage, sentence)
                if exchanged:
                    yield passage, exchanged, []
                    continue
            yield passage, question, [(start, end)]

    def exchange(self, question: str, passage: str, sentence: str) -> str | None:
        """The question with its rarest word replaced by a rare word of elsewhere: now it has no answer here."""
        index = self.words.index

        def rarity(word: str) -> int:
            return index.get(word_key(word), len(index))

        content = [w for w in re.findall(r"\w{4,}", question)[1:] if word_key(w) not in FUNCTION_WORDS]
        if not content:
            return None
        out = max(content, key=rarity)
        elsewhere = [w for w in set(re.findall(r"\w{5,}", passage.replace(sentence, " "))) if w not in question]
        elsewhere = [w for w in elsewhere if w[0].isupper() == out[0].isupper() and rarity(w) > 800]
        if not elsewhere:
            return None
        return question.replace(out, self.rng.choice(sorted(elsewhere)))


def passages_of(text: str, *, min_words: int = 60, max_words: int = 190) -> list[str]:
    """Runs of whole paragraphs of a text of the corpus, ``max_words`` at most; longer paragraphs are left out."""
    out: list[str] = []
    current: list[str] = []
    size = 0
    for paragraph in text.split("\n"):
        count = paragraph.count(" ") + 1
        if size + count > max_words:
            if size >= min_words:
                out.append("\n".join(current).strip())
            current, size = [], 0
            if count > max_words:
                continue
        current.append(paragraph)
        size += count
    if size >= min_words:
        out.append("\n".join(current).strip())
    return out


def document_questions(maker: QuestionMaker, text: str, *, passages: int = 4) -> list[Triple]:
    """Questions over a few passages of one document, the others serving as passages without the answer."""
    found = passages_of(text)
    maker.rng.shuffle(found)
    return [
        triple
        for i, passage in enumerate(found[:passages])
        for triple in maker.passage_questions(passage, found[:i] + found[i + 1 :])
    ]
