"""``assistant why``: how each passage was found and read, and what decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.commands.options import Device, Encoder, Folder, Index, Json, K, Prudence, Reader, Words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assistant.tracing import Trace


def why(
    question: Words = None,
    folder: Folder = None,
    index: Index = None,
    reader: Reader = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    prudencia: Prudence = None,
    json: Json = False,
) -> None:
    """Explica una respuesta: de cada pasaje, sus puestos, las palabras que casan, su lectura y el umbral."""
    from assistant import console, places, records, settings, tracing
    from assistant.answering import normalise
    from assistant.errors import UsageProblem
    from assistant.opening import open_assistant

    text = normalise(" ".join(question or []))
    if not text:
        raise UsageProblem("Falta la pregunta.", 'Por ejemplo: assistant why "días de vacaciones"')
    chosen = settings.resolve({"reader": reader, "device": device, "k": k, "prudencia": prudencia}).settings
    trace = tracing.trace(open_assistant(places.locate(folder, index), chosen, encoder=encoder), text)
    if json:
        print(records.dump(tracing.trace_record(trace), indent=2))
    else:
        console.out().print(_view(trace))


def _view(trace: Trace) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from assistant.citing import citation
    from assistant.console import one_line
    from assistant.render import Item, QuotedSentence, ordinal

    parts: list[RenderableType] = []
    for number, passage in enumerate(trace.passages, start=1):
        hit = passage.hit
        place = citation(hit.passage.document, hit.passage.place, hit.passage.headings)
        matched = f" (casan: {', '.join(passage.matched)})" if passage.matched else ""
        ranks = f"por palabras: {ordinal(hit.lexical_rank)}{matched} · por significado: {ordinal(hit.dense_rank)}"
        lines: list[RenderableType] = [Text(one_line(place), style="cyan"), Text(ranks)]
        if passage.quote:
            lines.append(QuotedSentence(passage.quote))
            quote = passage.quote
            lines.append(
                Text(
                    f"lectura: {quote.score:.2f} · sin respuesta: {quote.null_score:.2f} · margen: {quote.margin:+.2f}"
                    f" · con su puesto: {passage.evidence:+.2f}",
                    style="bold" if number - 1 == trace.chosen else "",
                )
            )
        else:
            lines.append(Text("lectura: nada", style="dim"))
        parts.append(Item(number, Group(*lines)))
    parts.append(Text(f"\n{_verdict(trace)}"))
    if trace.parts:
        parts.append(Text(f"Lo que más pesa: {_weightiest(trace.parts)}.", style="dim"))
    return Group(*parts)


def _weightiest(parts: Mapping[str, float], shown: int = 5) -> str:
    """The features that moved the probability most, each with what it added to the log odds."""
    from assistant.features import NAMES

    largest = sorted(parts, key=lambda name: -abs(parts[name]))[:shown]
    return " · ".join(f"{NAMES[name]} {parts[name]:+.2f}" for name in largest)


def _verdict(trace: Trace) -> str:
    if trace.chosen is None:
        return "Ningún pasaje propone una respuesta: se abstiene."
    quote = trace.passages[trace.chosen].quote
    assert quote is not None
    verdict = "contesta" if trace.answered else "se abstiene"
    if trace.rule.probability is not None and trace.probability is not None:
        sign, compared = "≥" if trace.answered else "<", f"{100 * trace.rule.probability:.0f} %"
        measure = f"probabilidad de acierto {100 * trace.probability:.0f} %"
    else:
        sign, compared = ">" if trace.answered else "≤", f"umbral {trace.rule.margin:+.2f}"
        measure = f"margen {quote.margin:+.2f}"
    return f"Decide el pasaje {trace.chosen + 1}: {measure} {sign} {compared}, así que {verdict}."
