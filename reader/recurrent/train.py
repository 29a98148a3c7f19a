"""Training of the recurrent reader: one loop for synthetic and human questions, averaged weights, a fitted threshold.

The three steps (vectors, synthetic questions, human questions) are the commands of ``python -m reader recurrent``.
"""

from __future__ import annotations

import copy
import logging
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reader.errors import ReaderProblem
from reader.recurrent.batches import PassageExamples, build_examples, plan_batches, training_batches
from reader.recurrent.model import NetworkConfig, RecurrentNetwork
from reader.recurrent.synthetic import QuestionMaker
from reader.recurrent.vocabulary import WordTable, WordVectors
from reader.sentences import sentence_of, sentence_spans
from reader.squad import Question

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FitConfig:
    """Hyper-parameters of one fit. ``minutes`` may end it early; the learning rate falls towards the nearer end."""

    epochs: float = 8.0
    minutes: float = math.inf
    learning_rate: float = 1e-3
    warmup_steps: int = 100
    weight_decay: float = 0.01
    dropout: float = 0.25
    token_budget: int = 8000  # words of passages times questions in a batch
    average: float = 0.998  # decay of the moving average of the weights, which is what is kept
    clip: float = 2.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step log line shows."""

    step: int
    steps: int
    loss: float  # mean cross-entropy of start and end, nats
    examples_per_second: float


def answered_examples(questions: Iterable[Question]) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """SQuAD questions in the form that ``build_examples`` takes."""
    return [(q.context, q.question, [(a.start, a.end) for a in q.answers]) for q in questions]


def hard_negatives(
    questions: Sequence[Question], *, share: float, seed: int = 0
) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """For a ``share`` of the questions, a similar passage of the same files that lacks the answer: no answer there.

    Similar by TF-IDF between question and passage, among the best four others. In use a question meets eight passages
    of which most do not answer; SQuAD's own unanswerable questions alone do not teach that.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    rng = random.Random(seed)
    contexts = list(dict.fromkeys(q.context for q in questions))
    row = {context: i for i, context in enumerate(contexts)}
    vectorizer = TfidfVectorizer(strip_accents="unicode", sublinear_tf=True, max_df=0.2)
    passages = vectorizer.fit_transform(contexts)
    chosen = [q for q in questions if rng.random() < share]
    out: list[tuple[str, str, list[tuple[int, int]]]] = []
    for start in range(0, len(chosen), 512):
        block = chosen[start : start + 512]
        similar = (vectorizer.transform([q.question for q in block]) @ passages.T).toarray()
        for q, scores in zip(block, similar, strict=True):
            scores[row[q.context]] = -1
            best = np.argsort(-scores)[:4]
            other = contexts[int(rng.choice(best.tolist()))]
            if not any(answer.text.lower() in other.lower() for answer in q.answers):
                out.append((other, q.question, []))
    return out


def exchanged_negatives(
    questions: Sequence[Question], words: WordVectors, *, share: float, seed: int = 0
) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """For a ``share`` of the answerable questions, the same with its rarest word exchanged for one of elsewhere.

    SQuAD 2.0's unanswerable questions are near misses of this kind, and there are too few of them to learn from.
    """
    rng = random.Random(seed)
    maker = QuestionMaker(words, rng)
    out: list[tuple[str, str, list[tuple[int, int]]]] = []
    for question in questions:
        if question.answers and rng.random() < share:
            start, end = sentence_spans(question.context)[sentence_of(question.context, question.answers[0].start)]
            near_miss = maker.exchange(question.question, question.context, question.context[start:end])
            if near_miss:
                out.append((question.context, near_miss, []))
    return out


def loss_of(logits: tuple[Tensor, Tensor, Tensor], start_target: Tensor, end_target: Tensor) -> Tensor:
    """Cross-entropy over words and null of start plus end, mean over the batch."""
    start, end, null = logits
    start_log = torch.cat([null[:, None], start], 1).log_softmax(-1)
    end_log = torch.cat([null[:, None], end], 1).log_softmax(-1)
    return -((start_log * start_target).sum(-1) + (end_log * end_target).sum(-1)).mean()


