"""A mutation fuzzer over the demo documents: whatever is done to their bytes, the run goes on and offsets hold.

Two hundred cases by default; ``FUZZ_CASES=10000`` runs the long one, ``FUZZ_SEED`` another one.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from index.documents import is_supported
from index.errors import DocumentProblem
from index.types import Document
from index.worker import ParserWorkers
from tests.index.documents.checking import check

DEMO = Path(__file__).parents[3] / "data" / "demo" / "documentos"
CASES = int(os.environ.get("FUZZ_CASES", "200"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
NASTY = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<",
    b"]]>",
    b"&#0;",
    b"%PDF-",
    b"obj",
    b"-1",
    b"9" * 30,
    b"\xe2\x80\xae",
    b"\r",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with up to eight changes: flipped, cut, doubled, overwritten, moved, or cut short."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if not changed:
            break
        at = chance.randrange(len(changed))
        length = chance.choice((1, 4, 64, 1024))
        match chance.randrange(6):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length] * chance.choice((1, 2, 50))
            case 3:
                changed[at : at + 1] = chance.choice(NASTY)
            case 4:
                piece = changed[at : at + length]
                del changed[at : at + length]
                to = chance.randrange(len(changed) + 1)
                changed[to:to] = piece
            case 5:
                changed[at : at + length] = chance.randbytes(length)
    return bytes(changed[: chance.randrange(len(changed) + 1)] if chance.random() < 0.1 else changed)


def mutated_inside(data: bytes, chance: random.Random) -> bytes:
    """A zip whose container is whole, with one of its parts changed: else few changes get past the checksums."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = chance.choice([name for name in names if name.endswith((".xml", ".rels"))])
        for name in names:
            content = old.read(name)
            new.writestr(name, mutated(content, chance) if name == victim else content)
    return stream.getvalue()


def cases(folder: Path) -> Iterator[tuple[Path, str]]:
    seeds = sorted(file for file in DEMO.rglob("*") if is_supported(file))
    for number in range(CASES):
        chance = random.Random(SEED * 1_000_003 + number)
        seed = seeds[number % len(seeds)]
        data = seed.read_bytes()
        inside = zipfile.is_zipfile(seed) and chance.random() < 0.8
        suffix = seed.suffix if chance.random() < 0.95 else chance.choice(seeds).suffix
        file = folder / f"{number % 64}{suffix}"
        file.write_bytes(mutated_inside(data, chance) if inside else mutated(data, chance))
        yield file, f"{number}{suffix}"


def test_no_mutation_stops_the_run_or_breaks_an_offset(tmp_path: Path) -> None:
    read = 0
    with ParserWorkers(2, timeout_s=30, memory_mb=1024) as workers:
        for number, outcome in enumerate(workers.map(cases(tmp_path))):
            if isinstance(outcome, Document):
                read += 1
                assert outcome.path.startswith(f"{number}.")
                check(outcome)
            else:
                assert isinstance(outcome, DocumentProblem) and outcome.message and outcome.remedy
    assert read > CASES / 4  # most mutations leave something to read
