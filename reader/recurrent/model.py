"""The network of the recurrent reader: DrQA and BiDAF in outline, simple recurrent units inside, a learned null.

Sources: Chen et al. (2017) for the aligned question and the match features, Seo et al. (2017) for attention between
two encoded texts, Lei et al. (2018) for the recurrence, whose only sequential part is element-wise: all its matrix
products run over whole batches, which is what makes it several times faster than an LSTM on a CPU.

Shapes: T words, B examples, P passages (shared by several questions of a batch), D hidden size. Time comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reader.recurrent.features import MATCH_FEATURES, SHAPE_FEATURES

_FAR = -1e4  # a masked logit: far below any real one, and still finite in bfloat16


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes of the network."""

    dim: int = 192  # of the word vectors
    hidden: int = 256
    tuned_words: int = 5000  # the most frequent words, whose vectors are also trained
    lower_layers: int = 2
    upper_layers: int = 3
    heads: int = 4
    dropout: float = 0.25


@dataclass(frozen=True, slots=True)
class Batch:
    """P passages and B questions about them. Padding rows are 0."""

    passage_ids: Tensor  # (Tp, P) int64
    passage_shape: Tensor  # (Tp, P, SHAPE_FEATURES)
    question_ids: Tensor  # (Tq, B) int64
    question_shape: Tensor  # (Tq, B, SHAPE_FEATURES + 1): shape and idf
    passage_of: Tensor  # (B,) int64: which passage each question is about
    match: Tensor  # (Tp, B, MATCH_FEATURES)


class _Scan(torch.autograd.Function):
    """c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t], c[-1] = 0, over the first dimension: one fused operation a step."""

    @staticmethod
    def forward(ctx: Any, f: Tensor, z: Tensor) -> Tensor:
        c = torch.empty_like(z)
        torch.mul(z[0], 1 - f[0], out=c[0])
        for t in range(1, len(z)):
            torch.lerp(z[t], c[t - 1], f[t], out=c[t])
        ctx.save_for_backward(f, z, c)
        return c

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        f, z, c = ctx.saved_tensors
        g = grads[0].contiguous().clone()
        for t in range(len(z) - 2, -1, -1):
            g[t].addcmul_(f[t + 1], g[t + 1])
        before = torch.cat([torch.zeros_like(c[:1]), c[:-1]])
        return g * (before - z), g * (1 - f)


_scan = cast(Callable[[Tensor, Tensor], Tensor], _Scan.apply)


def _flip_half(x: Tensor, half: int) -> Tensor:
    """Turn the time of the channels from ``half`` on: (T, B, D)."""
    return torch.cat([x[..., :half], x[..., half:].flip(0)], dim=-1)


def _by_example(x: Tensor) -> Tensor:
    """(T, B, D) to (B, T, D) and back."""
    return x.transpose(0, 1)


class BiRecurrence(nn.Module):
    """One bidirectional layer of simple recurrent units with a highway connection and layer norm: D → D."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gates = nn.Linear(size, 3 * size)
        self.norm = nn.LayerNorm(size)
        half = size // 2
        # Memories of many lengths from the start: forget gates between 0.5 and 0.97.
        self.gates.bias.data[size : 2 * size] = torch.linspace(0, 3.5, half).repeat(2)
        self.gates.bias.data[2 * size :] = -0.5

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x``: (T, B, D); ``mask``: (T, B, 1) bool, True at words."""
        z, f, r = self.gates(x).float().chunk(3, dim=-1)
        f = torch.sigmoid(f).masked_fill(~mask, 1.0)
        z = z.masked_fill(~mask, 0.0)
        half = z.shape[-1] // 2
        # The second half of the channels runs backwards; padding then comes first and leaves the state at 0.
        c = _flip_half(_scan(_flip_half(f, half), _flip_half(z, half)), half)
        r = torch.sigmoid(r)
        return cast(Tensor, self.norm(r * c + (1 - r) * x))


