"""A cased Spanish WordPiece vocabulary, and moving a trained encoder onto it."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_SPANISH = string.ascii_letters + string.digits + string.punctuation + "áéíóúüñÁÉÍÓÚÜÑ¿¡«»“”‘’–—…ºª€°"
_ALPHABET = 300  # characters, at most; rarer ones are unknown


def train_tokenizer(texts: Sequence[str], size: int, *, max_length: int = 512) -> PreTrainedTokenizerBase:
    """Learn a WordPiece vocabulary of about ``size`` pieces; case and accents are kept. The same texts give the same.

    Every letter of the alphabet is a piece both at the beginning of a word and inside, so that any word can be spelled.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizer

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=False, lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # The trainer numbers the pieces it meets in the order of a randomly seeded hash map, and breaks ties by number:
    # handing it all single letters as if they were special tokens is what makes its result repeatable.
    alphabet = _alphabet(texts)
    letters = [*alphabet, *(f"##{letter}" for letter in alphabet)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[*SPECIAL_TOKENS, *letters],
        limit_alphabet=len(alphabet),
        initial_alphabet=alphabet,
        continuing_subword_prefix="##",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return BertTokenizer(
        vocab=tokenizer.get_vocab(), do_lower_case=False, strip_accents=False, model_max_length=max_length
    )


def _alphabet(texts: Iterable[str]) -> list[str]:
    """The letters of Spanish and the most frequent other characters of ``texts``, sorted."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    frequent = sorted(counts, key=lambda character: (-counts[character], character))[:_ALPHABET]
    return sorted({*_SPANISH, *(character for character in frequent if not character.isspace())})


def transplant(
    old_embeddings: torch.Tensor, old: PreTrainedTokenizerBase, new: PreTrainedTokenizerBase
) -> torch.Tensor:
    """Word embeddings ``[new vocabulary, H]`` for ``new`` out of those of an encoder that used ``old``.

    Special tokens keep their role, a piece that both know keeps its vector, and any other starts as the mean of the
    old pieces that spell it (a continuation ``##…`` is spelled as the continuation of a word).
    """
    import torch

    result = torch.empty(len(new), old_embeddings.shape[1], dtype=old_embeddings.dtype)
    roles: dict[int, int] = {}
    for role in ("pad", "unk", "cls", "sep", "mask"):
        ours, theirs = getattr(new, f"{role}_token_id"), getattr(old, f"{role}_token_id")
        if ours is not None:
            roles[ours] = theirs if theirs is not None else getattr(old, "unk_token_id", 0)
    known: dict[str, int] = old.get_vocab()
    word_piece = any(piece.startswith("##") for piece in known)
    for piece, number in new.get_vocab().items():
        if number in roles:
            pieces = [roles[number]]
        elif word_piece and piece in known:
            pieces = [known[piece]]
        elif word_piece and piece.startswith("##"):
            pieces = _continuation(piece.removeprefix("##"), old, known)
        else:
            pieces = old.encode(piece.removeprefix("##"), add_special_tokens=False)
        result[number] = old_embeddings[pieces or [roles[new.unk_token_id]]].mean(dim=0)
    return result


def _continuation(text: str, old: Any, known: dict[str, int]) -> list[int]:
    """The pieces ``##…`` that spell ``text`` inside a word, longest first as WordPiece does; [] if some are missing."""
    normalizer = old.backend_tokenizer.normalizer
    text = normalizer.normalize_str(text) if normalizer else text
    pieces: list[int] = []
    while text:
        end = next((end for end in range(len(text), 0, -1) if "##" + text[:end] in known), 0)
        if not end:
            return []
        pieces.append(known["##" + text[:end]])
        text = text[end:]
    return pieces
