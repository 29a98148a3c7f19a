"""Text and Markdown: paragraphs, lists and headings, each with the line that an editor shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.documents.markdown import strip_inline
from tests.index.documents.checking import find, lines, read, said

WRAPPED = """NORMAS DE ACCESO
================

El personal accede al edificio con su tarjeta, que es personal y no
puede prestarse a nadie, ni siquiera a otra persona del mismo
servicio.
   Quien la pierda avisa a Conserjería en el mismo día para que se
anule.

- Horario: de 7:30 a 20:00
- Sábados: cerrado
2. Segunda norma
Tel. 4100
Fax 4101
"""


def test_text_wrapped_by_hand_is_joined_to_paragraphs_with_their_first_line() -> None:
    document = read(WRAPPED, "normas.txt")
    assert [kind for kind, _ in lines(document)] == [
        "heading",
        *["paragraph"] * 2,
        *["list_item"] * 3,
        *["paragraph"] * 2,
    ]
    assert find(document, "El personal").place.line == 4
    assert said(document, find(document, "El personal")).endswith("del mismo servicio.")
    assert find(document, "Quien la pierda").place.line == 7
    assert said(document, find(document, "Horario")) == "Horario: de 7:30 a 20:00"
    assert said(document, find(document, "2. Segunda")) == "2. Segunda norma"
    assert document.title == "NORMAS DE ACCESO"


def test_long_lines_are_paragraphs_of_their_own() -> None:
    document = read("\n".join(["palabra " * 40, "otra " * 50]), "a.txt")
    assert len(document.blocks) == 2


def test_line_numbers_survive_windows_and_mac_line_ends() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert find(read(f"uno{end}{end}{end}cuatro{end}", "a.txt"), "cuatro").place.line == 4


MARKDOWN = """---
title: "Guía de la VPN"
---
# Guía de la **VPN** #

Abra [el portal](https://vpn.example/a_(b)) y escriba
su `usuario_de_dominio`, *no* su correo.

<!-- nota
interna -->
- [ ] Reinicie el equipo
  cuando se lo pida
1. Primer paso
2. Segundo paso

Precios
-------

| Equipo | Precio |
|---|--:|
| Portátil | 900 € |
| Ratón | 10 \\| 12 € |

```bash
sudo # no es un título
```
> Cita
> en dos líneas
"""


def test_markdown_blocks_have_their_lines_headings_and_no_markup() -> None:
    document = read(MARKDOWN, "vpn.md")
    assert document.title == "Guía de la VPN"
    assert [(b.kind, b.place.line, said(document, b)) for b in document.blocks] == [
        ("heading", 4, "Guía de la VPN"),
        ("paragraph", 6, "Abra el portal y escriba su usuario_de_dominio, no su correo."),
        ("list_item", 11, "Reinicie el equipo cuando se lo pida"),
        ("list_item", 13, "1. Primer paso"),
        ("list_item", 14, "2. Segundo paso"),
        ("heading", 16, "Precios"),
        ("table_row", 21, "Equipo: Portátil; Precio: 900 €"),
        ("table_row", 22, "Equipo: Ratón; Precio: 10 | 12 €"),
        ("paragraph", 25, "sudo # no es un título"),
        ("paragraph", 27, "Cita en dos líneas"),
    ]
    assert document.blocks[-1].headings == ("Guía de la VPN", "Precios")


def test_inline_markup_goes_and_what_looks_like_it_stays() -> None:
    assert strip_inline("**negrita** y _cursiva_ y ~~tachado~~") == "negrita y cursiva y tachado"
    assert strip_inline("2*3*4 y snake_case_name y C:\\_temp") == "2*3*4 y snake_case_name y C:_temp"
    assert strip_inline("`**literal**` \\*no\\*") == "**literal** *no*"
    assert strip_inline("![logo](a.png) <https://x.example> <b>sí</b>[^1]") == "logo https://x.example sí"


@given(st.text(alphabet="ab *_`[]()<>!\\~|#-\n", max_size=60))
def test_no_markdown_breaks_the_reader(text: str) -> None:
    strip_inline(text)
    read("inicio\n\n" + text, "a.md")


@given(
    st.lists(
        st.sampled_from(["uno", "", "- dos", "# tres", "1. cuatro", "---", "```", "| a | b |", "|---|---|", "> x"])
    )
)
def test_the_line_of_a_block_holds_its_first_word(source: list[str]) -> None:
    for name in ("a.md", "a.txt"):
        document = read("\n".join(["inicio", "", *source]), name)
        numbered = ["inicio", "", *source]
        for block in document.blocks:
            assert block.place.line is not None
            word = said(document, block).split()[-1].rstrip(":;")
            assert word in " ".join(numbered[block.place.line - 1 :])
            assert numbered[block.place.line - 1].strip()


def test_initials_and_dates_at_the_start_of_a_line_are_no_list_items() -> None:
    source = """La solicitud la firma en la sede de la calle de la Alameda
D. Juan Pérez Gil, que la presenta en el registro antes del día
12. Después de esa fecha no se admite ninguna y quien la lleve
tiene que esperar al curso que viene.
"""
    assert [kind for kind, _ in lines(read(source, "a.txt"))] == ["paragraph"]
