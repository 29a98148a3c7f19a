"""Tiny questions and a tiny encoder for the tests of training."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from reader.vocabulary import train_tokenizer

LAYERS = 2
TOWNS = ["Béjar", "Ledesma", "Guijuelo", "Tamames", "Vitigudino", "Peñaranda", "Alba", "Candelario"]


def squad(path: Path, *, first: int = 0, articles: int = 4) -> Path:
    """A SQuAD v2 file in which the answer is the town after "de", or there is none."""
    data = []
    for n in range(first, first + articles):
        town, other = TOWNS[n % len(TOWNS)], TOWNS[(n + 3) % len(TOWNS)]
        context = f"La oficina de {town} abre a las {n + 7}. El puente de {other} tiene {n + 2} arcos."
        answers = {
            "¿De dónde es la oficina?": town,
            "¿De dónde es el puente?": other,
            "¿Cuántos arcos tiene el puente?": str(n + 2),
            "¿Quién construyó la torre?": None,
        }
        qas = [
            {
                "id": f"{n}-{q}",
                "question": question,
                "is_impossible": answer is None,
                "answers": [{"text": answer, "answer_start": context.rindex(answer)}] if answer else [],
            }
            for q, (question, answer) in enumerate(answers.items())
        ]
        data.append({"title": f"Artículo {n}", "paragraphs": [{"context": context, "qas": qas}]})
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


def encoder(folder: Path, *, hidden: int = 64, dropout: float = 0.1) -> Path:
    """A random BERT encoder, without a question-answering head, with a vocabulary for these questions."""
    texts = [
        squad(folder.with_suffix(".json"), articles=8).read_text(encoding="utf-8").encode().decode("unicode_escape")
    ]
    tokenizer = train_tokenizer(texts * 3, 400, max_length=64)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=64,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
