"""Write ``data/demo/preguntas.json`` and ``data/demo/conversaciones.json`` from their hand-written TOML sources.

    python data/build_questions.py

The sources say what is asked and mark the answer in a few words of its document; this script finds those words in the
document as ``index.documents`` reads it and adds what a machine should add: offsets and contexts. Run it again after a
change of the documents or of how they are read. A place that is not found exactly once is an error that names it.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from index.documents import read_document
from index.types import Document

DATA = Path(__file__).parent
DOCUMENTS = DATA / "demo" / "documentos"
MAX_CONTEXT = 1200  # characters, about 300 tokens: what a reader takes in one window

Span = tuple[int, int]


@cache
def document(path: str) -> Document:
    """The demo document of this path, relative to the indexed folder."""
    return read_document(DOCUMENTS / path, path=path)


def locate(path: str, place: str) -> Span:
    """Where the [[marked]] words of ``place`` stand in the document: ``text[start:end]``.

    White space matches any white space. Raises ValueError unless the place is found exactly once, on one line.
    """
    before, answer, after = (r"\s+".join(map(re.escape, part.split())) for part in re.split(r"\[\[|\]\]", place))
    found = list(re.finditer(rf"{before}\s*({answer})\s*{after}", document(path).text))
    if len(found) != 1:
        raise ValueError(f"{path}: found {len(found)} times: {place}")
    if "\n" in found[0][1]:
        raise ValueError(f"{path}: the answer is broken over lines: {place}")
    return found[0].span(1)


def context(path: str, spans: list[Span]) -> Span:
    """Whole blocks of one section around the spans, up to ``MAX_CONTEXT`` characters unless the spans need more."""
    blocks = document(path).blocks
    first = next(n for n, block in enumerate(blocks) if block.end > min(start for start, _ in spans))
    last = next(n for n, block in enumerate(blocks) if block.end >= max(end for _, end in spans))
    section = blocks[first].headings
    grown = True
    while grown:
        grown = False
        for low, high, new in ((first, last + 1, last + 1), (first - 1, last, first - 1)):
            if not 0 <= new < len(blocks) or blocks[new].headings != section or blocks[new].kind == "heading":
                continue
            if blocks[high].end - blocks[low].start <= MAX_CONTEXT:
                first, last, grown = low, high, True
                break
    return blocks[first].start, blocks[last].end


def questions() -> dict[str, Any]:
    """The question set in SQuAD v2.0 form: an entry a document, a paragraph a question."""
    source = tomllib.loads((DATA / "demo_sources" / "preguntas.toml").read_text(encoding="utf-8"))
    data: list[dict[str, Any]] = []
    number = 0
    for path, table in source.items():
        paragraphs: dict[Span, list[dict[str, Any]]] = {}
        for kind in ("answered", "unanswerable"):
            for question, *places in table.get(kind, ()):
                number += 1
                spans = [locate(path, place) for place in places]
                start, end = context(path, spans)
                answers = [{"text": document(path).text[a:b], "answer_start": a - start} for a, b in spans]
                impossible = kind == "unanswerable"
                qa = {"id": f"demo-{number:02}", "question": question, "is_impossible": impossible, "answers": answers}
                if impossible:
                    qa |= {"answers": [], "plausible_answers": answers}
                paragraphs.setdefault((start, end), []).append(qa)
        entry = [{"context": document(path).text[start:end], "qas": qas} for (start, end), qas in paragraphs.items()]
        data.append({"title": path, "document": path, "paragraphs": entry})
    return {"version": "v2.0", "data": data}


def conversations() -> dict[str, Any]:
    """Conversations of two or three turns; ``rewritten`` asks the same as ``question`` without what was said before."""
    source = tomllib.loads((DATA / "demo_sources" / "conversaciones.toml").read_text(encoding="utf-8"))
    data: list[dict[str, Any]] = []
    for path, table in source.items():
        for turns in table["conversations"]:
            asked = []
            for typed, rewritten, place, *other in turns:
                where = other[0] if other else path
                start, end = locate(where, place)
                text = document(where).text
                asked.append(
                    {
                        "question": typed,
                        "rewritten": rewritten or typed,
                        "answer": text[start:end],
                        "answer_start": start,
                        "document": where,
                    }
                )
            data.append({"id": f"conversacion-{len(data) + 1:03}", "turns": asked})
    return {"version": "1.0", "data": data}


def write(name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (DATA / "demo" / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write("preguntas.json", questions())
    write("conversaciones.json", conversations())
