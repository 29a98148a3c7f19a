"""Markdown: blocks with their line numbers, inline markup stripped. A reader of documents, not a renderer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.plain import not_text, split_lines
from index.documents.tables import table_rows
from index.types import BlockKind, Place

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|(\d{1,9}[.)]))[ \t]+(?:\[[ xX]\][ \t]+)?(.*)$")
_QUOTE = re.compile(r" {0,3}>[ \t]?(?:\[![A-Z]+\])?")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_REFERENCE = re.compile(r" {0,3}\[[^\]]+\]:[ \t]*\S+(?:[ \t]+[\"'(].*)?$")
_CELL = re.compile(r"(?<!\\)\|")

_INLINE = (
    (re.compile(r"!\[([^\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])"), r"\1"),  # image: its description
    (re.compile(r"\[([^\[\]]+)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\]]*\])"), r"\1"),  # link: its text
    (re.compile(r"\[\^[^\]]+\]"), ""),  # footnote mark
    (re.compile(r"<((?:https?|mailto):[^<>\s]+|[^<>\s@]+@[^<>\s]+)>"), r"\1"),  # autolink
    (re.compile(r"</?[A-Za-z][^<>]*>"), ""),  # HTML tag
    (re.compile(r"(\*\*\*|\*\*|~~|==)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)(___|__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])"), r"\1"),
)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_MAX_INLINE = 20_000  # characters; the patterns are quadratic at worst, and no person writes such a paragraph
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the blocks of a Markdown file. YAML front matter gives the title and is not text."""
    text = decode(data)
    if text is None:
        raise not_text(builder)
    # A comment leaves its line ends, so that line numbers stay right.
    lines = split_lines(_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), "\n".join(split_lines(text))))
    _Reader(lines, builder).read(_front_matter(lines, builder))


def _front_matter(lines: Sequence[str], builder: DocumentBuilder) -> int:
    """The index of the first line after the front matter, 0 without any."""
    if lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() in ("---", "..."):
            for field in lines[1:number]:
                name, _, value = field.partition(":")
                if name.strip().lower() in ("title", "título", "titulo"):
                    builder.title = value.strip().strip("\"'")
            return number + 1
        if line.strip() and not re.match(r"[\w \t-]+:|[ \t]*-|[ \t]", line):
            return 0
    return 0


def strip_inline(text: str) -> str:
    """The text without emphasis, links, images, tags, code ticks and backslashes."""
    if len(text) > _MAX_INLINE:
        return text
    pieces: list[str] = []
    end = 0
    for code in _CODE.finditer(text):  # what stands in ticks is literal
        pieces += [_strip_markup(text[end : code.start()]), code[2]]
        end = code.end()
    return "".join([*pieces, _strip_markup(text[end:])])


def _strip_markup(text: str) -> str:
    escaped: list[str] = []

    def hide(found: re.Match[str]) -> str:
        escaped.append(found[1])
        return "\0"

    text = _ESCAPE.sub(hide, text.replace("\0", " "))
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    signs = iter(escaped)
    return re.sub("\0", lambda _: next(signs, ""), text)


class _Reader:
    """One pass over the lines, holding those of the open paragraph or list item."""

    def __init__(self, lines: Sequence[str], builder: DocumentBuilder) -> None:
        self.lines = lines
        self.builder = builder
        self.held: list[str] = []
        self.start = 0
        self.kind: BlockKind = "paragraph"

    def read(self, index: int) -> None:
        while index < len(self.lines):
            index = self.step(index)
        self.flush()

    def step(self, index: int) -> int:
        """Take the line at ``index``; the index of the next one to take."""
        raw = self.lines[index]
        line = _QUOTE.sub("", raw)
        while line != raw:
            raw, line = line, _QUOTE.sub("", line)
        if fence := _FENCE.match(line):
            self.flush()
            return self.code(index, fence[1])
        if not line.strip():
            self.flush()
        elif heading := _ATX.match(line):
            self.flush()
            self.builder.heading(strip_inline(heading[2] or ""), len(heading[1]), Place(line=index + 1))
        elif self.held and self.kind == "paragraph" and (underline := _SETEXT.match(line)):
            text, self.held = " ".join(self.held), []
            self.builder.heading(strip_inline(text), 1 if underline[1][0] == "=" else 2, Place(line=self.start))
        elif _RULE.match(line):
            self.flush()
        elif "|" in line and index + 1 < len(self.lines) and _is_table_rule(self.lines[index + 1]):
            self.flush()
            return self.table(index)
        elif item := _ITEM.match(line):
            self.flush()
            self.hold(f"{item[1]} {item[2]}" if item[1] else item[2], index, "list_item")
        elif not _REFERENCE.match(line) or self.held:
            self.hold(line, index, "paragraph")
        return index + 1

    def hold(self, line: str, index: int, kind: BlockKind) -> None:
        if not self.held:
            self.start, self.kind = index + 1, kind
        self.held.append(line.strip())

    def flush(self) -> None:
        if self.held:
            self.builder.add(strip_inline(" ".join(self.held)), self.kind, Place(line=self.start))
            self.held = []

    def code(self, index: int, fence: str) -> int:
        for number in range(index + 1, len(self.lines)):
            line = self.lines[number]
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                return number + 1
            self.builder.add(line, "paragraph", Place(line=number + 1), goes_on=number > index + 1)
        return len(self.lines)

    def table(self, index: int) -> int:
        end = index + 2
        while end < len(self.lines) and "|" in self.lines[end]:
            end += 1
        numbers = [index, *range(index + 2, end)]
        rows = [_cells(self.lines[number]) for number in numbers]
        for row, text in table_rows(rows, header=any(rows[0])):
            self.builder.add(text, "table_row", Place(line=numbers[row] + 1))
        return end


def _is_table_rule(line: str) -> bool:
    return "|" in line and "-" in line and bool(_TABLE_RULE.match(line))


def _cells(line: str) -> list[str]:
    line = _QUOTE.sub("", line).strip()
    cells = _CELL.split(line.removeprefix("|"))
    if line.endswith("|") and not line.endswith("\\|"):
        cells = cells[:-1]
    return [strip_inline(cell.strip()) for cell in cells]
