"""The texts of the help, by the part of the screen that they are about."""

from __future__ import annotations

WELCOME = (
    "Pregunte con sus palabras, por ejemplo: «¿Cuántos días de vacaciones tengo?»\n"
    "La respuesta son siempre palabras exactas de sus documentos, con el lugar de donde salen.\n"
    "Si los documentos no lo dicen, se lo diré. F1 muestra la ayuda."
)

TOPICS: dict[str, str] = {
    "prompt": """
## Escribir una pregunta

- **Intro** pregunta. **Ctrl+J** (o Mayús+Intro, si su terminal lo permite) empieza otra línea.
- **↑** y **↓** recuperan las preguntas anteriores.
- **Esc** cancela la pregunta que se está contestando y las que esperan.
- Puede preguntar mientras los modelos se cargan: se contestará en cuanto estén.
""",
    "conversation": """
## Recorrer la conversación

- **↑** y **↓** pasan de una cita a otra; **Inicio** y **Fin**, a la primera y a la última. También con el ratón.
- **Intro** muestra u oculta las otras respuestas posibles.
- **C** copia la cita, **O** abre el documento, **F** va a la fuente.
- **Esc** vuelve a la pregunta.
""",
    "evidence-text": """
## Leer la fuente

- Las palabras citadas están subrayadas; la barra de la izquierda señala el pasaje que se leyó.
- **↑** y **↓** desplazan el texto; **←** y **→** leen antes y después en el documento.
- **Intro** vuelve a la cita. **C** la copia y **O** abre el documento.
- **Esc** o **F2** vuelven a la pregunta.
""",
}
"""By the id of the widget that has the focus."""

_ALWAYS = """
## En cualquier momento

- **F1** esta ayuda
- **F2** ver la cita dentro de su documento
- **F3** ver u ocultar las otras respuestas posibles
- **F4** copiar la cita y su procedencia
- **F5** abrir el documento con su programa
- **Ctrl+↑ Ctrl+↓** cita anterior, cita siguiente
- **Ctrl+S** guardar la conversación en un archivo Markdown
- **Ctrl+L** empezar una conversación nueva
- **Ctrl+T** cambiar entre tema claro y oscuro
- **Ctrl+P** buscar entre todas las órdenes
- **Tab** pasar de la pregunta a la conversación y a la fuente
- **Ctrl+Q** salir

## Qué significan las respuestas

La **confianza** dice cuán claro es que esas palabras contestan: *alta*, *media* o *baja*. Con confianza baja, lea la
fuente antes de darla por buena. Si ningún documento lo dice con claridad suficiente, no se inventa una respuesta: se
muestran los pasajes más cercanos.

Todo ocurre en este ordenador: ni las preguntas ni los documentos salen de él.
"""


def help_text(topic: str | None) -> str:
    """Markdown: the help on a widget, by its id, then what holds everywhere."""
    return TOPICS.get(topic or "", "") + _ALWAYS