def fit(
    network: RecurrentNetwork,
    entries: Sequence[PassageExamples],
    table: WordTable,
    config: FitConfig,
    on_step: Callable[[StepReport], None] = lambda report: None,
) -> RecurrentNetwork:
    """Train in place; returns a network with the moving average of the weights. ReaderProblem when the loss is NaN."""
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    network.drop.rate = config.dropout
    vectors = torch.cat([torch.from_numpy(table.words.vectors), torch.from_numpy(table.extra())])
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    averaged = copy.deepcopy(network)
    batches = plan_batches(entries, token_budget=config.token_budget, rng=rng)
    steps = max(1, round(len(batches) * config.epochs))
    began, step, seen, recent = time.monotonic(), 0, 0, 0.0
    while True:
        for batch, start_target, end_target in training_batches(entries, batches):
            elapsed = time.monotonic() - began
            done = max(step / steps, elapsed / 60 / config.minutes)
            if done >= 1:
                return averaged.eval()
            rate = config.learning_rate * min(1, (step + 1) / config.warmup_steps) * max(0.02, 1 - done)
            for group in optimizer.param_groups:
                group["lr"] = rate
            network.train()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(batch, vectors)
            loss = loss_of(logits, start_target, end_target)
            if not torch.isfinite(loss):
                raise ReaderProblem("La pérdida dejó de ser un número.", "Baje la tasa de aprendizaje y repita.")
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
            optimizer.step()
            step += 1
            decay = min(config.average, (step + 1) / (step + 10))
            with torch.no_grad():
                torch._foreach_lerp_(list(averaged.parameters()), list(network.parameters()), 1 - decay)
            seen += len(start_target)
            recent += loss.item() / 2
            if step % 100 == 0:
                on_step(StepReport(step, steps, recent / 100, seen / (time.monotonic() - began)))
                recent = 0.0
        batches = plan_batches(entries, token_budget=config.token_budget, rng=rng)


def average_networks(networks: Sequence[RecurrentNetwork]) -> RecurrentNetwork:
    """The mean of the weights of fits that began at the same weights (model soup: Wortsman et al., 2022)."""
    merged = copy.deepcopy(networks[0])
    with torch.no_grad():
        for name, tensor in merged.state_dict().items():
            tensor.copy_(torch.stack([network.state_dict()[name].float() for network in networks]).mean(0))
    return merged.eval()


def set_aside(questions: Sequence[Question], *, every: int = 15) -> tuple[list[Question], list[Question]]:
    """Split by article: ``(for fitting, set aside for thresholds)``; every ``every``-th title in order is set aside."""
    titles = sorted({q.title for q in questions})[::every]
    aside = set(titles)
    return [q for q in questions if q.title not in aside], [q for q in questions if q.title in aside]


def new_network(words: WordVectors, config: NetworkConfig | None = None) -> RecurrentNetwork:
    """A network with fresh weights for these vectors."""
    sizes = config or NetworkConfig(dim=words.dim, tuned_words=min(5000, len(words.keys)))
    return RecurrentNetwork(sizes)


def fit_on_questions(
    network: RecurrentNetwork,
    words: WordVectors,
    questions: Sequence[Question],
    config: FitConfig,
    *,
    negatives: float = 0.2,
    on_step: Callable[[StepReport], None] = lambda report: None,
) -> RecurrentNetwork:
    """Fine-tune. The ``negatives`` share of the questions is repeated over a similar passage, half of it changed."""
    table = WordTable(words)
    triples = [
        *answered_examples(questions),
        *hard_negatives(questions, share=negatives, seed=config.seed),
        *exchanged_negatives(questions, words, share=negatives / 2, seed=config.seed),
    ]
    return fit(network, build_examples(triples, table), table, config, on_step)
