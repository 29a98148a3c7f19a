"""Indexing and searching as the number of passages grows: seconds, memory, disk, milliseconds for a question.

    python -m benchmarks.index [--sizes 1000 10000 100000] [--corpus FILE.jsonl.xz …] [--whole]

Passages are made up here (a Zipf vocabulary with Spanish endings, 60 to 160 words) or cut from corpus shards; each size
is measured in processes of its own, so that the peak memory is its own. rank-bm25 and the peers that are installed
(txtai, LanceDB) get the same passages, encoder and questions in the same run. ``--whole`` also measures the real path:
text files in a folder, parsed, cut, catalogued, encoded, published and searched.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.passages import batches, from_corpus, made_up, passages, questions_about
from index.analysis import analyze
from index.builder import update_index
from index.encoders import load_encoder
from index.fusion import fuse
from index.lexical import Bm25sIndex, LexicalIndex, RankBm25Index
from index.local import open_index
from index.vectors import VectorIndex

POOL = 100  # candidates of each retriever, as in index.local
PER_FILE = 100  # passages of a text file of the whole path


@dataclass(frozen=True)
class Built:
    """What indexing took."""

    size: int  # passages
    seconds: float
    peak_mb: int
    disk_mb: float
    detail: str = ""


@dataclass(frozen=True)
class Searched:
    """What opening and searching took."""

    load: float  # seconds
    seconds: Sequence[float]  # question by question
    peak_mb: int


def row(what: str, built: Built, searched: Searched) -> str:
    """One row of the table."""
    slow = sorted(searched.seconds)[int(len(searched.seconds) * 0.95)]
    return (
        f"| {what} | {built.size:,} | {built.seconds:.1f} | {built.size / built.seconds:,.0f} | {built.peak_mb:,} "
        f"| {built.disk_mb:,.0f} | {searched.load:.2f} | {1000 * median(searched.seconds):.1f} | {1000 * slow:.1f} "
        f"| {searched.peak_mb:,} | {built.detail} |"
    )


HEAD = (
    "| | passages | build s | passages/s | peak MB | disk MB | load s | median ms | 95 % ms | resident MB | |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def timed(search: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Seconds of each question, after five that warm up caches."""
    for question in questions[:5]:
        search(question)
    seconds = []
    for question in questions:
        began = time.perf_counter()
        search(question)
        seconds.append(time.perf_counter() - began)
    return seconds


def peak_mb() -> int:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)


def size_mb(folder: Path) -> float:
    """What the files of a folder take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


# Each function from here to PEERS runs in a process of its own: ``encoder`` is a name or folder, loaded there.


def build_core(file: Path, folder: Path, size: int, encoder: str) -> Built:
    """Build and save both indexes."""
    model, began = load_encoder(encoder), time.perf_counter()
    Bm25sIndex.build(analyze(text) for text in passages(file)).save(folder)
    lexical, encoding = time.perf_counter() - began, 0.0

    def vectors() -> Iterator[NDArray[np.float32]]:
        nonlocal encoding
        for batch in batches(passages(file)):
            started = time.perf_counter()
            rows = model.encode_passages(batch)
            encoding += time.perf_counter() - started
            yield from rows

    VectorIndex.build(vectors(), size, model.dim).save(folder)
    seconds = time.perf_counter() - began
    stages = f"BM25 {lexical:.1f} s, encoding {encoding:.1f} s, vectors {seconds - lexical - encoding:.1f} s"
    return Built(size, seconds, peak_mb(), size_mb(folder), stages)


def search_core(folder: Path, questions: Sequence[str], encoder: str) -> Searched:
    """Load and search as ``index.local`` does, but for fetching the texts."""
    model, began = load_encoder(encoder), time.perf_counter()
    lexical, vectors = Bm25sIndex.load(folder), VectorIndex.load(folder)
    load = time.perf_counter() - began

    def search(question: str) -> object:
        found = lexical.search([analyze(question)], POOL)
        return fuse(found, vectors.search(model.encode_questions([question]), POOL), k=8, alpha=model.lexical_weight)

    return Searched(load, timed(search, questions), peak_mb())


def build_whole(file: Path, folder: Path, size: int, encoder: str) -> Built:
    """Index a folder of Markdown files, as ``assistant index`` does; then once more, with nothing to do."""
    documents, texts = folder / "documentos", passages(file)
    documents.mkdir()
    for number in range(-(-size // PER_FILE)):
        chosen = enumerate(itertools.islice(texts, PER_FILE))
        whole = "\n\n".join(f"## Sección {i}\n\n{text}" for i, text in chosen)
        (documents / f"documento-{number:05}.md").write_text(whole, encoding="utf-8")
    model = load_encoder(encoder)
    summary = update_index(documents, encoder=model, index_dir=folder / "índice")
    again = update_index(documents, encoder=model, index_dir=folder / "índice")
    detail = f"{summary.indexed} files; with nothing to do {again.seconds:.1f} s"
    return Built(summary.passages, summary.seconds, peak_mb(), size_mb(folder / "índice"), detail)


def search_whole(folder: Path, questions: Sequence[str], encoder: str) -> Searched:
    """Open the index and search, as ``assistant search`` does."""
    model, began = load_encoder(encoder), time.perf_counter()
    searcher = open_index(folder / "índice", encoder=model)
    load = time.perf_counter() - began
    return Searched(load, timed(lambda question: searcher.search([question], k=8), questions), peak_mb())


def lexical_alone(kind: type[LexicalIndex], file: Path, size: int, questions: Sequence[str]) -> tuple[Built, Searched]:
    """BM25 in memory, by one of the two libraries."""
    began = time.perf_counter()
    index = kind.build(analyze(text) for text in passages(file))
    built = Built(size, time.perf_counter() - began, peak_mb(), 0)
    return built, Searched(0, timed(lambda question: index.search([analyze(question)], POOL), questions), peak_mb())


def txtai(file: Path, folder: Path, size: int, questions: Sequence[str], encoder: str) -> tuple[Built, Searched]:
    """txtai's hybrid index with our vectors."""
    from txtai import Embeddings  # type: ignore[import-not-found]

    model = load_encoder(encoder)

    def transform(texts: Sequence[str]) -> NDArray[np.float32]:
        return model.encode_passages(texts)

    index = Embeddings({"method": "external", "transform": transform, "hybrid": True, "content": False})
    began = time.perf_counter()
    index.index((i, text, None) for i, text in enumerate(passages(file)))
    seconds, memory = time.perf_counter() - began, peak_mb()
    index.config.pop("transform")  # a function cannot be saved
    index.save(str(folder))
    index.config["transform"] = transform
    built = Built(size, seconds, memory, size_mb(folder))
    return built, Searched(0, timed(lambda question: index.search(question, 8), questions), peak_mb())


