"""Packing keeps every window as if it were alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertForQuestionAnswering

from reader.packing import Batch, block_mask, lay_out, pack, per_window


@dataclass(frozen=True)
class Tokens:
    input_ids: list[int]
    token_type_ids: list[int]


def windows_of(lengths: list[int], seed: int = 0) -> list[Tokens]:
    generator = torch.Generator().manual_seed(seed)
    return [
        Tokens(
            input_ids=torch.randint(1, 100, (length,), generator=generator).tolist(),
            token_type_ids=[0] * (length // 3) + [1] * (length - length // 3),
        )
        for length in lengths
    ]


@pytest.fixture(scope="module")
def model() -> BertForQuestionAnswering:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=100,
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=64,
        initializer_range=0.2,  # large, so that any leak between windows would show
    )
    return BertForQuestionAnswering(config).eval()


def start_logits(model: BertForQuestionAnswering, batch: Batch) -> torch.Tensor:
    output = model(
        input_ids=batch.input_ids,
        token_type_ids=batch.token_type_ids,
        position_ids=batch.position_ids,
        attention_mask=block_mask(batch.segments),
    )
    return per_window(output.start_logits, batch.places, fill=-1e9)


def test_packed_logits_equal_the_unpadded_ones(model: BertForQuestionAnswering) -> None:
    windows = windows_of([17, 40, 5, 31, 23, 60, 8])
    rows = pack([len(window.input_ids) for window in windows], 64)
    assert max(map(len, rows)) > 1, "some row must hold several windows for this test to mean anything"
    order = [n for row in rows for n in row]
    with torch.inference_mode():
        packed = start_logits(model, lay_out(rows, windows))
        padded = start_logits(model, lay_out([(n,) for n in order], windows))
        for n, from_packed, from_padded in zip(order, packed, padded, strict=True):
            alone = model(
                input_ids=torch.tensor([windows[n].input_ids]), token_type_ids=torch.tensor([windows[n].token_type_ids])
            ).start_logits[0]
            torch.testing.assert_close(from_packed[: len(alone)], alone, atol=1e-5, rtol=0)
            torch.testing.assert_close(from_padded[: len(alone)], alone, atol=1e-5, rtol=0)
            assert (from_packed[len(alone) :] == -1e9).all()


def test_without_the_block_mask_windows_would_mix(model: BertForQuestionAnswering) -> None:
    """The trap that the mask is there for; if transformers ever closes it, this test says so."""
    windows = windows_of([20, 30])
    batch = lay_out([(0, 1)], windows)
    with torch.inference_mode():
        right = start_logits(model, batch)
        mixed = model(
            input_ids=batch.input_ids, token_type_ids=batch.token_type_ids, position_ids=batch.position_ids
        ).start_logits
    assert (per_window(mixed, batch.places, fill=-1e9) - right).abs().max() > 1e-2


def test_gradients_of_packed_and_padded_agree(model: BertForQuestionAnswering) -> None:
    windows = windows_of([12, 20, 30])
    gradients = []
    for rows in ([(0, 1, 2)], [(0,), (1,), (2,)]):
        model.zero_grad()
        start_logits(model, lay_out(rows, windows)).clamp(min=-100).square().mean().backward()
        gradients.append(model.bert.encoder.layer[0].attention.self.query.weight.grad.clone())
    torch.testing.assert_close(gradients[0], gradients[1], atol=1e-5, rtol=1e-4)


@given(st.lists(st.integers(1, 50), max_size=200))
def test_pack_places_every_item_once_within_capacity(lengths: list[int]) -> None:
    rows = pack(lengths, 50)
    assert sorted(n for row in rows for n in row) == list(range(len(lengths)))
    assert all(sum(lengths[n] for n in row) <= 50 for row in rows)
    # No two rows could be one: best fit never leaves two rows that are both at most half full.
    assert sum(sum(lengths[n] for n in row) <= 25 for row in rows) <= 1


def test_pack_fills_rows_of_squad_like_lengths() -> None:
    lengths = [120 + (37 * i) % 260 for i in range(1000)]
    assert sum(lengths) / (512 * len(pack(lengths, 512))) > 0.95


def test_pack_refuses_what_cannot_fit() -> None:
    with pytest.raises(ValueError, match="51 tokens"):
        pack([51], 50)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=12))
def test_laid_out_tokens_come_back_per_window(lengths: list[int]) -> None:
    windows = windows_of(lengths)
    rows = pack(lengths, 24)
    batch = lay_out(rows, windows)
    ids = per_window(batch.input_ids, batch.places, fill=0)
    positions = per_window(batch.position_ids, batch.places, fill=-1)
    for example, n in enumerate(n for row in rows for n in row):
        assert ids[example, : lengths[n]].tolist() == windows[n].input_ids
        assert positions[example, : lengths[n]].tolist() == list(range(lengths[n]))
        assert not ids[example, lengths[n] :].any()
    assert (batch.segments > 0).sum() == sum(lengths)
    assert not batch.input_ids[batch.segments == 0].any()
