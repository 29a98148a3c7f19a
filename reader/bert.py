"""A BERT-family checkpoint as a reader: windows, length-sorted batches, one n-best list for each passage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from reader.config import ReaderConfig, load_config
from reader.decoding import Logits, pick_spans, score_band
from reader.features import Features, TokenizedText, Window, build_features, plain_backend, window_of_start
from reader.types import Reading, Span
from reader.weights import load_model, load_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Padded tokens of one forward pass. On a CPU more only spills out of the caches; a GPU wants to be filled.
_BATCH_TOKENS = {"cpu": 2048, "cuda": 32_768, "mps": 8192}


class BertReader:
    """Reads with any ``AutoModelForQuestionAnswering`` of the BERT family. Thread-safe once made.

    Computes in fp32 on CPU and MPS, in bf16 on CUDA (see :func:`bf16`).
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, config: ReaderConfig, device: str = "cpu"
    ) -> None:
        self.name = config.name
        self.threshold = config.threshold
        self.device = device
        self.model = model.to(device).eval()
        self.tokenizer = tokenizer
        plain_backend(tokenizer)  # here, before threads share it
        self._stride = config.stride
        self._max_question = config.max_question_tokens
        self._max_length = min(config.max_seq_length, longest_input(model))
        self._typed = "token_type_ids" in tokenizer.model_input_names

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> BertReader:
        """Load a checkpoint folder. Raises ModelProblem when it is no question-answering model or is damaged."""
        config = load_config(folder)
        return cls(load_model(folder), load_tokenizer(folder), config, device)

    def read(self, pairs: Sequence[tuple[str, str]], *, n_best: int = 5, max_answer_words: int = 30) -> list[Reading]:
        """One reading for each ``(question, passage)``, in the order given."""
        features = build_features(
            pairs,
            self.tokenizer,
            max_length=self._max_length,
            stride=self._stride,
            max_question=self._max_question,
        )
        logits = self.logits(features.windows)
        return readings(pairs, features, logits, n_best=n_best, max_answer_words=max_answer_words)

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """Start and end logits ``[2, L]`` of each window, float32, in the order given."""
        found: list[tuple[list[int], torch.Tensor]] = []
        with torch.inference_mode(), bf16(self.model) if self.device == "cuda" else nullcontext():
            for rows in batches([len(window.input_ids) for window in windows], _BATCH_TOKENS[self.device]):
                found.append((rows, self._forward([windows[row] for row in rows])))
        made: list[Logits] = [np.empty((2, 0), dtype=np.float32)] * len(windows)
        for rows, both in found:  # read back at the end: a GPU never waits for the next batch
            for row, values in zip(rows, both.cpu().numpy(), strict=True):
                made[row] = values[:, : len(windows[row].input_ids)]
        return made

    def _forward(self, windows: Sequence[Window]) -> torch.Tensor:
        """Logits ``[N, 2, L]`` of one batch."""
        lengths = np.array([len(window.input_ids) for window in windows])
        inside = np.arange(lengths.max()) < lengths[:, None]
        ids = np.full(inside.shape, self.tokenizer.pad_token_id, dtype=np.int64)
        ids[inside] = np.concatenate([window.input_ids for window in windows])
        inputs = {"input_ids": ids, "attention_mask": inside.astype(np.int64)}
        if self._typed:
            inputs["token_type_ids"] = np.zeros_like(ids)
            inputs["token_type_ids"][inside] = np.concatenate([window.token_type_ids for window in windows])
        output = self.model(**{name: torch.from_numpy(array).to(self.device) for name, array in inputs.items()})
        return torch.stack([output.start_logits, output.end_logits], dim=1).float()


@contextmanager
def bf16(model: PreTrainedModel) -> Iterator[None]:
    """Autocast to bf16, except for the layer that gives the logits: near 10, bf16 knows only steps of 0.06."""
    device = model.device.type
    head = getattr(model, "qa_outputs", None)

    def in_fp32(module: torch.nn.Linear, inputs: tuple[torch.Tensor], _: torch.Tensor) -> torch.Tensor:
        with torch.autocast(device, enabled=False):
            return torch.nn.functional.linear(inputs[0].float(), module.weight.float(), module.bias.float())

    hook = head.register_forward_hook(in_fp32) if isinstance(head, torch.nn.Linear) else None
    try:
        with torch.autocast(device, torch.bfloat16):
            yield
    finally:
        if hook:
            hook.remove()


def batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Row numbers in batches of similar length, longest first, each of at most ``tokens`` padded tokens (or one row).

    Longest first: if memory is short, the first batch says so.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def readings(
    pairs: Sequence[tuple[str, str]],
    features: Features,
    logits: Sequence[Logits],
    *,
    n_best: int,
    max_answer_words: int,
) -> list[Reading]:
    """Decode the logits of all windows. Pure: ``logits[i]`` is ``[2, L]`` of ``features.windows[i]``."""
    of_pair: list[list[int]] = [[] for _ in pairs]
    for row, window in enumerate(features.windows):
        of_pair[window.pair].append(row)
    made = []
    for (_, passage), text, rows in zip(pairs, features.passages, of_pair, strict=True):
        windows = [features.windows[row] for row in rows]
        made.append(_reading(passage, text, windows, [logits[row] for row in rows], n_best, max_answer_words))
    return made


def _reading(
    passage: str,
    text: TokenizedText,
    windows: Sequence[Window],
    logits: Sequence[Logits],
    n_best: int,
    max_answer_words: int,
) -> Reading:
    """The n-best list over all windows of one passage: exact, as if the band of scores were that of one long window.

    A span starts with the first token of a word and ends with the last token of a word. The null score is the minimum
    over windows of the logits of the first token ([CLS]), as in the official SQuAD 2.0 code for BERT.
    """
    if not windows:
        return Reading((), 0.0)
    owner = window_of_start([(window.first, window.stop) for window in windows])[text.first_tokens]
    words = len(owner)
    band = np.full((words, min(words, max_answer_words)), -np.inf, dtype=np.float32)
    for n, (window, (start, end)) in enumerate(zip(windows, logits, strict=True)):
        shift = window.passage_at - window.first
        low = int(np.searchsorted(text.first_tokens, window.first))
        high = int(np.searchsorted(text.last_tokens, window.stop))  # words low … high - 1 are wholly inside
        if low < high:
            scores = score_band(
                start[text.first_tokens[low:high] + shift], end[text.last_tokens[low:high] + shift], max_answer_words
            )
            mine = np.flatnonzero(owner[low:high] == n)
            band[low + mine, : scores.shape[1]] = scores[mine]
    found = []
    for first, last, score in pick_spans(band, n_best):
        a = int(text.offsets[text.first_tokens[first], 0])
        z = int(text.offsets[text.last_tokens[last], 1])
        found.append(Span(a, z, passage[a:z], score))
    return Reading(tuple(found), min(float(start[0] + end[0]) for start, end in logits))


def longest_input(model: PreTrainedModel) -> int:
    """The most tokens that the model's position table allows; RoBERTa's begins after its padding id."""
    config = model.config
    positions = int(getattr(config, "max_position_embeddings", 0)) or 1 << 20
    return positions - (config.pad_token_id + 1 if config.model_type in ROBERTA_LIKE else 0)


ROBERTA_LIKE = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "longformer", "mpnet")
