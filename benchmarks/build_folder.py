"""Rebuild a folder of documents from a file of questions, so that the whole path can be measured on it.

    python benchmarks/build_folder.py --questions dev.json --documents dev_documents.jsonl.xz --out FOLDER
    python benchmarks/build_folder.py --questions train.json --leave-out 0.15 --distractors shard.jsonl.xz --out FOLDER

Writes FOLDER/documentos (Markdown files) and FOLDER/preguntas.json, whose entries name their file as ``document``.
Where no whole documents are given, the contexts of an entry are its document. ``--leave-out`` leaves that share of the
documents out of the folder and keeps their questions: nothing in the folder answers them. FOLDER must lie outside the
repository.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import random
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reader.recurrent.train import set_aside
from reader.squad import read_squad

REPOSITORY = Path(__file__).resolve().parents[1]
Article = dict[str, Any]


def slug(text: str, length: int = 60) -> str:
    """A file name: lower case, ASCII letters and digits, hyphens."""
    bare = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:length].rstrip("-") or "documento"


def file_name(number: int, article: Article) -> str:
    """A path for the document of an entry: its domain, where it has one, and its title."""
    return f"{slug(article.get('domain', 'general'))}/{slug(article.get('title', ''))}-{number:04}.md"


def articles(paths: Iterable[Path], *, aside_only: bool) -> list[Article]:
    """The entries of the files; with ``aside_only``, those that training set aside for thresholds."""
    found: list[Article] = [
        article for path in paths for article in json.loads(path.read_text(encoding="utf-8"))["data"]
    ]
    if not aside_only:
        return found
    _, aside = set_aside([question for path in paths for question in read_squad(path)])
    titles = {question.title for question in aside}
    return [article for article in found if unicodedata.normalize("NFC", article["title"]) in titles]


def whole_documents(paths: Iterable[Path], wanted: Iterable[Article]) -> dict[tuple[str, str], str]:
    """(source, path) → text of the wanted documents, the parts of one path joined in their order."""
    keys = {(article.get("source"), article.get("path")) for article in wanted}
    parts: dict[tuple[str, str], list[str]] = {}
    for document in records(paths):
        if (document["source"], document["path"]) in keys:
            parts.setdefault((document["source"], document["path"]), []).append(document["text"])
    return {key: "\n\n".join(texts) for key, texts in parts.items()}


def records(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The JSON objects of ``.jsonl.xz`` files."""
    for path in paths:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def text_of(article: Article, documents: dict[tuple[str, str], str]) -> str:
    """The whole document of an entry, or its contexts one below the other."""
    known = documents.get((article.get("source", ""), article.get("path", "")))
    return known or "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])


def distractors(paths: Sequence[Path], count: int, avoid: set[str]) -> Iterator[tuple[str, str]]:
    """Up to ``count`` documents of the shards, in equal parts, none of whose titles is in ``avoid``: (path, text)."""
    for path in paths:
        fresh = (one for one in records([path]) if one["title"] not in avoid and len(one["text"]) < 60_000)
        for number, one in enumerate(itertools.islice(fresh, -(-count // len(paths)))):
            yield f"otros/{slug(path.name.partition('.')[0])}/{slug(one['title'])}-{number:04}.md", one["text"]


def write(path: Path, text: str) -> None:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Build the folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=Path, nargs="+", required=True)
    parser.add_argument("--documents", type=Path, nargs="*", default=[], help="whole documents, .jsonl.xz")
    parser.add_argument("--distractors", type=Path, nargs="*", default=[], help="shards of other documents, .jsonl.xz")
    parser.add_argument("--count", type=int, default=300, help="distractors in all")
    parser.add_argument("--aside-only", action="store_true", help="only the titles that training sets aside")
    parser.add_argument("--domain", nargs="*", default=[], help="only these domains")
    parser.add_argument("--leave-out", type=float, default=0.0, help="share of documents left out of the folder")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    out = options.out.resolve()
    if out.is_relative_to(REPOSITORY):
        sys.exit(f"{out} lies inside the repository: choose another folder.")
    chosen = articles(options.questions, aside_only=options.aside_only)
    chosen = [one for one in chosen if not options.domain or one.get("domain") in options.domain]
    documents = whole_documents(options.documents, chosen)
    left_out = set(random.Random(0).sample(range(len(chosen)), round(options.leave_out * len(chosen))))
    data = []
    for number, article in enumerate(chosen):
        name = file_name(number, article)
        data.append({**article, "document": name})
        if number not in left_out:
            write(out / "documentos" / name, text_of(article, documents))
    others = list(distractors(options.distractors, options.count, {one["title"] for one in chosen}))
    for name, text in others:
        write(out / "documentos" / name, text)
    write(out / "preguntas.json", json.dumps({"version": "v2.0", "data": data}, ensure_ascii=False))
    print(f"{len(chosen) - len(left_out)} documents, {len(left_out)} left out, {len(others)} distractors in {out}")


if __name__ == "__main__":
    main()
