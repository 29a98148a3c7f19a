"""HTML: content without navigation, anchors, tables, and pages that are not what they should be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.index.documents.checking import find, lines, read, said

PAGE = """<!DOCTYPE html><html><head><title>Padrón | Sede</title><meta charset="utf-8"><style>p{}</style></head>
<body><header><h1>Empadronarse</h1><p>Buscar</p></header><nav><a href="/">Inicio</a></nav>
<main><p>Se pide <b>cita</b> en el <a href="x">010</a>.
<h2 id="docs">Documentos</h2><ul><li>DNI<li>Contrato de <i>alquiler</i></ul>
<section id="plazo"><h2>Plazo</h2><dl><dt>Alta<dd>el mismo día<dt>¿Coste?<dd>Ninguno</dl>
<address>Plaza Mayor, 1<br>28000 Valdemora</address></section>
<table><tr><th>Trámite<th>Mesa<th>Minutos<tr><td>Padrón<td rowspan=2>4<td>15<tr><td>Registro<td>10</table>
<table><tr><td><h3>Maqueta</h3><p>No es una tabla de datos</table>
<p hidden>oculto</p><p style="display: none">oculto</p><script>let oculto</script>
</main><aside>publicidad</aside><footer>pie</footer></body></html>"""


def test_a_page_gives_its_content_with_headings_and_anchors() -> None:
    document = read(PAGE, "padron.html")
    assert document.title == "Padrón | Sede"
    assert lines(document) == [
        ("heading", "Empadronarse"),
        ("paragraph", "Se pide cita en el 010."),
        ("heading", "Documentos"),
        ("list_item", "DNI"),
        ("list_item", "Contrato de alquiler"),
        ("heading", "Plazo"),
        ("paragraph", "Alta: el mismo día"),
        ("paragraph", "¿Coste? Ninguno"),
        ("paragraph", "Plaza Mayor, 1"),
        ("paragraph", "28000 Valdemora"),
        ("table_row", "Trámite: Padrón; Mesa: 4; Minutos: 15"),
        ("table_row", "Trámite: Registro; Mesa: 4; Minutos: 10"),
        ("heading", "Maqueta"),
        ("paragraph", "No es una tabla de datos"),
    ]
    assert find(document, "DNI").place.anchor == "docs"
    assert find(document, "28000").place.anchor == "plazo"
    assert find(document, "DNI").headings == ("Empadronarse", "Documentos")


def test_the_header_of_an_article_is_content() -> None:
    document = read("<main><article><header><h1>Aviso</h1></header><p>Texto</article></main>", "a.html")
    assert lines(document) == [("heading", "Aviso"), ("paragraph", "Texto")]


def test_a_declared_encoding_is_followed() -> None:
    page = '<meta charset="iso-8859-2"><p>Dvořák cobró</p>'
    assert "Dvořák" in read(page.encode("iso-8859-2"), "a.html").text
    assert "señal" in read("<p>señal</p>".encode("cp1252"), "a.htm").text
    assert "señal" in read('<?xml version="1.0" encoding="UTF-8"?><html><body>señal</body></html>', "a.xhtml").text


def test_entities_do_not_expand_and_nothing_is_fetched() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    text = read(f"{bomb}<p>hola &b; &x; &amp; &aacute;</p>", "a.html").text
    assert "aaaaaaaaaa" * 3 not in text and "root:" not in text and "& á" in text


def test_deep_nesting_is_read_without_recursion_and_said_where_it_is_cut() -> None:
    document = read("<p>antes</p>" + "<div>" * 1500 + "fondo" + "</div>" * 1500 + "<p>después</p>", "a.html")
    assert [text for _, text in lines(document)] == ["antes", "fondo", "después"] and not document.warnings
    document = read("<p>antes</p>" + "<div>" * 50_000 + "fondo", "a.html")
    assert document.text == "antes" and "demasiados elementos" in document.warnings[0]


def test_a_page_on_one_enormous_line_is_read_whole() -> None:
    words = 800_000  # a text node over libxml2's usual limit of 10 MB
    document = read("<p>" + "palabra suelta " * words + "fin</p>", "a.html")
    assert len(document.text) == 15 * words + 3


TAGS = st.sampled_from("p div ul li table tr td th h1 h2 br b pre dl dt dd header section a tbody".split())


@given(
    st.lists(
        st.one_of(TAGS.map("<{} id=x>".format), TAGS.map("</{}>".format), st.sampled_from(["uno", " ", "&ntilde;"]))
    )
)
def test_no_tag_soup_breaks_the_reader_or_loses_words(soup: list[str]) -> None:
    document = read("<body><p>inicio</p>" + "".join(soup), "a.html")
    assert document.text.startswith("inicio")
    kept = sum(said(document, block).count("uno") for block in document.blocks)
    assert kept >= soup.count("uno") or "<header id=x>" in soup or "<th id=x>" in soup