class SelfAttention(nn.Module):
    """Multi-head attention of a passage to itself, with a residual connection and layer norm."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x``: (T, B, D); ``mask``: (T, B, 1)."""
        length, batch, size = x.shape
        query, key, value = self.qkv(x).view(length, batch, 3, self.heads, size // self.heads).permute(2, 1, 3, 0, 4)
        # Spelled out: at these lengths it is faster on a CPU, forwards and backwards, than the fused kernel.
        scores = query @ key.transpose(-1, -2) * (size // self.heads) ** -0.5
        scores = scores.masked_fill(~mask.permute(1, 2, 0)[:, None], _FAR)  # (B, heads, T, T)
        mixed = scores.softmax(-1).to(value.dtype) @ value
        return cast(Tensor, self.norm(x + self.out(mixed.permute(2, 0, 1, 3).reshape(length, batch, size))))


class SharedDropout(nn.Module):
    """Dropout with one mask for all time steps of a sequence (variational: Gal and Ghahramani, 2016)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        return x * F.dropout(torch.ones_like(x[:1]), self.rate) if self.training and self.rate else x


class RecurrentNetwork(nn.Module):
    """Start and end logits for each word of each question's passage, and one null logit."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        size = config.hidden
        self.drop = SharedDropout(config.dropout)
        self.tuned = nn.Embedding(config.tuned_words + 1, config.dim, padding_idx=0)
        nn.init.zeros_(self.tuned.weight)
        self.read_passage = nn.Conv1d(config.dim + SHAPE_FEATURES, size, 3, padding=1)
        self.read_question = nn.Conv1d(config.dim + SHAPE_FEATURES + 1, size, 3, padding=1)
        self.lower = nn.ModuleList(BiRecurrence(size) for _ in range(config.lower_layers))
        self.align = nn.Linear(config.dim, config.dim)
        self.pool = nn.Linear(size, 1)
        self.fuse = nn.Linear(4 * size + 2 * config.dim + MATCH_FEATURES + 1, size)
        self.upper = nn.ModuleList(BiRecurrence(size) for _ in range(config.upper_layers))
        self.attend = SelfAttention(size, config.heads)
        self.last = BiRecurrence(size)
        self.start = nn.Linear(size, size)
        self.end = nn.Linear(size, size)
        self.start_bias = nn.Linear(size, 1)
        self.end_bias = nn.Linear(size, 1)
        self.null = nn.Sequential(nn.Linear(3 * size, size), nn.ReLU(), nn.Dropout(config.dropout), nn.Linear(size, 1))

    def _embed(self, ids: Tensor, vectors: Tensor) -> Tensor:
        tuned = self.tuned(ids.masked_fill(ids > self.config.tuned_words, 0))
        return cast(Tensor, F.embedding(ids, vectors) + tuned)

    def _encode(self, embedded: Tensor, shape: Tensor, mask: Tensor, first: nn.Conv1d) -> Tensor:
        x = first(torch.cat([self.drop(embedded), shape], -1).permute(1, 2, 0)).permute(2, 0, 1)
        for layer in self.lower:
            x = layer(self.drop(x), mask)
        return cast(Tensor, x)

    def forward(self, batch: Batch, vectors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``vectors``: (rows, dim), all word vectors. Returns start (B, Tp), end (B, Tp) and null (B,) logits, float32.

        Null is on the scale of one start or end logit: the null score of the passage is twice it.
        """
        of = batch.passage_of
        passage_mask = (batch.passage_ids != 0).unsqueeze(-1)
        question_mask = (batch.question_ids != 0).unsqueeze(-1)
        passage_words = self._embed(batch.passage_ids, vectors)
        question_words = self._embed(batch.question_ids, vectors)
        passages = self._encode(passage_words, batch.passage_shape, passage_mask, self.read_passage)
        question = self._encode(question_words, batch.question_shape, question_mask, self.read_question)
        question = self.drop(question)

        mask = passage_mask[:, of]
        passage = self.drop(passages[:, of])
        words = passage_words[:, of]
        no_word = ~_by_example(question_mask).transpose(1, 2)  # (B, 1, Tq)
        keys = F.relu(self.align(question_words))
        similar = _by_example(F.relu(self.align(passage_words))[:, of]) @ _by_example(keys).transpose(1, 2)
        aligned = _by_example(
            similar.masked_fill(no_word, _FAR).softmax(-1).to(question_words.dtype) @ _by_example(question_words)
        )
        cosine = F.normalize(_by_example(words), dim=-1) @ F.normalize(_by_example(question_words), dim=-1).transpose(
            1, 2
        )
        nearest = _by_example(cosine.masked_fill(no_word, -1.0).amax(-1, keepdim=True))  # (Tp, B, 1)
        scores = _by_example(passage) @ _by_example(question).transpose(1, 2) * self.config.hidden**-0.5
        attended = _by_example(scores.masked_fill(no_word, _FAR).softmax(-1).to(question.dtype) @ _by_example(question))
        summary = (self.pool(question).masked_fill(~question_mask, _FAR).softmax(0) * question).sum(0)  # (B, D)

        fused = [
            passage,
            attended,
            passage * attended,
            passage * summary,
            words * aligned,
            aligned,
            batch.match,
            nearest,
        ]
        x = F.relu(self.fuse(torch.cat([part.to(attended.dtype) for part in fused], -1)))
        for layer in self.upper:
            x = layer(self.drop(x), mask)
        x = self.attend(self.drop(x), mask)
        x = self.last(self.drop(x), mask)
        x = self.drop(x)
        scale = self.config.hidden**-0.5
        start = ((x * self.start(summary)).sum(-1) * scale + self.start_bias(x).squeeze(-1)).float()
        end = ((x * self.end(summary)).sum(-1) * scale + self.end_bias(x).squeeze(-1)).float()
        empty = ~mask.squeeze(-1)
        start, end = start.masked_fill(empty, _FAR), end.masked_fill(empty, _FAR)
        likely = (start.softmax(0).unsqueeze(-1) * x).sum(0)
        highest = x.masked_fill(~mask, _FAR).amax(0)
        null = self.null(torch.cat([likely, highest, summary], -1)).squeeze(-1).float()
        return start.T, end.T, null
