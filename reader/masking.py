"""What a pretraining batch hides: whole words to guess, and recurring spans to point at.

Whole-word masking after BERT (Devlin et al., 2019): of the words chosen, 80 % become [MASK], 10 % other words, 10 %
stay. Recurring-span selection after Ram et al., "Few-Shot Question Answering by Pretraining Span Selection" (2021): of
a span that occurs several times in a passage all occurrences but one are masked, and each masked one must point at
the start and the end of the one that is left. Two departures keep this vectorised: a masked occurrence keeps its
length, and its first [MASK] asks the question.

Everything is NumPy over a whole batch, a pure function of the rows and the random generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_LONGEST_SPAN = 8  # words; Ram et al. go to 10, longer ones are mostly boilerplate
_FUNCTION_WORDS = """
    a al ante aquel aquella aquello así aun aunque bajo cada como con contra cual cuales cuando de del desde donde
    dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta está estaba están estas este
    esto estos fue fueron ha haber había han hasta hay he la las le les lo los mas más me mi mientras mis muy ni no
    nos o os otra otras otro otros para pero por porque pues que qué quien quienes se según ser será si sí sido sin
    sino sobre son su sus también tan tanto te tiene tienen todo todos toda todas tras tu tus u un una unas uno unos
    y ya yo
"""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What masking needs to know of a vocabulary of ``V`` pieces."""

    continues: Flags  # [V]: "##…", not the first piece of a word
    special: Flags  # [V]: [CLS], [SEP], [PAD], [MASK]: no part of the text
    breaks: Flags  # [V]: the end of a clause, which no recurring span goes beyond
    edge: Flags  # [V]: may begin or end a recurring span: neither a function word, nor punctuation, nor one letter
    hashes: NDArray[np.uint64]  # [V]: a random number for each piece
    ordinary: Ints  # the pieces that may stand for another at random
    cls: int
    pad: int
    mask: int
    unknown: int


def describe_vocabulary(tokenizer: PreTrainedTokenizerBase) -> Pieces:
    """Tabulate the vocabulary once, so that batches are masked by look-ups."""
    texts: list[str] = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    roles = (tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.mask_token_id)
    special = np.isin(np.arange(len(texts)), roles)
    continues = np.array([text.startswith("##") for text in texts])
    function_words = frozenset(_FUNCTION_WORDS.split())
    edge = np.array([len(text) > 1 and text.isalnum() and text.lower() not in function_words for text in texts])
    hashes = np.random.default_rng(0).integers(1, 2**63, size=len(texts), dtype=np.uint64)
    return Pieces(
        continues=continues,
        special=special,
        breaks=np.isin(texts, list(".;:!?…")),
        edge=(edge | continues) & ~special,
        hashes=hashes | np.uint64(1),
        ordinary=np.flatnonzero(~special & (np.arange(len(texts)) != tokenizer.unk_token_id)),
        cls=tokenizer.cls_token_id,
        pad=tokenizer.pad_token_id,
        mask=tokenizer.mask_token_id,
        unknown=tokenizer.unk_token_id,
    )


@dataclass(frozen=True, slots=True)
class Masked:
    """A batch of ``R`` rows of ``L`` places with what is asked about it: ``M`` pieces and up to ``Q`` spans a row."""

    input_ids: Ints  # [R, L], with the masks
    position_ids: Ints  # [R, L], from 0 at each [CLS]
    segments: Ints  # [R, L], from 1; 0 is padding
    guess_places: Ints  # [M], in the flattened rows
    guess_labels: Ints  # [M]
    questions: Ints  # [R, Q], the place in the row of each question's first [MASK]
    starts: Ints  # [R, Q], the place in the row of the answer's first piece; -100 where there is no question
    ends: Ints  # [R, Q], of its last piece


