"""Tiny BERT-family checkpoints with random weights, made on the spot and the same on every run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st

# Words of official Spanish, so that random texts made of them have whole words, pieces and unknown signs.
WORDS = """
a al ante año años antes apartado artículo ayuntamiento baja base biblioteca calle centro certificado cinco cita como
con concejal correo cuando cuatro cuenta cuánto cuál cuándo cómo de del departamento derecho desde después día días
dirección documento dos dónde el electrónica en entre es escrito español euros expediente fecha firma formulario
gestión hasta hora horario impuesto informe jefatura la las licencia lo los lugar lunes mañana mes mesa meses
municipal niño no nombre número oficina para permiso persona personal plazo pleno por pregunta presentar primera puede
que quien quién qué registro reunión se sede semana señala servicio si sin sobre solicitud son su sus tarde tasa tiene
todos trabajo traslado tres trámite un una urbano vacaciones viernes y
""".split()
SIGNS = list("¿?¡!.,;:()«»\"'-–—/%€0123456789")
LETTERS = list("abcdefghijklmnñopqrstuvwxyzáéíóúüABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚ")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = list(dict.fromkeys([*SPECIAL, *WORDS, *SIGNS, *LETTERS, *(f"##{letter}" for letter in LETTERS), "##ción"]))


def make_bert(folder: Path, *, seed: int = 0, positions: int = 512) -> Path:
    """A BERT question-answering checkpoint of 2 layers and 32 units."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertTokenizerFast

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=positions,
        initializer_range=0.5,  # far from 0, so that logits differ from place to place
    )
    BertForQuestionAnswering(config).save_pretrained(folder)
    vocabulary = {word: row for row, word in enumerate(VOCABULARY)}
    BertTokenizerFast(vocab=vocabulary, do_lower_case=False, strip_accents=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="session")
def roberta_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A RoBERTa checkpoint: byte-level pieces, two separators, no token types, positions from 2."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import RobertaConfig, RobertaForQuestionAnswering, RobertaTokenizerFast

    folder = tmp_path_factory.mktemp("roberta")
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learnt.train_from_iterator([" ".join(WORDS)] * 3, trainer)
    learnt.model.save(str(folder))
    RobertaTokenizerFast(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt")).save_pretrained(folder)
    torch.manual_seed(1)
    config = RobertaConfig(
        vocab_size=learnt.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=130,
        type_vocab_size=1,
        initializer_range=0.5,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    RobertaForQuestionAnswering(config).save_pretrained(folder)
    return folder


# Texts as files have them: words of the vocabulary and others, decomposed accents, emoji, odd white space.
_PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(SIGNS),
    st.sampled_from(
        [
            "ca\u0301mara",
            "An\u0303o",
            "cigu\u0308en\u0303a",
            "👩‍💻",
            "🇪🇸",
            "✅",
            "3.500,50",
            "10:30",
            "E-101",
            "[SEP]",
            "\u200b",
        ]
    ),
    st.text(max_size=6),
)
_SPACES = st.sampled_from([" ", " ", " ", "", "\n", "  ", "\t", "\u00a0", "\u2003", "\r\n"])


@st.composite
def texts(draw: st.DrawFn, max_pieces: int = 60) -> str:
    """A Spanish-looking text with everything that moves offsets."""
    pieces = draw(st.lists(st.tuples(_PIECES, _SPACES), max_size=max_pieces))
    return "".join(piece + space for piece, space in pieces)
