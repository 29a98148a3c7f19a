"""The recurrent reader behind the ``Reader`` protocol.

A model is a folder with ``reader.json``, ``words.npz`` and ``network.safetensors``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from reader.decoding import best_spans
from reader.errors import ModelProblem
from reader.recurrent.batches import make_batch
from reader.recurrent.features import MAX_QUESTION_WORDS, EncodedText, encode_text
from reader.recurrent.model import Batch, NetworkConfig, RecurrentNetwork
from reader.recurrent.vocabulary import FloatArray, WordTable, WordVectors
from reader.types import Reading, Span

WINDOW_WORDS, STRIDE_WORDS = 400, 300
_BATCH_WORDS = 12_000  # padded words of one forward pass: bounds memory, and beyond it speed no longer grows


@dataclass(frozen=True, slots=True)
class _Window:
    pair: int  # row of the pair it belongs to
    passage: int  # row of the distinct passage windows
    first_word: int


class RecurrentReader:
    """Reads with a trained :class:`RecurrentNetwork`. Thread-safe: a call shares nothing but the weights."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Load the folder. Raises ModelProblem when a file is missing or damaged."""
        try:
            config = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
            self.words = WordVectors.load(folder / "words.npz")
            self.network = RecurrentNetwork(NetworkConfig(**config["network"]))
            self.network.load_state_dict(load_weights(folder))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise ModelProblem(
                f"El lector de «{folder.name}» está incompleto o dañado: {error}",
                "Vuelva a instalar el programa, o copie de nuevo la carpeta del modelo entera.",
            ) from error
        self.name: str = config.get("name", folder.name)
        self.threshold: float = float(config.get("threshold", 0.0))
        self.device = device
        self.network.to(device).eval()
        self._vectors = torch.from_numpy(self.words.vectors).to(device)

    def save(self, folder: Path) -> None:
        """Write the three files; the network in float16."""
        folder.mkdir(parents=True, exist_ok=True)
        self.words.save(folder / "words.npz")
        save_reader_files(folder, self.network, name=self.name, threshold=self.threshold)

    def read(self, pairs: Sequence[tuple[str, str]], *, n_best: int = 5, max_answer_words: int = 30) -> list[Reading]:
        """One reading for each ``(question, passage)``; a passage is encoded once for its questions in a batch."""
        table = WordTable(self.words)
        questions = {text: encode_text(text, table, max_words=MAX_QUESTION_WORDS) for text in {q for q, _ in pairs}}
        passages = {text: encode_text(text, table) for text in {p for _, p in pairs}}
        windows, pieces = _cut(pairs, questions, passages)
        vectors = torch.cat([self._vectors, torch.from_numpy(table.extra()).to(self.device)])
        spans: list[list[Span]] = [[] for _ in pairs]
        nulls = [float("inf")] * len(pairs)
        for batch_windows in _batches(windows, pieces):
            rows = sorted({window.passage for window in batch_windows})
            place = {row: i for i, row in enumerate(rows)}
            batch = make_batch(
                [pieces[row] for row in rows],
                [questions[pairs[window.pair][0]] for window in batch_windows],
                [place[window.passage] for window in batch_windows],
            )
            start, end, null = self._logits(batch, vectors)
            for i, window in enumerate(batch_windows):
                words = len(pieces[window.passage])
                text = pairs[window.pair][1]
                offsets = passages[text].offsets[window.first_word :]
                nulls[window.pair] = min(nulls[window.pair], 2 * float(null[i]))
                for first, last, score in best_spans(
                    start[i, :words], end[i, :words], n_best=n_best, max_length=max_answer_words
                ):
                    a, z = int(offsets[first, 0]), int(offsets[last, 1])
                    spans[window.pair].append(Span(a, z, text[a:z], float(score)))
        return [
            Reading(_n_best(found, n_best), null if found else 0.0) for found, null in zip(spans, nulls, strict=True)
        ]

    def _logits(self, batch: Batch, vectors: Tensor) -> tuple[FloatArray, FloatArray, FloatArray]:
        moved = Batch(**{name: getattr(batch, name).to(self.device) for name in Batch.__dataclass_fields__})
        with torch.inference_mode():
            start, end, null = self.network(moved, vectors)
        return start.cpu().numpy(), end.cpu().numpy(), null.cpu().numpy()


def load_weights(path: Path) -> dict[str, Tensor]:
    """The weights of a reader's folder, or of the ``.pt`` file that pretraining leaves, in float32."""
    if path.is_dir():
        return {name: tensor.float() for name, tensor in load_file(path / "network.safetensors").items()}
    return dict(torch.load(path, weights_only=True))


def save_reader_files(folder: Path, network: RecurrentNetwork, *, name: str, threshold: float) -> None:
    """Write ``network.safetensors`` (float16) and ``reader.json``."""
    state = {key: tensor.detach().cpu().half().contiguous() for key, tensor in network.state_dict().items()}
    save_file(state, folder / "network.safetensors")
    config = {"kind": "recurrent", "name": name, "threshold": round(threshold, 4), "network": asdict(network.config)}
    (folder / "reader.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _cut(
    pairs: Sequence[tuple[str, str]], questions: dict[str, EncodedText], passages: dict[str, EncodedText]
) -> tuple[list[_Window], list[EncodedText]]:
    """Windows over every passage; those of one text are shared. Empty questions and passages get none."""
    pieces: list[EncodedText] = []
    rows: dict[str, list[tuple[int, int]]] = {}
    windows: list[_Window] = []
    for pair, (question, text) in enumerate(pairs):
        if text not in rows:
            rows[text] = []
            passage = passages[text]
            first = 0
            while first < len(passage):
                rows[text].append((len(pieces), first))
                pieces.append(passage.slice(first, first + WINDOW_WORDS))
                if first + WINDOW_WORDS >= len(passage):
                    break
                first += STRIDE_WORDS
        if len(questions[question]):
            windows += [_Window(pair, row, first) for row, first in rows[text]]
    return windows, pieces


def _batches(windows: Sequence[_Window], pieces: Sequence[EncodedText]) -> Iterator[list[_Window]]:
    """Windows of similar length together, questions of one passage side by side."""
    batch: list[_Window] = []
    for window in sorted(windows, key=lambda window: (len(pieces[window.passage]), window.passage)):
        if batch and (len(batch) + 1) * len(pieces[window.passage]) > _BATCH_WORDS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _n_best(spans: Sequence[Span], n_best: int) -> tuple[Span, ...]:
    """The best spans of all windows, best first, none overlapping a better one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (-span.score, span.start, span.end)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
        if len(kept) == n_best:
            break
    return tuple(kept)
