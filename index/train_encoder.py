"""Train the shipped static encoder: word-piece embeddings averaged, by contrast within large batches.

    python -m index.train_encoder --corpus FILE… --questions FILE… --out FOLDER

The loss is InfoNCE over the batch, both ways, plus one mined hard negative for each question (Karpukhin et al., 2020).
A static embedding costs an average of rows, so one step sees thousands of passages even on a CPU.
"""

from __future__ import annotations

import argparse
import logging
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor

from index.encoder_pairs import Pair, corpus_documents, corpus_pairs, mine_negatives, question_pairs
from index.static_encoder import save_static_encoder

log = logging.getLogger(__name__)
_BLOCK = 12  # pairs of one document that stay in one batch
_FOLDS = ("áàâä", "a"), ("éèêë", "e"), ("íìîï", "i"), ("óòôö", "o"), ("úùûü", "u")


def train_tokenizer(texts: Iterator[str], *, vocabulary: int) -> Tokenizer:
    """Lower-case word pieces with vowel accents folded and ``ñ`` kept, so that a missing accent changes nothing."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Lowercase(),
            *(normalizers.Replace(Regex(f"[{accented}]"), plain) for accented, plain in _FOLDS),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        special_tokens=["[PAD]", "[UNK]"],
        min_frequency=3,
        limit_alphabet=300,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


class Bags:
    """Texts as token ids, ready to be averaged: built once, so that a training step only gathers rows."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str], *, max_tokens: int = 220) -> None:
        self.ids: list[NDArray[np.int32]] = []
        self._random = np.random.default_rng(0)
        for start in range(0, len(texts), 4096):
            for encoding in tokenizer.encode_batch_fast(list(texts[start : start + 4096]), add_special_tokens=False):
                self.ids.append(np.array(encoding.ids[:max_tokens] or [1], dtype=np.int32))

    def idf(self, vocabulary: int) -> NDArray[np.float32]:
        """log(N / n) of each token over these texts, in (0, 1]: (vocabulary,)."""
        counts = np.bincount(np.concatenate([np.unique(ids) for ids in self.ids]), minlength=vocabulary)
        idf = np.log(len(self.ids) / np.maximum(counts, 1)) / np.log(len(self.ids))
        return np.asarray(idf.clip(0.02, 1), dtype=np.float32)

    def gather(self, rows: Sequence[int], *, keep: float = 1.0) -> tuple[Tensor, Tensor]:
        """``(ids, offsets)`` as EmbeddingBag takes them; a token stays with probability ``keep``, the first always."""
        chosen = [self.ids[row] for row in rows]
        if keep < 1:
            chosen = [ids[self._random.random(len(ids)) < keep] if len(ids) > 2 else ids for ids in chosen]
            chosen = [ids if len(ids) else self.ids[row][:1] for row, ids in zip(rows, chosen, strict=True)]
        offsets = np.cumsum([0, *(len(ids) for ids in chosen[:-1])])
        return torch.from_numpy(np.concatenate(chosen).astype(np.int64)), torch.from_numpy(offsets)


def train(
    pairs: Sequence[Pair],
    tokenizer: Tokenizer,
    *,
    dim: int,
    epochs: int,
    batch_size: int = 1024,
    learning_rate: float = 0.01,
    temperature: float = 0.05,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Returns the embedding matrix (vocabulary, dim) float32; the norm of a row is the weight of its token."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    bag = torch.nn.EmbeddingBag(tokenizer.get_vocab_size(), dim, mode="mean", sparse=True)
    optimizer = torch.optim.SparseAdam(list(bag.parameters()), lr=learning_rate)
    queries = Bags(tokenizer, [pair.query for pair in pairs])
    passages = Bags(tokenizer, [pair.passage for pair in pairs])
    # Random rows as long as their idf: from the start, the vectors match words much as TF-IDF does.
    torch.nn.init.normal_(bag.weight, std=dim**-0.5)
    with torch.no_grad():
        bag.weight.mul_(torch.from_numpy(passages.idf(tokenizer.get_vocab_size()))[:, None])
    with_negative = [row for row, pair in enumerate(pairs) if pair.negative]
    negatives = Bags(tokenizer, [pairs[row].negative for row in with_negative])
    negative_row = {row: i for i, row in enumerate(with_negative)}

    def unit(bags: Bags, rows: Sequence[int], keep: float = 1.0) -> Tensor:
        return F.normalize(bag(*bags.gather(rows, keep=keep)), dim=-1)

    steps, step, began = epochs * (len(pairs) // batch_size), 0, time.monotonic()
    for _ in range(epochs):
        # Neighbours stay together: the sections of one document are the best negatives of each other.
        blocks = [range(start, min(start + _BLOCK, len(pairs))) for start in range(0, len(pairs), _BLOCK)]
        rng.shuffle(blocks)
        order = [row for block in blocks for row in block]
        for start in range(0, len(order) - batch_size + 1, batch_size):
            rows = order[start : start + batch_size]
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * max(0.03, 1 - step / steps)
            query, passage = unit(queries, rows, keep=0.85), unit(passages, rows)
            hard = [negative_row[row] for row in rows if row in negative_row]
            candidates = torch.cat([passage, unit(negatives, hard)]) if hard else passage
            target = torch.arange(len(rows))
            # The same paragraph stands behind several questions: it is no negative of its own questions.
            names = np.array([hash(pairs[row].passage) for row in rows])
            same = torch.from_numpy(names[:, None] == names[None, :]) & ~torch.eye(len(rows), dtype=torch.bool)
            forward = query @ candidates.T / temperature
            forward[:, : len(rows)].masked_fill_(same, -1e4)
            backward = (passage @ query.T / temperature).masked_fill(same, -1e4)
            loss = F.cross_entropy(forward, target) + 0.5 * F.cross_entropy(backward, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 50 == 0:
                log.info("step %d/%d loss %.3f %.0f s", step, steps, loss.item(), time.monotonic() - began)
    return np.asarray(bag.weight.detach().numpy(), dtype=np.float32)


def main() -> None:
    """Train and save; prints progress on stderr."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help=".jsonl.xz shards")
    parser.add_argument("--questions", type=Path, nargs="+", required=True, help="SQuAD training files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocabulary", type=int, default=30_000)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--documents", type=int, default=4000, help="documents of each shard")
    parser.add_argument("--repeat-questions", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rng = random.Random(options.seed)
    human = mine_negatives([pair for path in options.questions for pair in question_pairs(path)], rng)
    documents = list(corpus_documents(options.corpus, limit=options.documents))
    made = [pair for title, text in documents for pair in corpus_pairs(title, text, rng)]
    log.info("%d question pairs, %d corpus pairs", len(human), len(made))
    pairs = human * options.repeat_questions + made
    tokenizer = train_tokenizer(
        (text for pair in pairs for text in (pair.query, pair.passage)), vocabulary=options.vocabulary
    )
    weights = train(pairs, tokenizer, dim=options.dim, epochs=options.epochs, seed=options.seed)
    save_static_encoder(options.out, tokenizer, weights, int8=True)
    log.info("saved in %s", options.out)


if __name__ == "__main__":
    main()
