"""From (question, passage) pairs to the windows that a BERT-family model reads, and back to words and characters.

Every distinct text is tokenised once by the checkpoint's own fast tokenizer; windows are slices of it between the
special tokens that the tokenizer puts around a pair. Texts that look like special tokens ("[SEP]") stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

Ints = NDArray[np.int64]

# What an answer never cuts: a word with its combining accents, a number with its separators ("3.500,50", "10:30").
_UNBROKEN = re.compile(r"[\w\u0300-\u036f]+(?:(?<=\d)[.,:](?=\d)[\w\u0300-\u036f]+)*")


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """The n tokens of a text, special ones excluded, and its w words: the runs of tokens that no answer cuts."""

    ids: Ints  # (n,)
    offsets: Ints  # (n, 2) characters, without white space at the edges; start == end for a token of nothing else
    first_tokens: Ints  # (w,) first token of each word
    last_tokens: Ints  # (w,) its last token

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the model: question and a stretch of the passage, L tokens with the special ones, no padding."""

    pair: int  # row of the pair it was cut from
    input_ids: Ints  # (L,)
    token_type_ids: Ints  # (L,) all 0 for models that know only one type
    passage_at: int  # where the passage begins in input_ids
    first: int  # tokens first … stop - 1 of the passage are inside
    stop: int


@dataclass(frozen=True, slots=True)
class Features:
    """The windows of all pairs, in order, and the tokenised passage of each pair (shared where passages are equal)."""

    windows: tuple[Window, ...]
    passages: tuple[TokenizedText, ...]