def lancedb(file: Path, folder: Path, size: int, questions: Sequence[str], encoder: str) -> tuple[Built, Searched]:
    """LanceDB with our vectors and its full-text index in Spanish, fused by reciprocal rank."""
    import lancedb  # type: ignore[import-not-found]
    import pyarrow  # type: ignore[import-not-found]

    model, began = load_encoder(encoder), time.perf_counter()
    schema = pyarrow.schema([("vector", pyarrow.list_(pyarrow.float32(), model.dim)), ("text", pyarrow.string())])

    def tables() -> Iterator[object]:
        for batch in batches(passages(file)):
            yield pyarrow.RecordBatch.from_pydict({"vector": list(model.encode_passages(batch)), "text": batch}, schema)

    table = lancedb.connect(folder).create_table("pasajes", tables(), schema)
    table.create_fts_index("text", language="Spanish", stem=True, ascii_folding=True, remove_stop_words=False)
    built = Built(size, time.perf_counter() - began, peak_mb(), size_mb(folder))

    def search(question: str) -> object:
        query = table.search(query_type="hybrid").vector(model.encode_questions([question])[0])
        return query.text("".join(char if char.isalnum() else " " for char in question)).limit(8).to_list()

    return built, Searched(0, timed(search, questions), peak_mb())


PEERS = {"txtai": txtai, "lancedb": lancedb}


def apart(function: Callable[..., Any], *arguments: object) -> Any:
    """Call in a fresh process, whose peak memory is that of this call alone."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def measure(size: int, folder: Path, options: argparse.Namespace) -> None:
    """Print the rows of one size."""
    file = folder / "passages.txt"
    with file.open("w", encoding="utf-8") as lines:
        made = from_corpus(options.corpus, size) if options.corpus else made_up(size)
        count = sum(lines.write(text + "\n") > 0 for text in made)
    questions = questions_about(file, options.questions)

    def place(name: str) -> Path:
        (folder / name).mkdir()
        return folder / name

    core = place("core")
    built = apart(build_core, file, core, count, options.encoder)
    print(row("this index", built, apart(search_core, core, questions, options.encoder)), flush=True)
    if options.whole:
        whole = place("whole")
        built = apart(build_whole, file, whole, count, options.encoder)
        print(row("whole path", built, apart(search_whole, whole, questions, options.encoder)), flush=True)
    print(row("bm25s alone", *apart(lexical_alone, Bm25sIndex, file, count, questions)), flush=True)
    if count <= options.slow:
        print(row("rank-bm25 alone", *apart(lexical_alone, RankBm25Index, file, count, questions[:20])), flush=True)
        for name, peer in PEERS.items():
            if importlib.util.find_spec(name):
                results = apart(peer, file, place(name), count, questions, options.encoder)
                print(row(f"{name} {version(name)}", *results), flush=True)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--corpus", type=Path, nargs="*", default=[], help=".jsonl.xz shards; made up without")
    parser.add_argument("--encoder", default="mini", help="name or folder")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--whole", action="store_true", help="also from files to answers")
    parser.add_argument("--slow", type=int, default=20_000, help="the size up to which rank-bm25 and peers run")
    options = parser.parse_args()
    print(HEAD, flush=True)
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(size, Path(folder), options)


if __name__ == "__main__":
    main()
