"""What the recurrent reader sees of a question and a passage: word rows, and how the two overlap.

A passage is encoded once and shared by all its questions; :func:`match_features` adds what depends on both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

from reader.recurrent.vocabulary import FloatArray, WordTable
from reader.recurrent.words import word_key, word_offsets

MAX_QUESTION_WORDS = 48
SHAPE_FEATURES, MATCH_FEATURES = 8, 9
_WINDOW = 12  # words on each side in the windowed overlap
_SENTENCE_END = re.compile(r"[.!?;:]")
_stemmer = Stemmer.Stemmer("spanish")
# Words that ask or only bind: an overlap on them says nothing about where the answer stands.
FUNCTION_WORDS = frozenset(
    """
    a al ante como con cual cuales cuando cuanta cuantas cuanto cuantos de del desde donde e el ella en entre era es esa
    ese esta estan este esto fue fueron ha hay la las le les lo los mas me mi o para pero por porque puede puedo que
    quien quienes se segun ser si sobre son su sus te tiene un una unas uno unos y ya
    """.split()
)


@lru_cache(maxsize=1 << 17)
def _stem(key: str) -> str:
    return str(_stemmer.stemWord(key))


@dataclass(frozen=True, slots=True)
class EncodedText:
    """One question or passage of n words."""

    offsets: NDArray[np.int32]  # (n, 2) characters
    ids: NDArray[np.int64]  # (n,) rows of the word table
    keys: NDArray[np.int64]  # (n,) hash of the key; 0 for words that never count as overlap
    stems: NDArray[np.int64]  # (n,) hash of the stem; 0 likewise
    idf: FloatArray  # (n,)
    shape: FloatArray  # (n, SHAPE_FEATURES)
    sentence_starts: NDArray[np.int64]  # first word of each sentence; [0, …]

    def __len__(self) -> int:
        return len(self.ids)

    def slice(self, start: int, end: int) -> EncodedText:
        """The words ``start:end``, for windows over long passages."""
        inside = self.sentence_starts[(self.sentence_starts > start) & (self.sentence_starts < end)] - start
        return EncodedText(
            self.offsets[start:end],
            self.ids[start:end],
            self.keys[start:end],
            self.stems[start:end],
            self.idf[start:end],
            self.shape[start:end],
            np.concatenate([[0], inside]),
        )


def encode_text(text: str, table: WordTable, *, max_words: int | None = None) -> EncodedText:
    """Encode one text; ``max_words`` cuts long questions."""
    offsets = word_offsets(text)[:max_words]
    words = [text[start:end] for start, end in offsets]
    keys = [word_key(word) for word in words]
    ids = np.array(table.ids(keys), dtype=np.int64)
    idf = table.words.idf
    counts = [key[0].isalnum() and key not in FUNCTION_WORDS for key in keys]
    shape = np.zeros((len(words), SHAPE_FEATURES), dtype=np.float32)
    starts = [0]
    line_start = True
    for i, (word, (start, _)) in enumerate(zip(words, offsets, strict=True)):
        if i:
            gap = text[offsets[i - 1][1] : start]
            line_start = "\n" in gap
            if line_start or (gap and _SENTENCE_END.fullmatch(words[i - 1])):
                starts.append(i)
        first = word[0]
        shape[i] = (
            first.isupper(),
            word.isupper() and len(word) > 1,
            first.isdigit(),
            not first.isalnum(),
            line_start,
            any(char in "áéíóú" for char in word),
            len(word) / 10,
            min(i / 200, 1.0),
        )
    return EncodedText(
        offsets=np.array(offsets, dtype=np.int32).reshape(-1, 2),
        ids=ids,
        keys=np.array([hash(key) | 1 if c else 0 for key, c in zip(keys, counts, strict=True)], dtype=np.int64),
        stems=np.array([hash(_stem(key)) | 1 if c else 0 for key, c in zip(keys, counts, strict=True)], dtype=np.int64),
        idf=np.where(ids < len(idf), idf[np.minimum(ids, len(idf) - 1)], np.float32(1.0)).astype(np.float32),
        shape=shape,
        sentence_starts=np.array(starts, dtype=np.int64),
    )


def match_features(passage: EncodedText, question: EncodedText) -> FloatArray:
    """How each passage word relates to the question: (n, MATCH_FEATURES) float32.

    Exact match, stem match, matched idf, windowed share of the question's idf (left, right, both), the share that the
    word's sentence covers, that share relative to the best sentence, and the share of the whole passage.
    """
    n = len(passage)
    out = np.zeros((n, MATCH_FEATURES), dtype=np.float32)
    asked = question.stems != 0
    if not n or not asked.any():
        return out
    stems, first = np.unique(question.stems[asked], return_index=True)
    weight = question.idf[asked][first]
    total = float(weight.sum()) + 1e-6
    hits = passage.stems[None, :] == stems[:, None]  # (asked stems, n)
    stem_hit = hits.any(axis=0)
    mass = weight @ hits  # (n,) idf of the question word matched here
    out[:, 0] = np.isin(passage.keys, question.keys[asked])
    out[:, 1] = stem_hit
    out[:, 2] = mass
    running = np.concatenate([[0.0], np.cumsum(mass)])
    here = np.arange(n)
    left, right = np.maximum(here - _WINDOW, 0), np.minimum(here + _WINDOW + 1, n)
    out[:, 3] = (running[here + 1] - running[left]) / total
    out[:, 4] = (running[right] - running[here]) / total
    out[:, 5] = (running[right] - running[left]) / total
    covered = np.logical_or.reduceat(hits, passage.sentence_starts, axis=1)  # (asked stems, sentences)
    share = (weight @ covered) / total
    sentence = np.searchsorted(passage.sentence_starts, here, side="right") - 1
    out[:, 6] = share[sentence]
    out[:, 7] = share[sentence] / max(float(share.max()), 1e-6)
    out[:, 8] = float((weight * hits.any(axis=1)).sum()) / total
    return out
