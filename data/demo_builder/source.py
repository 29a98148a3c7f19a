"""The sources of the demo documents: a little Markdown with front matter, as elements that every format can show."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Run = tuple[str, bool]  # text, bold


@dataclass(frozen=True)
class Element:
    """A heading, paragraph, list item (``marker`` is its bullet or number), table or speaker's note."""

    kind: Literal["heading", "paragraph", "item", "table", "note"]
    runs: tuple[Run, ...] = ()
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


@dataclass(frozen=True)
class Source:
    """One source file: its front matter and its elements in order."""

    fields: dict[str, str]
    elements: tuple[Element, ...] = field(repr=False)

    @property
    def date(self) -> datetime.datetime:
        return datetime.datetime.fromisoformat(self.fields["date"])


def read_source(path: Path) -> Source:
    """Read a source. Raises ValueError where it has no front matter or holds markup that no renderer knows."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in front.splitlines())
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
    return Source(fields, tuple(element for node in tree.children for element in _elements(node)))


def _elements(node: SyntaxTreeNode) -> list[Element]:
    match node.type:
        case "heading":
            return [Element("heading", _runs(node.children[0]), level=int(node.tag[1]))]
        case "paragraph":
            return [Element("paragraph", _runs(node.children[0]))]
        case "bullet_list":
            return [Element("item", _runs(item.children[0].children[0]), marker="•") for item in node.children]
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            items = enumerate(node.children, start=first)
            return [Element("item", _runs(item.children[0].children[0]), marker=f"{n}.") for n, item in items]
        case "blockquote":
            return [Element("note", _runs(child.children[0])) for child in node.children]
        case "table":
            rows = [row for part in node.children for row in part.children]
            cells = [["".join(text for text, _ in _runs(c.children[0])) for c in row.children] for row in rows]
            return [Element("table", rows=tuple(map(tuple, cells)))]
    raise ValueError(f"unknown markup: {node.type}")


def _runs(inline: SyntaxTreeNode) -> tuple[Run, ...]:
    runs: list[Run] = []
    for child in inline.children:
        if child.type == "strong":
            runs.append((child.children[0].content, True))
        elif child.type == "softbreak":
            runs.append((" ", False))
        elif child.type == "text":
            runs.append((child.content, False))
        else:
            raise ValueError(f"unknown markup: {child.type}")
    return tuple(runs)
