"""How much faster :class:`BertReader` reads than the plain reference, and that both say the same.

    python -m benchmarks.inference --data dev.json [--model FOLDER] [--questions 100] [--device cpu]

Without ``--model`` a model of BETO's size (12 layers, 768 units, 31,002 pieces) with random weights is made, and a
vocabulary of that size learnt from the contexts of the file: speed does not depend on what the weights know. The two
take turns over chunks of the questions, so that a busy machine slows both; the seconds of all cores that each used are
told beside those of the clock. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks import reference
from reader.bert import BertReader
from reader.config import ReaderConfig
from reader.load import resolve_device
from reader.squad import read_squad
from reader.types import Reading
from reader.vocabulary import train_tokenizer

CHUNK = 20  # questions in one turn


def random_reader(texts: list[str], layers: int, hidden: int) -> BertReader:
    """A BERT of these sizes; its head is spread enough that logits differ from token to token as trained ones do."""
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=31_002,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=max(1, hidden // 64),
        intermediate_size=4 * hidden,
    )
    model = BertForQuestionAnswering(config)
    torch.nn.init.normal_(model.qa_outputs.weight, std=0.2)
    return BertReader(model, train_tokenizer(texts, 31_002), ReaderConfig("al azar"))


def same(one: Reading, other: Reading) -> bool:
    """Whether two readings list the same spans in the same order."""
    return [(span.start, span.end) for span in one.spans] == [(span.start, span.end) for span in other.spans]


def score_difference(one: Reading, other: Reading) -> float:
    """The greatest difference of scores, null score included."""
    pairs = zip(one.spans, other.spans, strict=False)
    return max([abs(one.null_score - other.null_score), *(abs(a.score - b.score) for a, b in pairs)])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="questions in SQuAD form")
    parser.add_argument("--model", type=Path, help="a checkpoint folder instead of random weights")
    parser.add_argument("--questions", type=int, default=100, help="how many, spread over the file; 0: all")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=768)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--skip-reference", action="store_true", help="time the reader alone")
    arguments = parser.parse_args()

    questions = read_squad(arguments.data).questions
    step = max(1, len(questions) // arguments.questions) if arguments.questions else 1
    pairs = [(question.question, question.context) for question in questions[::step]]
    device = resolve_device(arguments.device)
    if arguments.model:
        reader = BertReader.load(arguments.model, device)
    else:
        reader = random_reader(sorted({question.context for question in questions}), arguments.layers, arguments.hidden)
        reader = BertReader(reader.model, reader.tokenizer, ReaderConfig("al azar"), device)
    print(json.dumps(measure(reader, pairs, with_reference=not arguments.skip_reference), indent=2))


def measure(reader: BertReader, pairs: list[tuple[str, str]], *, with_reference: bool) -> dict[str, Any]:
    """Time both over the same pairs, chunk by chunk, and compare what they say."""
    reader.read(pairs[:2])
    fast, slow = Clock(), Clock()
    equal, difference = 0, 0.0
    for first in range(0, len(pairs), CHUNK):
        chunk = pairs[first : first + CHUNK]
        with fast:
            found = reader.read(chunk)
        if not with_reference:
            continue
        with slow:
            expected = reference.read(reader.model, reader.tokenizer, chunk)
        equal += sum(map(same, found, expected))
        difference = max([difference, *map(score_difference, found, expected)])
        done = first + len(chunk)
        print(f"{equal} equal of {done}, {len(pairs)} in all: {slow.wall / fast.wall:.2f} times", file=sys.stderr)
    result: dict[str, Any] = {"pairs": len(pairs), "device": reader.device, "threads": torch.get_num_threads()}
    result |= {"reader_pairs_per_second": round(len(pairs) / fast.wall, 2)}
    if with_reference:
        result |= {
            "reference_pairs_per_second": round(len(pairs) / slow.wall, 2),
            "speed_up": round(slow.wall / fast.wall, 2),
            "speed_up_in_core_seconds": round(slow.cores / fast.cores, 2),
            "equal_readings": equal,
            "greatest_score_difference": difference,
        }
    return result


class Clock:
    """Adds up the seconds spent inside ``with``: of the clock, and of all cores."""

    def __init__(self) -> None:
        self.wall = self.cores = 0.0

    def __enter__(self) -> None:
        self.wall -= time.perf_counter()
        self.cores -= time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.cores += time.process_time()


if __name__ == "__main__":
    main()
