"""What an index depends on besides its files and its encoder: how text is parsed, cut into passages and analyzed.

Cutting and analyzing are told by what they make of a probe, so that a change of their code cannot be forgotten here and
silently leave old indexes half in step. What the parsers make of a file of each format is too much for a probe.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

from index.analysis import analyze
from index.documents import parse
from index.passages import retrieval_text, split

PARSING = 1  # raise it when a parser gives other text, blocks or places for files that many people have
_PROBE = """# Manual de Prevención 2025

El Sr. García, del dpto. de RR. HH., atiende de 9:00 a 14:30 h. ¿Y por la tarde? ¡No!
Véase el art. 5.2 del R.D. 39/1997.

## 1. Códigos de error

- E-101: falta tóner; llame al 112, ext. 4.º «B».
- v2.3 (p. ej., «pingüino»): reinicie.

| Día | Importe |
| --- | --- |
| 1.º de mayo | 1.234,56 € |

### Corazón y camión

Las niñas leían rápidamente los artículos; los corazones, también. EE. UU. y la UE no firmaron nada el 3-4-2024.
""" + " ".join(f"La frase número {number} repite que hay 22 días hábiles de vacaciones al año." for number in range(40))


@cache
def passages_recipe(*, ocr: bool = False) -> str:
    """Names how files become passages. With ``ocr`` scanned pages are read too."""
    document = parse(_PROBE.encode(), path="guía_de-prueba.md")
    cut = [(passage.start, passage.end, passage.place, retrieval_text(passage)) for passage in split(document)]
    return f"{PARSING}-{_digest(cut)}{' with OCR' if ocr else ''}"


@cache
def analysis_recipe() -> str:
    """Names how passages become the tokens of the lexical index."""
    return _digest(analyze(_PROBE))


def _digest(value: object) -> str:
    return blake2b(repr(value).encode(), digest_size=6).hexdigest()
