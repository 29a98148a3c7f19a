"""Where a Spanish sentence ends."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lo firma el Sr. García. Después se archiva.", ["Lo firma el Sr. García.", "Después se archiva."]),
        ("Véase el n.º 114 de la norma. Fin.", ["Véase el n.º 114 de la norma.", "Fin."]),
        (
            "Según el art. 5 y J. Pérez, no. ¿Y si llueve? Sí.",
            ["Según el art. 5 y J. Pérez, no.", "¿Y si llueve?", "Sí."],
        ),
        ("Cuesta 3.50 euros. Gratis: no", ["Cuesta 3.50 euros.", "Gratis: no"]),
        ("Ambos lo firman. Vale.", ["Ambos lo firman.", "Vale."]),
        ("Mesas, sillas, etc. El resto no.", ["Mesas, sillas, etc.", "El resto no."]),
        ("1. Objeto. Esta norma.", ["1. Objeto.", "Esta norma."]),
        ("b) Plazo. Un mes.", ["b) Plazo.", "Un mes."]),
        ("4.2. Horario. De 9 a 14.", ["4.2. Horario.", "De 9 a 14."]),
        ("Vive en EE. UU. desde mayo. Trabaja.", ["Vive en EE. UU. desde mayo.", "Trabaja."]),
        ("Avda. Constitución, 3. Tel. 913 000 000. Pida cita.", None),
        ("«¿Quién?» Nadie lo sabe… «Yo.» Y calló.", ["«¿Quién?»", "Nadie lo sabe…", "«Yo.»", "Y calló."]),
        ("Una línea\nOtra línea. Y más", ["Una línea", "Otra línea.", "Y más"]),
    ],
)
def test_sentence_bounds(text: str, expected: list[str] | None) -> None:
    expected = expected or ["Avda. Constitución, 3.", "Tel. 913 000 000.", "Pida cita."]
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet=st.sampled_from("aÉñ .?!\n«»1)\t"), max_size=120), st.integers(0, 60), st.integers(0, 120))
def test_sentences_hold_every_visible_character_of_the_range_once(text: str, start: int, end: int) -> None:
    start, end = min(start, len(text)), min(max(start, end), len(text))
    found = sentences(text, start, end)
    assert "".join("".join(text[a:b].split()) for a, b in found) == "".join(text[start:end].split())
    assert all(start <= a < b <= end and text[a:b].strip() == text[a:b] for a, b in found)
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(found))
