"""``assistant demo``: index the demo documents and ask three questions, one of which they do not answer."""

from __future__ import annotations

from pathlib import Path

QUESTIONS = (
    "¿Cuál es el tamaño máximo de un mensaje de correo con sus adjuntos?",
    "¿A qué distancia de los ojos conviene poner el monitor?",
    "¿De qué marca son las fotocopiadoras multifunción?",  # no document says it
)


def demo() -> None:
    """Indexa los documentos de muestra y hace tres preguntas: dos tienen respuesta y una no."""
    from assistant import console, places, progress, render, settings
    from assistant.opening import open_assistant, open_encoder
    from index.builder import update_index

    chosen = settings.resolve()
    location = places.Location(demo_documents(), places.demo_index())
    with progress.indexing() as show:
        summary = update_index(
            location.folder, encoder=open_encoder(location, chosen), index_dir=location.index, on_progress=show
        )
    files = summary.indexed + summary.unchanged + summary.moved
    out = console.out()
    out.print(f"Carpeta de muestra: {location.folder}", soft_wrap=True, markup=False)
    out.print(f"{files} documentos, {summary.passages} pasajes.")
    assistant = open_assistant(location, chosen.settings)
    for question, result in zip(QUESTIONS, assistant.ask_many(QUESTIONS), strict=True):
        out.print(f"\n[bold]▸ {question}[/]\n")
        out.print(render.result_view(result))
    places.remember(location, only_if_first=True)
    out.print(
        "\nSiga con su propia carpeta: [bold]assistant index CARPETA[/] y después [bold]assistant chat CARPETA[/]"
    )


def demo_documents() -> Path:
    """The demo documents: inside the installed package, or in ``data/demo`` of a source checkout."""
    from assistant.errors import AssistantProblem

    package = Path(__file__).parents[1]
    for folder in (package / "demo" / "documentos", package.parent / "data" / "demo" / "documentos"):
        if folder.is_dir():
            return folder
    raise AssistantProblem(
        "Faltan los documentos de muestra en esta instalación.", "Reinstale el programa, o use su propia carpeta."
    )
