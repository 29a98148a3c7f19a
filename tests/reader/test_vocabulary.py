"""A Spanish vocabulary keeps what Spanish needs, and old embeddings find their new places."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoTokenizer, BertTokenizer

from reader.vocabulary import SPECIAL_TOKENS, train_tokenizer, transplant

TEXTS = ["El niño comió piñones en la plaza.", "¿Cuándo abre la oficina? La oficina abre a las 9:30."] * 20


def test_learns_cased_words_with_accents_and_survives_saving(tmp_path: Path) -> None:
    tokenizer = train_tokenizer(TEXTS, 400)
    assert tokenizer.convert_ids_to_tokens([0, 1, 2, 3, 4]) == list(SPECIAL_TOKENS)
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    text = "¿Cuándo comió la niña piñones? 9:30"
    assert loaded.tokenize(text) == tokenizer.tokenize(text)
    assert "niño" in loaded.get_vocab() and "nino" not in loaded.get_vocab()
    assert "El" in loaded.get_vocab() and "el" not in loaded.get_vocab()
    assert loaded.unk_token_id not in loaded(text)["input_ids"]
    ids = loaded("¿Quién?", "Él.", return_token_type_ids=True)
    assert ids["token_type_ids"][-1] == 1 and ids["input_ids"][0] == loaded.cls_token_id


def test_the_same_texts_give_the_same_vocabulary() -> None:
    texts = [f"Palabra{n % 7} número {n * 31 % 50} de la plaza {n % 3}" for n in range(60)]
    first, *others = (train_tokenizer(texts, 300).get_vocab() for _ in range(3))
    assert all(other == first for other in others)


def tokenizer_of(*words: str) -> BertTokenizer:
    return BertTokenizer(
        vocab={word: n for n, word in enumerate([*SPECIAL_TOKENS, *words])}, do_lower_case=False, strip_accents=False
    )


def test_transplant_copies_known_pieces_and_averages_the_rest() -> None:
    old = tokenizer_of("plaza", "##s", "pl", "##aza", "pi", "##ñon", "##ones", "##o")
    new = tokenizer_of("##s", "plaza", "piñon", "plazas", "##ñones", "zzz")
    vectors = torch.arange(len(old), dtype=torch.float)[:, None].repeat(1, 3)
    moved = transplant(vectors, old, new)[:, 0].tolist()
    piece = old.get_vocab()
    expected = {
        "[PAD]": 0,
        "[MASK]": piece["[MASK]"],
        "##s": piece["##s"],
        "plaza": piece["plaza"],
        "piñon": (piece["pi"] + piece["##ñon"]) / 2,
        "plazas": (piece["plaza"] + piece["##s"]) / 2,
        "zzz": piece["[UNK]"],
        "##ñones": piece["[UNK]"],  # "##ñon" leaves "##es", which the old vocabulary cannot spell
    }
    assert {name: moved[new.get_vocab()[name]] for name in expected} == expected


def test_transplant_onto_the_same_vocabulary_changes_nothing() -> None:
    tokenizer = train_tokenizer(TEXTS, 400)
    vectors = torch.randn(len(tokenizer), 4)
    assert torch.equal(transplant(vectors, tokenizer, tokenizer), vectors)