def mask_batch(
    rows: Ints,
    pieces: Pieces,
    rng: np.random.Generator,
    *,
    share: float = 0.15,
    questions: int = 12,
) -> Masked:
    """Mask ``rows`` of packed passages (each ``[CLS] … [SEP]``, then padding).

    Up to ``questions`` spans a row are asked for; of the other words, a ``share`` is to be guessed.
    """
    width = rows.shape[1]
    segments = np.cumsum(rows == pieces.cls, axis=1)
    segments[rows == pieces.pad] = 0
    places = np.arange(width)
    firsts = np.maximum.accumulate(np.where(rows == pieces.cls, places, 0), axis=1)
    position_ids = np.where(segments > 0, places - firsts, 0)

    ids = rows.copy()
    taken = pieces.special[rows] | (rows == pieces.unknown)  # places that nothing more may be hidden in
    asked, starts, ends = _ask_spans(rows, segments, pieces, rng, ids, taken, questions)
    guess = _choose_words(rows, pieces, rng, taken, share)
    guess_places = np.flatnonzero(guess)
    labels = rows.reshape(-1)[guess_places]
    _hide(ids.reshape(-1), rows.reshape(-1), guess_places, pieces, rng)
    return Masked(ids, position_ids, segments, guess_places, labels, asked, starts, ends)


def _choose_words(rows: Ints, pieces: Pieces, rng: np.random.Generator, taken: Flags, share: float) -> Flags:
    """The pieces to guess: all pieces of words drawn at random, none of them ``taken``."""
    word = np.cumsum(~pieces.continues[rows].reshape(-1)) - 1
    drawn = rng.random(int(word[-1]) + 1) < share
    drawn[word[taken.reshape(-1)]] = False
    chosen: Flags = drawn[word].reshape(rows.shape)
    return chosen


def _hide(ids: Ints, rows: Ints, guess: Ints, pieces: Pieces, rng: np.random.Generator) -> None:
    """80 % of the words to guess become [MASK], 10 % are replaced piece by piece, 10 % stay; word by word."""
    if not len(guess):
        return
    new_word = ~pieces.continues[rows[guess]] | (np.diff(guess, prepend=guess[0] - 2) != 1)
    fate = rng.random(int(new_word.sum()))[np.cumsum(new_word) - 1]
    ids[guess[fate < 0.8]] = pieces.mask
    replaced = guess[fate >= 0.9]
    ids[replaced] = rng.choice(pieces.ordinary, size=len(replaced))


def _ask_spans(
    rows: Ints,
    segments: Ints,
    pieces: Pieces,
    rng: np.random.Generator,
    ids: Ints,
    taken: Flags,
    questions: int,
) -> tuple[Ints, Ints, Ints]:
    """Choose recurring spans, mask all occurrences but one in ``ids``, and mark all of them in ``taken``."""
    height, width = rows.shape
    asked = np.zeros((height, questions), dtype=np.int64)
    starts, ends = np.full_like(asked, -100), np.full_like(asked, -100)
    if not questions:
        return asked, starts, ends
    count = [0] * height
    flat_ids, flat_taken = ids.reshape(-1), taken.reshape(-1)
    begins, finishes, clusters = recurring_spans(rows, segments, pieces)
    bounds = np.flatnonzero(np.diff(clusters, prepend=-1, append=-1)).tolist()
    spans = list(zip(begins.tolist(), finishes.tolist(), strict=True))
    for c in rng.permutation(len(bounds) - 1).tolist():
        members = spans[bounds[c] : bounds[c + 1]]  # from left to right
        row = members[0][0] // width
        if count[row] + len(members) - 1 > questions:
            continue
        # An occurrence that another question has touched would be a second right answer, or a hidden one.
        overlap = any(after[0] <= before[1] for before, after in pairwise(members))
        if overlap or any(flat_taken[begin : finish + 1].any() for begin, finish in members):
            continue
        answer = members.pop(int(rng.integers(len(members))))
        flat_taken[answer[0] : answer[1] + 1] = True
        for begin, finish in members:
            flat_ids[begin : finish + 1] = pieces.mask
            flat_taken[begin : finish + 1] = True
            asked[row, count[row]] = begin % width
            starts[row, count[row]], ends[row, count[row]] = answer[0] % width, answer[1] % width
            count[row] += 1
    return asked, starts, ends


