"""One cited place in the conversation: the words in their sentence, or a passage that is near, with its citation."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from assistant.console import one_line
from assistant.render import SNIPPET, QuotedSentence
from assistant.tui.turns import Source
from assistant.types import Confidence, Quote

WORDS = "bold underline $text-warning"
"""How quoted words look everywhere: underlined too, for terminals without colour."""

_CONFIDENCE: dict[Confidence, tuple[str, str]] = {
    "alta": ("●●●", "$text-success"),
    "media": ("●●○", "$text-warning"),
    "baja": ("●○○", "$text-error"),
}


class Block(Static):
    """What the block cursor stands on. A click selects it."""

    def __init__(self, source: Source, *, confidence: Confidence | None = None, number: int = 0) -> None:
        super().__init__(_content(source, confidence, number), markup=False, classes="-numbered" if number else "")
        self.source = source


def _content(source: Source, confidence: Confidence | None, number: int) -> Content:
    mark = f"{number}. " if number else ""
    said = _sentence(source.quote) if source.quote else Content.assemble((_snippet(source), "$foreground-muted"))
    lines = [Content(mark) + said, Content.assemble((source.citation, "$text-accent"))]
    if confidence is not None:
        dots, style = _CONFIDENCE[confidence]
        probability = source.quote.probability if source.quote else None
        sure = "" if probability is None else f" ({100 * probability:.0f} %)"
        lines.append(Content.assemble((f"{dots} Confianza {confidence}{sure}", style)))
    return Content("\n").join(lines)


def _sentence(quote: Quote) -> Content:
    sentence = QuotedSentence(quote)
    return Content.assemble(sentence.before, (sentence.words, WORDS), sentence.after)


def _snippet(source: Source) -> str:
    text = one_line(source.words).strip()
    return text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + "…"
