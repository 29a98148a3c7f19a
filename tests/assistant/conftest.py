"""Tiny models and a small folder, made on the spot, and a home folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

TEXTS = {
    "permisos.md": "# Permisos\n\n## Vacaciones\n\nLas vacaciones anuales son de 22 días hábiles. "
    "Se piden con 15 días de antelación.\n\n## Mudanza\n\nEl permiso por mudanza es de 1 día.\n",
    "viajes.txt": "Dietas de viaje\n\nLa dieta completa es de 45 euros al día. La media dieta es de 20 euros.\n",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, state and caches under the test's folder; no variable of the person's own; no network."""
    folder = tmp_path / "home"
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(folder / variable.lower()))
    monkeypatch.setenv("ASSISTANT_CONFIG", str(folder / "config.toml"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("READER", "ENCODER", "DEVICE", "K", "THRESHOLD", "DEBUG"):
        monkeypatch.delenv(f"ASSISTANT_{name}", raising=False)
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder of two small documents."""
    folder = tmp_path / "documentos"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def words() -> list[str]:
    """A WordPiece vocabulary: the special tokens, every character, and the words of the documents."""
    text = " ".join(TEXTS.values())
    characters = sorted({character for character in text + "¿?" if not character.isspace()})
    pieces = [*characters, *(f"##{character}" for character in characters), *text.split()]
    return list(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]))


@pytest.fixture(scope="session")
def tiny_reader(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> Path:
    """A BERT question-answering checkpoint of random weights."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertTokenizerFast

    folder = tmp_path_factory.mktemp("lector")
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(vocabulary), do_lower_case=False).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertForQuestionAnswering(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> Path:
    """A static encoder of random weights."""
    import numpy as np
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import BertPreTokenizer

    from index.static_encoder import save_static_encoder

    tokenizer = Tokenizer(WordPiece({word: row for row, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    folder = tmp_path_factory.mktemp("buscador")
    weights = np.random.default_rng(0).standard_normal((len(words), 16)).astype(np.float32)
    save_static_encoder(folder, tokenizer, weights, int8=False)
    return folder