def recurring_spans(rows: Ints, segments: Ints, pieces: Pieces) -> tuple[Ints, Ints, Ints]:
    """Maximal spans of whole words that occur at least twice in one passage.

    A span begins and ends with a content word and lies within a clause; an occurrence counts only where it is not
    part of a longer recurring span (Ram et al., section 3.1).

    Returns:
        ``(begins, finishes, clusters)``, one entry for each occurrence: first and last place in the flattened rows,
        and the number of the span it is an occurrence of, in ascending order.
    """
    flat, segment = rows.reshape(-1), (segments + np.arange(len(rows))[:, None] * (rows.shape[1] + 1)).reshape(-1)
    inside = ~pieces.special[flat]
    first = np.flatnonzero(inside & ~pieces.continues[flat])
    if not len(first):
        return tuple(np.zeros((3, 0), dtype=np.int64))  # type: ignore[return-value]
    last = _word_ends(first, pieces.continues[flat] & inside)
    words = _word_hashes(flat, first, last, pieces)
    passage = segment[first]
    clause = np.cumsum(pieces.breaks[flat[first]] | (np.diff(passage, prepend=-1) != 0))
    opens = pieces.edge[flat[first]]
    closes = opens | (last > first)  # a word of several pieces is no function word

    def recurs(n: int) -> tuple[Flags, Ints]:
        """For every word: whether the ``n`` words from it on recur in its passage, and a number for what they are."""
        valid = len(words) - n + 1
        keys = _mix(passage[:valid].astype(np.uint64))
        with np.errstate(over="ignore"):
            for k in range(n):
                keys = keys * np.uint64(0x9E3779B97F4A7C15) + words[k : k + valid]
        whole = clause[:valid] == clause[n - 1 :]
        keys[~whole] = np.flatnonzero(~whole)  # never equal to another
        _, kind, count = np.unique(keys, return_inverse=True, return_counts=True)
        found = np.zeros(len(words), dtype=bool)
        found[:valid] = (count[kind] > 1) & whole
        kinds = np.zeros(len(words), dtype=np.int64)
        kinds[:valid] = kind
        return found, kinds

    candidates: list[tuple[int, Ints, Ints]] = []  # (words, where they begin, what they are), shortest first
    for n in range(1, min(_LONGEST_SPAN, len(words)) + 1):
        found, kinds = recurs(n)
        if not found.any():
            break
        at = np.flatnonzero(found & opens)
        at = at[closes[at + n - 1]]
        candidates.append((n, at, kinds[at]))

    begins, finishes, clusters = ([np.zeros(0, dtype=np.int64)] for _ in range(3))
    reach = np.zeros(len(words), dtype=np.int64)  # one past the last word of the longer spans that begin at each word
    known = 0
    for n, at, kinds in reversed(candidates):
        maximal = np.maximum.accumulate(reach)[at] < at + n
        reach[at] = np.maximum(reach[at], at + n)
        at, kinds = at[maximal], kinds[maximal]
        _, kinds, count = np.unique(kinds, return_inverse=True, return_counts=True)
        several = count[kinds] > 1
        begins.append(first[at[several]])
        finishes.append(last[at[several] + n - 1])
        clusters.append(kinds[several] + known)
        known += len(count)
    order = np.argsort(np.concatenate(clusters), kind="stable")
    return np.concatenate(begins)[order], np.concatenate(finishes)[order], np.concatenate(clusters)[order]


def _word_ends(first: Ints, continuing: Flags) -> Ints:
    """The last place of the word that begins at each of ``first``."""
    stops = np.flatnonzero(np.append(~continuing, True))  # places that do not continue a word
    return np.asarray(stops[np.searchsorted(stops, first, side="right")] - 1, dtype=np.int64)


def _word_hashes(flat: Ints, first: Ints, last: Ints, pieces: Pieces) -> NDArray[np.uint64]:
    """One number for each word, equal for equal words: a sum over its pieces weighted by where they stand."""
    sums = np.zeros(len(first), dtype=np.uint64)
    lengths = last - first + 1
    with np.errstate(over="ignore"):
        for k in range(int(lengths.max())):
            longer = lengths > k
            sums[longer] = sums[longer] * np.uint64(0xD6E8FEB86659FD93) + pieces.hashes[flat[first[longer] + k]]
    return _mix(sums)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits (the finaliser of MurmurHash3)."""
    with np.errstate(over="ignore"):
        for shift, factor in ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53)):
            values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> np.uint64(33))
