"""How to choose among the passages found, and how many to read: what is right, and what it costs.

    python -m benchmarks.choosing QUESTIONS.json --folder FOLDER [--read 20]

For each number of passages read: the share of answerable questions with the answer among them, and the share whose
chosen span is right, chosen by the first passage, the reader's margin, reciprocal ranks of search and reader, or the
weights of ``assistant.decision`` fitted by cross-validation over documents. Then the time to read for one question.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant import places
from assistant.answering import Assistant
from assistant.calibrating import Candidates, best_weights, folds_of
from assistant.decision import Weights
from assistant.evaluation.gold import read_questions
from assistant.evaluation.observing import Observation, observe
from assistant.opening import open_reader, open_searcher
from assistant.settings import Settings
from index.fusion import RANK_CONSTANT

COUNTS = (1, 2, 4, 6, 8, 12, 20)
TIMED = 40  # questions read by themselves for each count


def cut(one: Observation, count: int) -> Observation:
    """The same observation, had only ``count`` passages been read."""
    return replace(one, hits=one.hits[:count], readings=one.readings[:count])


def by_reciprocal_rank(candidates: Candidates) -> int:
    """The best span of the passage with the largest sum of reciprocal ranks, in the search and by margin."""
    firsts = [int(np.flatnonzero(candidates.rank == rank)[0]) for rank in sorted(set(candidates.rank.tolist()))]
    by_margin = sorted(firsts, key=lambda row: -candidates.margin[row])
    score = {
        row: 1 / (RANK_CONSTANT + candidates.rank[row]) + 1 / (RANK_CONSTANT + place)
        for place, row in enumerate(by_margin, start=1)
    }
    return max(score, key=lambda row: score[row])


def chosen_right(observations: Sequence[Observation], fitted: Weights | None) -> dict[str, float]:
    """Share right, in percent, by each way of choosing; the weights by cross-validation unless they are given."""
    candidates = [Candidates.of(one) for one in observations]
    answerable = np.array([one.asked.answerable for one in observations])
    weighted = np.zeros(len(observations))
    groups = np.array([one.asked.document or one.asked.question.context for one in observations])
    for training, held in folds_of(groups):
        weights = fitted or best_weights(candidates, answerable, training)
        for row in held:
            weighted[row] = candidates[row].right[candidates[row].best(weights)]
    ways = {
        "first passage": [one.right[one.best(Weights(1e6, 0.0))] for one in candidates],
        "margin": [one.right[one.best(Weights(0.0, 0.0))] for one in candidates],
        "reciprocal rank": [one.right[by_reciprocal_rank(one)] for one in candidates],
        "fitted weights": weighted,
    }
    return {name: 100 * float(np.mean(np.array(right)[answerable])) for name, right in ways.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--reader", default="mini")
    parser.add_argument("--encoder")
    parser.add_argument("--read", type=int, default=COUNTS[-1], help="most passages to read")
    parser.add_argument(
        "--weights", type=float, nargs=2, metavar=("RANK", "COVER"), help="instead of fitting them here"
    )
    options = parser.parse_args()
    settings = Settings(reader=options.reader, k=options.read)
    searcher = open_searcher(places.locate(options.folder, options.index), settings, encoder=options.encoder)
    assistant = Assistant(searcher, open_reader(settings), settings)
    asked = read_questions(options.questions, searcher.document).questions
    seen = [one for one in observe(assistant, asked) if any(reading.spans for reading in one.readings)]
    seen = [one for one in seen if one.readings[0].spans]
    fitted = Weights(*options.weights) if options.weights else None
    print("| passages | found | first passage | margin | reciprocal rank | fitted weights | ms |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for count in (count for count in COUNTS if count <= options.read):
        part = [cut(one, count) for one in seen]
        answerable = [one for one in part if one.asked.answerable]
        found = np.mean([any(one.asked.is_gold(hit.passage) for hit in one.hits) for one in answerable])
        right = chosen_right(part, fitted)
        shares = " | ".join(f"{value:.1f}" for value in right.values())
        print(f"| {count} | {100 * found:.1f} | {shares} | {milliseconds(assistant, part[:TIMED]):.0f} |", flush=True)


def milliseconds(assistant: Assistant, observations: Sequence[Observation]) -> float:
    """Median time to read the passages of one question."""
    times = []
    for one in observations:
        pairs = [(one.asked.text, hit.passage.text) for hit in one.hits]
        began = time.perf_counter()
        assistant.reader.read(pairs)
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times))


if __name__ == "__main__":
    main()
