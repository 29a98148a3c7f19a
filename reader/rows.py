"""A corpus as rows of token numbers on disk: encoded once, read at random by memory map.

A passage is a run of whole paragraphs of one document, ``[CLS] … [SEP]``, at most a row long; short ones are packed
several to a row. Where passages begin can be read off the [CLS] tokens, so a row needs nothing else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reader.corpus import read_documents
from reader.errors import DataProblem
from reader.packing import pack
from reader.record import describe_file, read_record, write_record

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_POOL_TOKENS = 2_000_000  # passages that are packed together
_DOCUMENTS_AT_ONCE = 256
_SHORTEST = 8  # tokens; shorter passages teach nothing


def encode_rows(
    files: Sequence[Path], tokenizer: PreTrainedTokenizerBase, length: int, path: Path
) -> NDArray[np.uint16] | NDArray[np.int32]:
    """The rows ``[R, length]`` of ``files``, memory-mapped from ``path``, which is written unless it is there already.

    Rows are padded with the padding token. Raises DataProblem where the corpus is too small to fill one row.
    """
    kind: Any = np.uint16 if len(tokenizer) <= 1 << 16 else np.int32
    description_path = path.with_suffix(".json")
    source = {
        "files": [describe_file(file) for file in files],
        "tokenizer": hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest(),
        "length": length,
    }
    description = read_record(description_path)
    if description is None or description["source"] != source or not path.exists():
        parts = [path.with_name(f".{path.name}.{n}") for n in range(len(files))]
        counts = _encoded(files, parts, tokenizer, length, kind)
        rows, tokens = (sum(column) for column in zip(*counts, strict=True))
        if not rows:
            raise DataProblem("El corpus no tiene texto bastante para entrenar.", "Añada más ficheros a --corpus.")
        unfinished = path.with_name(f".{path.name}.partial")
        with unfinished.open("wb") as whole:
            for part in parts:
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)
                part.unlink()
        unfinished.replace(path)
        description = {"source": source, "rows": rows, "tokens": tokens}
        write_record(description_path, description)
    return np.memmap(path, dtype=kind, mode="r", shape=(description["rows"], length))


def _encoded(
    files: Sequence[Path], parts: Sequence[Path], tokenizer: PreTrainedTokenizerBase, length: int, kind: Any
) -> list[tuple[int, int]]:
    """Write the rows of each file to its part, in processes of their own where there are cores for them."""
    work = partial(_encode_file, tokenizer=tokenizer, length=length, kind=kind)
    if len(files) == 1 or os.cpu_count() == 1:
        return [work(file, part) for file, part in zip(files, parts, strict=True)]
    with ProcessPoolExecutor(min(len(files), os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, files, parts))


def _encode_file(
    file: Path, part: Path, *, tokenizer: PreTrainedTokenizerBase, length: int, kind: Any
) -> tuple[int, int]:
    """Write the rows of one file; returns how many rows and tokens."""
    rows = tokens = 0
    with part.open("wb") as out:
        for block in _blocks(_passages([file], tokenizer, length), length, tokenizer.pad_token_id):
            out.write(block.astype(kind).tobytes())
            rows += len(block)
            tokens += int((block != tokenizer.pad_token_id).sum())
    return rows, tokens


def _passages(files: Sequence[Path], tokenizer: PreTrainedTokenizerBase, length: int) -> Iterator[list[int]]:
    """Token numbers of each passage, with its [CLS] and [SEP]."""
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    continues = frozenset(number for piece, number in tokenizer.get_vocab().items() if piece.startswith("##"))
    stream = read_documents(files)
    while documents := list(islice(stream, _DOCUMENTS_AT_ONCE)):
        paragraphs = [paragraph for document in documents for paragraph in document]
        encoded = iter(tokenizer.backend_tokenizer.encode_batch_fast(paragraphs, add_special_tokens=False))
        for document in documents:
            held: list[int] = []
            for _ in document:
                for piece in _cut(next(encoded).ids, length - 2, continues):
                    if len(held) + len(piece) > length - 2:
                        yield [cls, *held, sep]
                        held = []
                    held += piece
            yield [cls, *held, sep]


def _cut(ids: list[int], most: int, continues: frozenset[int]) -> Iterator[list[int]]:
    """A paragraph in pieces of at most ``most`` tokens, cut between words."""
    while len(ids) > most:
        end = next((end for end in range(most, 0, -1) if ids[end] not in continues), most)
        yield ids[:end]
        ids = ids[end:]
    yield ids


def _blocks(passages: Iterable[list[int]], length: int, pad: int) -> Iterator[NDArray[np.int32]]:
    pool: list[list[int]] = []
    held = 0
    for passage in passages:
        if len(passage) < _SHORTEST:
            continue
        pool.append(passage)
        held += len(passage)
        if held >= _POOL_TOKENS:
            yield _packed(pool, length, pad)
            pool, held = [], 0
    if pool:
        yield _packed(pool, length, pad)


def _packed(pool: list[list[int]], length: int, pad: int) -> NDArray[np.int32]:
    rows = pack([len(passage) for passage in pool], length)
    block = np.full((len(rows), length), pad, dtype=np.int32)
    for r, row in enumerate(rows):
        ids = [number for n in row for number in pool[n]]
        block[r, : len(ids)] = ids
    return block


def tokens_in(path: Path) -> int:
    """How many tokens, without padding, the rows written at ``path`` hold."""
    description = read_record(path.with_suffix(".json"))
    return int(description["tokens"]) if description else 0
