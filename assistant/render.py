"""How an answer looks in a terminal: the words emphasised inside their sentence, then where they stand.

Everything is a Rich renderable, so that the terminal decides on colour (NO_COLOR, pipes) and width. Where there are
no styles at all the words stand between «»: the emphasis is information and must survive a pipe and be heard.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from assistant.citing import citation
from assistant.console import one_line
from assistant.types import Abstention, Answer, Missing, Quote, Reason
from index.types import Hit, Passage

CONTEXT = 240
"""Characters of a sentence shown on each side of the quoted words; a table row may be far longer."""

SNIPPET = 220
"""Characters of a passage shown in a list."""

NEAREST = 3
"""Passages shown with an abstention."""

REASONS: dict[Reason, str] = {
    "empty_question": "No hay ninguna pregunta.",
    "no_passages": "Ningún documento de la carpeta habla de eso.",
    "not_answered": "Los documentos no lo dicen, o no con claridad suficiente para citarlo.",
}
_STYLES = {"alta": "green", "media": "yellow", "baja": "red"}


Result = Answer | Abstention


def result_view(result: Result) -> RenderableType:
    """An answer with its citation and alternatives, or an abstention with the nearest passages."""
    return _answer_view(result) if isinstance(result, Answer) else _abstention_view(result)


def missing_lines(missing: Missing) -> list[str]:
    """What an abstention says of the words of the question: which are mentioned, which are not, what was meant."""
    lines = []
    if missing.elsewhere:
        absent = _listed(missing.elsewhere, "ni")
        lines.append(
            f"Los pasajes más cercanos mencionan {_listed(missing.mentioned, 'y')}, pero no {absent}."
            if missing.mentioned
            else f"Los pasajes más cercanos no mencionan {absent}."
        )
    if missing.nowhere:
        lines.append(f"Ningún documento menciona {_listed(missing.nowhere, 'ni')}.")
    lines += [f"¿Quería decir {_listed(terms, 'o')} en vez de «{word}»?" for word, terms in missing.suggestions.items()]
    return lines


def rejected_line(quote: Quote) -> str:
    """What introduces the best quote that fell short."""
    sure = "" if quote.probability is None else f", con un {100 * quote.probability:.0f} % de probabilidad de acierto"
    return f"Lo que más se parece a una respuesta{sure}"


def _listed(words: Sequence[str], last: str) -> str:
    """«a», «b» y «c»."""
    quoted = [f"«{one_line(word)}»" for word in words]
    return f" {last} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def hits_view(hits: Sequence[Hit]) -> RenderableType:
    """The passages of a search with their place and both ranks."""
    return Group(*(Item(rank, _hit_view(hit)) for rank, hit in enumerate(hits, start=1)))


class QuotedSentence:
    """The sentence of a quote with the quoted words emphasised, cut to ``CONTEXT`` characters on each side."""

    def __init__(self, quote: Quote) -> None:
        before, self.words, after = (one_line(part) for part in quote.in_sentence)
        self.before = before if len(before) <= CONTEXT else "…" + before[-CONTEXT:]
        self.after = after if len(after) <= CONTEXT else after[:CONTEXT] + "…"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        styled = console.color_system is not None  # there are no styles in a pipe, nor with TERM=dumb
        words = Text(self.words, style="bold underline") if styled else Text(self._marked())
        yield Text.assemble(self.before, words, self.after)

    def _marked(self) -> str:
        """The words between «», or between brackets where the sentence has such quotes of its own."""
        left, right = "[]" if set("«»") & set(self.before + self.words + self.after) else "«»"
        return f"{left}{self.words}{right}"


def _answer_view(answer: Answer) -> RenderableType:
    parts: list[RenderableType] = [
        QuotedSentence(answer.quote),
        Text(""),
        _source(answer.quote),
        Text.assemble("Confianza: ", (answer.confidence, _STYLES[answer.confidence]), _sure(answer.quote)),
    ]
    if answer.alternatives:
        parts += [Text(""), Text("También dicen los documentos:", style="dim")]
        parts += [
            Item(number, Group(QuotedSentence(quote), _source(quote)))
            for number, quote in enumerate(answer.alternatives, start=1)
        ]
    return Group(*parts)


def _abstention_view(abstention: Abstention) -> RenderableType:
    parts: list[RenderableType] = [Text(REASONS[abstention.reason], style="bold")]
    if abstention.missing:
        parts += [Text(line) for line in missing_lines(abstention.missing)]
    if abstention.best_rejected:
        quote = abstention.best_rejected
        parts += [Text(""), Text(f"{rejected_line(quote)}:", style="dim"), QuotedSentence(quote), _source(quote)]
    if abstention.hits:
        parts += [Text(""), Text("Lo más cercano que hay:", style="dim")]
        parts += [
            Item(number, Group(Text(_snippet(hit.passage)), _place(hit.passage)))
            for number, hit in enumerate(abstention.hits[:NEAREST], start=1)
        ]
    return Group(*parts)


def _sure(quote: Quote) -> str:
    return "" if quote.probability is None else f" ({100 * quote.probability:.0f} %)"


def _hit_view(hit: Hit) -> RenderableType:
    ranks = f"por palabras: {ordinal(hit.lexical_rank)} · por significado: {ordinal(hit.dense_rank)}"
    return Group(_place(hit.passage), Text(_snippet(hit.passage)), Text(ranks, style="dim"))


class Item:
    """A numbered item: the view, indented by hand because Rich's own grids pad every line with spaces."""

    def __init__(self, number: int, view: RenderableType) -> None:
        self.mark = f"{number}. "
        self.view = view

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(options.max_width - len(self.mark), 1))
        for number, line in enumerate(console.render_lines(self.view, inner, pad=False)):
            yield Segment(" " * len(self.mark) if number else self.mark)
            yield from line
            yield Segment.line()


def _source(quote: Quote) -> Text:
    return Text(one_line(citation(quote.document, quote.place, quote.headings)), style="cyan")


def _place(passage: Passage) -> Text:
    return Text(one_line(citation(passage.document, passage.place, passage.headings)), style="cyan")


def ordinal(rank: int | None) -> str:
    """«3.º», or a dash where that retriever did not return the passage."""
    return "—" if rank is None else f"{rank}.º"


def _snippet(passage: Passage) -> str:
    text = one_line(passage.text).strip()
    return text if len(text) <= SNIPPET else text[:SNIPPET].rsplit(" ", 1)[0] + "…"