def build_features(
    pairs: Sequence[tuple[str, str]],
    tokenizer: PreTrainedTokenizerBase,
    *,
    max_length: int = 384,
    stride: int = 128,
    max_question: int = 64,
) -> Features:
    """Cut windows of at most ``max_length`` tokens; neighbours of one passage share ``stride`` tokens.

    A question takes at most ``max_question`` tokens and half a window, what windows share at most half of their room.
    A passage without tokens gets no window. Raises ValueError where ``max_length`` leaves no room for a passage.
    """
    frame = _Frame.of(tokenizer)
    max_question = min(max_question, max_length // 2)
    texts = _tokenize({text for pair in pairs for text in pair}, frame.backend)
    windows: list[Window] = []
    for row, (question, passage) in enumerate(pairs):
        asked = _shortened(question, texts[question], max_question)
        room = max_length - len(asked) - frame.special
        if room < 1:
            raise ValueError(f"windows of {max_length} tokens leave no room for a passage")
        for first, stop in spans_of_windows(len(texts[passage]), room, stride):
            windows.append(frame.window(row, asked, texts[passage].ids[first:stop], first))
    return Features(tuple(windows), tuple(texts[passage] for _, passage in pairs))


def plain_backend(tokenizer: PreTrainedTokenizerBase) -> Tokenizer:
    """The tokenizer underneath, set to leave texts whole and to read "[SEP]" in a text as text.

    It is changed only where it is not so yet: a tokenizer must not be changed while another thread uses it.
    """
    backend: Tokenizer = tokenizer.backend_tokenizer
    if backend.truncation is not None:
        backend.no_truncation()
    if backend.padding is not None:
        backend.no_padding()
    if not backend.encode_special_tokens:
        backend.encode_special_tokens = True
    return backend


def spans_of_windows(length: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Which tokens each window covers: ``room`` of them, sharing ``stride`` with the window before (at most half)."""
    step = room - min(stride, room // 2)
    count = max(1, -(-(length - room) // step) + 1) if length else 0
    return [(n * step, min(length, n * step + room)) for n in range(count)]


def window_of_start(spans: Sequence[tuple[int, int]]) -> Ints:
    """For each token, the window in which a span that starts there is scored: the one that shows most around it.

    The "maximum context" rule of the official BERT code: the lesser of the tokens to the left and to the right
    counts, ties go to the earlier window. Each span is thus scored once.
    """
    owner = np.zeros(spans[-1][1] if spans else 0, dtype=np.int64)
    best = np.full(len(owner), -1.0)
    for n, (first, stop) in enumerate(spans):
        inside = np.arange(stop - first)
        context = np.minimum(inside, inside[::-1]) + 0.01 * (stop - first)
        better = context > best[first:stop]
        owner[first:stop][better] = n
        best[first:stop][better] = context[better]
    return owner


def _tokenize(texts: Iterable[str], backend: Tokenizer) -> dict[str, TokenizedText]:
    ordered = list(texts)
    encodings = backend.encode_batch(ordered, add_special_tokens=False)
    return {text: _tokenized(text, e.ids, e.offsets) for text, e in zip(ordered, encodings, strict=True)}


def _tokenized(text: str, ids: list[int], offsets: list[tuple[int, int]]) -> TokenizedText:
    trimmed = np.array([_trim(text, *offset) for offset in offsets], dtype=np.int64).reshape(-1, 2)
    starts, ends = trimmed.T
    inside = np.zeros(len(text) + 1, dtype=bool)  # True where a cut before the character would break a word
    for match in _UNBROKEN.finditer(text):
        inside[match.start() + 1 : match.end()] = True
    solid = np.flatnonzero(starts < ends)
    begins = ~inside[starts[solid]]
    begins[1:] &= starts[solid[1:]] >= ends[solid[:-1]]  # the pieces of one character (emoji in byte-level models)
    begins[:1] = True
    at = np.flatnonzero(begins)
    return TokenizedText(
        ids=np.array(ids, dtype=np.int64),
        offsets=trimmed,
        first_tokens=solid[at],
        last_tokens=solid[np.append(at[1:], len(solid)) - 1] if len(at) else at,
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def _shortened(text: str, question: TokenizedText, limit: int) -> Ints:
    """The tokens of a question, at most ``limit``: what comes before the last "¿" is the first to go."""
    ids = question.ids
    if len(ids) <= limit:
        return ids
    mark = text.rfind("¿")
    asks = int(np.searchsorted(question.offsets[:, 0], mark)) if mark >= 0 else 0
    at = min(asks, len(ids) - limit)
    return ids[at : at + limit]


@dataclass(frozen=True, slots=True)
class _Frame:
    """The special tokens around a pair and between its two texts, and the type of each part."""

    backend: Tokenizer
    before: tuple[list[int], list[int]]  # ids and types
    between: tuple[list[int], list[int]]
    after: tuple[list[int], list[int]]
    question_type: int
    passage_type: int

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase) -> _Frame:
        """Read off the frame from a pair of one token each."""
        backend = plain_backend(tokenizer)
        one = backend.encode("a", "a")
        question, passage = one.sequence_ids.index(0), one.sequence_ids.index(1)
        after = len(one.sequence_ids) - one.sequence_ids[::-1].index(1)
        types = one.type_ids if "token_type_ids" in tokenizer.model_input_names else [0] * len(one.ids)

        def part(first: int, stop: int) -> tuple[list[int], list[int]]:
            return one.ids[first:stop], types[first:stop]

        between = question + one.sequence_ids.count(0)
        return cls(
            backend,
            part(0, question),
            part(between, passage),
            part(after, len(one.ids)),
            *(types[i] for i in (question, passage)),
        )

    @property
    def special(self) -> int:
        """How many special tokens a window has."""
        return len(self.before[0]) + len(self.between[0]) + len(self.after[0])

    def window(self, pair: int, question: Ints, passage: Ints, first: int) -> Window:
        ids = np.concatenate([self.before[0], question, self.between[0], passage, self.after[0]], dtype=np.int64)
        types = np.concatenate(
            [
                self.before[1],
                np.full(len(question), self.question_type),
                self.between[1],
                np.full(len(passage), self.passage_type),
                self.after[1],
            ],
            dtype=np.int64,
        )
        at = len(self.before[0]) + len(question) + len(self.between[0])
        return Window(pair, ids, types, at, first, first + len(passage))
