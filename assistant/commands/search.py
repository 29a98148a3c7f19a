"""``assistant search``: the passages nearest to a question, without reading them."""

from __future__ import annotations

from assistant.commands.options import Device, Encoder, Folder, Index, Json, K, Words


def search(
    question: Words = None,
    folder: Folder = None,
    index: Index = None,
    encoder: Encoder = None,
    device: Device = None,
    k: K = None,
    json: Json = False,
) -> None:
    """Muestra los pasajes más cercanos a una pregunta, con su archivo, página, sección y puestos."""
    from assistant import console, places, records, render, settings
    from assistant.answering import normalise
    from assistant.errors import UsageProblem
    from assistant.opening import open_searcher

    text = normalise(" ".join(question or []))
    if not text:
        raise UsageProblem("Falta la pregunta.", 'Por ejemplo: assistant search "días de vacaciones"')
    chosen = settings.resolve({"device": device, "k": k}).settings
    hits = open_searcher(places.locate(folder, index), chosen, encoder=encoder).search([text], k=chosen.k)[0]
    if json:
        print(records.dump({"question": text, "hits": records.hit_records(hits)}, indent=2))
    elif hits:
        console.out().print(render.hits_view(hits))
    else:
        console.err().print("Ningún pasaje contiene nada de eso.")
