"""What is trained in pretraining: an encoder with a head that guesses words and one that points at spans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from reader.errors import ModelProblem
from reader.masking import Pieces, mask_batch
from reader.packing import block_mask
from reader.registry import locate
from reader.vocabulary import transplant
from reader.weights import load_tokenizer

if TYPE_CHECKING:
    from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerBase

IGNORED = -100


_ROBERTA = ("roberta", "xlm-roberta", "camembert")  # the same layers as BERT; positions start at the padding id + 1


def encoder_config(vocabulary: int, layers: int, hidden: int, length: int = 512, pad_id: int = 0) -> BertConfig:
    """A BERT of these sizes with heads of 64 units, and without dropout: few epochs leave nothing to overfit."""
    from transformers import BertConfig

    if hidden % 64:
        raise ModelProblem(f"--hidden {hidden} no es múltiplo de 64.", "Cada cabeza de atención tiene 64 unidades.")
    return BertConfig(
        vocab_size=vocabulary,
        pad_token_id=pad_id,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        intermediate_size=4 * hidden,
        max_position_embeddings=length,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def new_encoder(
    tokenizer: PreTrainedTokenizerBase, init: str | None, *, layers: int, hidden: int, length: int
) -> BertForMaskedLM:
    """A BERT for ``tokenizer``: with random weights of these sizes, or with the layers of ``init`` and its sizes.

    The vocabulary of ``init`` is transplanted; positions past its last one start at random.
    Raises ModelProblem where ``init`` is of another architecture.
    """
    from transformers import AutoConfig, AutoModel, BertForMaskedLM

    config = encoder_config(len(tokenizer), layers, hidden, length, pad_id=tokenizer.pad_token_id)
    if init is None:
        return BertForMaskedLM(config)
    folder = locate(init)
    source = AutoConfig.from_pretrained(folder)
    if source.model_type not in ("bert", *_ROBERTA):
        raise ModelProblem(f"{init} no es un codificador BERT ({source.model_type}).", "Dé otro modelo en --init.")
    for name in ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act"):
        setattr(config, name, getattr(source, name))
    model = BertForMaskedLM(config)
    weights = AutoModel.from_pretrained(folder).state_dict()
    words, positions = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"
    weights[words] = transplant(weights[words], load_tokenizer(folder), tokenizer)
    if source.model_type in _ROBERTA:
        weights[positions] = weights[positions][source.pad_token_id + 1 :]
    own = model.bert.state_dict()
    own[positions][: len(weights[positions])] = weights[positions][: len(own[positions])]
    fitting = {name: value for name, value in weights.items() if name in own and own[name].shape == value.shape}
    model.bert.load_state_dict({**own, **fitting})
    return model


class Pretrainer(nn.Module):
    """Masked language model plus span pointer over one encoder.

    The pointer scores every token as start and as end of the span that a masked occurrence stands for, by a bilinear
    form between the question's hidden state and the token's (the question-aware span selection of Ram et al., 2021).
    """

    def __init__(self, model: BertForMaskedLM) -> None:
        super().__init__()
        hidden = model.config.hidden_size
        self.model = model
        self.ask = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 2 * hidden))
        self.answer = nn.Linear(hidden, 2 * hidden)

    def forward(self, batch: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Mean losses ``guess`` and ``point``, and counts of what was asked and got right, of one :class:`Masked`."""
        segments = batch["segments"]
        hidden = self.model.bert(
            input_ids=batch["input_ids"],
            token_type_ids=torch.zeros_like(segments),
            position_ids=batch["position_ids"],
            attention_mask=block_mask(segments),
        ).last_hidden_state
        words = self.model.cls(hidden.flatten(0, 1)[batch["guess_places"]])
        labels = batch["guess_labels"]
        result = {"guess": _cross_entropy(words, labels), **_counts("guess", words, labels)}

        rows = torch.arange(len(segments), device=segments.device)[:, None]
        asking = self.ask(hidden[rows, batch["questions"]]).unflatten(-1, (2, -1))  # [R, Q, 2, H]
        answering = self.answer(hidden).unflatten(-1, (2, -1))  # [R, L, 2, H]
        scores = torch.einsum("rqbh,rlbh->brql", asking, answering) * hidden.shape[-1] ** -0.5
        elsewhere = segments[:, None, :] != segments[rows, batch["questions"]][:, :, None]
        scores = scores.masked_fill(elsewhere, torch.finfo(scores.dtype).min).flatten(1, 2)  # [2, R × Q, L]
        places = torch.stack([batch["starts"].flatten(), batch["ends"].flatten()])
        result["point"] = (_cross_entropy(scores[0], places[0]) + _cross_entropy(scores[1], places[1])) / 2
        return {**result, **_counts("point", scores.flatten(0, 1), places.flatten())}


def _cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over the labels that are not ignored; 0 where all are."""
    total = F.cross_entropy(logits.float(), labels, ignore_index=IGNORED, reduction="sum")
    return total / (labels != IGNORED).sum().clamp(min=1)


def _counts(name: str, logits: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    right = (logits.detach().argmax(dim=-1) == labels).sum()
    return {f"{name}_right": right, f"{name}_asked": (labels != IGNORED).sum()}


class MaskedRows(Dataset[dict[str, torch.Tensor]]):
    """The batch of each step: rows drawn without replacement, epoch after epoch, masked anew every time.

    Item ``n`` is a pure function of ``(seed, n)``: a resumed run goes on with item ``n`` as if it had never stopped.
    All batches have the same shapes, so that a compiled model is compiled once.
    """

    def __init__(
        self, rows: NDArray[Any], pieces: Pieces, per_batch: int, mask_share: float, questions: int, *, seed: int
    ) -> None:
        self.rows, self.pieces, self.per_batch, self.seed = rows, pieces, per_batch, seed
        self.mask_share, self.questions = mask_share, questions
        self.guesses = int(1.15 * mask_share * per_batch * rows.shape[1]) + 1
        self._epoch = -1
        self._order = np.zeros(0, dtype=np.int64)

    def __getitem__(self, n: int) -> dict[str, torch.Tensor]:
        wanted = np.arange(n * self.per_batch, (n + 1) * self.per_batch)
        chosen = np.array(
            [self._order_of(int(epoch))[at] for epoch, at in zip(*divmod(wanted, len(self.rows)), strict=True)]
        )
        rows = np.asarray(self.rows[chosen], dtype=np.int64)
        rng = np.random.default_rng((self.seed, 1, n))
        masked = mask_batch(rows, self.pieces, rng, share=self.mask_share, questions=self.questions)
        places, labels = np.zeros(self.guesses, dtype=np.int64), np.full(self.guesses, IGNORED)
        count = min(self.guesses, len(masked.guess_places))
        kept = np.sort(rng.permutation(len(masked.guess_places))[:count])
        places[:count], labels[:count] = masked.guess_places[kept], masked.guess_labels[kept]
        arrays = {
            "input_ids": masked.input_ids,
            "position_ids": masked.position_ids,
            "segments": masked.segments,
            "guess_places": places,
            "guess_labels": labels,
            "questions": masked.questions,
            "starts": masked.starts,
            "ends": masked.ends,
        }
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def _order_of(self, epoch: int) -> NDArray[np.int64]:
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng((self.seed, 0, epoch)).permutation(len(self.rows))
        return self._order
