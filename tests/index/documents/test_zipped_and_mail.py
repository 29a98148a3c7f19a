"""ODT, EPUB, CSV, RTF and messages with their attachments."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

from tests.index.documents.checking import find, lines, read, said


def zipped(parts: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = " ".join(
    f'xmlns:{short}="{_OASIS}:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("presentation", "presentation"),
        ("style", "style"),
    )
)


def odf(body: str, kind: str = "text", styles: str = "") -> bytes:
    """An OpenDocument file of this kind: text, spreadsheet or presentation."""
    inside = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    content = f"<office:document-content {_NAMES}>{styles}{inside}</office:document-content>"
    return zipped({"content.xml": content})


def test_odt_headings_lists_tables_notes_and_pages() -> None:
    document = read(
        odf(
            '<text:h text:outline-level="1">Archivo</text:h>'
            "<text:p>Abre de<text:s/>9:00<text:tab/>a 14:00<text:note><text:note-citation>1</text:note-citation>"
            "<text:note-body><text:p>Salvo agosto.</text:p></text:note-body></text:note>.</text:p>"
            "<text:list><text:list-item><text:p>Ficha</text:p></text:list-item></text:list>"
            "<text:p>Fin de la primera <text:soft-page-break/>página</text:p>"
            "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Copia</text:p></table:table-cell>"
            "<table:table-cell><text:p>Tasa</text:p></table:table-cell></table:table-row></table:table-header-rows>"
            "<table:table-row><table:table-cell><text:p>A4</text:p></table:table-cell>"
            "<table:table-cell><text:p>0,20 €</text:p></table:table-cell>"
            '<table:table-cell table:number-columns-repeated="9999"/>'
            "</table:table-row></table:table>"
            "<text:tracked-changes><text:p>borrado</text:p></text:tracked-changes>"
            '<text:h text:outline-level="2">Fin</text:h>'
        ),
        "archivo.odt",
    )
    assert [(b.kind, b.place.page, said(document, b)) for b in document.blocks] == [
        ("heading", 1, "Archivo"),
        ("paragraph", 1, "Abre de 9:00 a 14:00."),
        ("note", 1, "Salvo agosto."),
        ("list_item", 1, "Ficha"),
        ("paragraph", 1, "Fin de la primera página"),
        ("table_row", 2, "Copia: A4; Tasa: 0,20 €"),
        ("heading", 2, "Fin"),
    ]
    assert document.blocks[-1].headings == ("Archivo",)


def test_odt_titles_are_told_by_style_and_breaks_between_rows_count() -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cell}{cell}{cell}</table:table-row>"
    document = read(
        odf(
            '<text:p text:style-name="P1">Guía</text:p><table:table>'
            + row.format("Día", "Hora", "Sala")
            + row.format("Lunes", "9", "A")
            + "<text:soft-page-break/>"
            + row.format("Martes", "<text:span>10</text:span>", "B")
            + "</table:table>",
            styles='<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Title"/>'
            "</office:automatic-styles>",
        ),
        "a.odt",
    )
    assert document.title == "Guía"
    assert [(b.place.page, said(document, b)) for b in document.blocks] == [
        (1, "Guía"),
        (1, "Día: Lunes; Hora: 9; Sala: A"),
        (2, "Día: Martes; Hora: 10; Sala: B"),
    ]


def test_ods_rows_keep_their_numbers_past_repeated_ones() -> None:
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"
    document = read(
        odf(
            '<table:table table:name="Turnos"><table:table-row>'
            + cell.format("", "Nombre")
            + cell.format("", "Mesa")
            + '</table:table-row><table:table-row table:number-rows-repeated="2">'
            + cell.format("", "Ana")
            + cell.format(' office:value="4"', "4,00")
            + '</table:table-row><table:table-row table:number-rows-repeated="1000000"><table:table-cell/>'
            + "</table:table-row>"
            "<table:table-row>" + cell.format("", "Nota al pie") + "</table:table-row></table:table>",
            "spreadsheet",
        ),
        "a.ods",
    )
    assert [(b.place.sheet, b.place.row, said(document, b)) for b in document.blocks] == [
        ("Turnos", None, "Turnos"),
        ("Turnos", 2, "Nombre: Ana; Mesa: 4,00"),
        ("Turnos", 3, "Nombre: Ana; Mesa: 4,00"),
        ("Turnos", 1000004, "Nota al pie"),
    ]


def test_odp_slides_give_title_lists_and_notes() -> None:
    document = read(
        odf(
            '<draw:page><draw:frame presentation:class="outline"><draw:text-box><text:list><text:list-item>'
            "<text:p>Doce cursos</text:p></text:list-item></text:list></draw:text-box></draw:frame>"
            '<draw:frame presentation:class="title"><draw:text-box><text:p>Plan</text:p></draw:text-box></draw:frame>'
            '<draw:frame presentation:class="footer"><draw:text-box><text:p>pie</text:p></draw:text-box></draw:frame>'
            "<presentation:notes><draw:frame><draw:text-box><text:p>Nota</text:p></draw:text-box></draw:frame>"
            "</presentation:notes></draw:page><draw:page/>",
            "presentation",
        ),
        "a.odp",
    )
    assert [(b.kind, b.place.slide, said(document, b)) for b in document.blocks] == [
        ("heading", 1, "Plan"),
        ("list_item", 1, "Doce cursos"),
        ("note", 1, "Nota"),
    ]
    assert document.blocks[-1].headings == ("Plan",)


def test_epub_chapters_come_in_the_order_of_the_spine_with_their_anchors() -> None:
    document = read(
        zipped(
            {
                "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
                '<rootfiles><rootfile full-path="OEBPS/libro.opf"/></rootfiles></container>',
                "OEBPS/libro.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata>'
                '<title xmlns="http://purl.org/dc/elements/1.1/">Guía del lector</title></metadata><manifest>'
                '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
                '<item id="b" href="cap%202.xhtml" media-type="application/xhtml+xml"/>'
                '<item id="a" href="cap1.xhtml" media-type="application/xhtml+xml"/>'
                '<item id="x" href="falta.xhtml" media-type="application/xhtml+xml"/></manifest>'
                '<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="x"/>'
                "</spine></package>",
                "OEBPS/nav.xhtml": "<html><body><p>índice</p></body></html>",
                "OEBPS/cap1.xhtml": "<html><body><h1>Uno</h1><p>Primero</p></body></html>",
                "OEBPS/cap 2.xhtml": '<html><body><h1>Dos</h1><p id="uso">Segundo</p></body></html>',
            }
        ),
        "guia.epub",
    )
    assert document.title == "Guía del lector"
    assert [text for _, text in lines(document)] == ["Uno", "Primero", "Dos", "Segundo"]
    assert find(document, "Segundo").place.anchor == "cap 2.xhtml#uso"
    assert find(document, "Segundo").headings == ("Dos",)
    assert document.warnings == ("Falta el capítulo «falta.xhtml».",)


def test_csv_rows_carry_their_header_whatever_the_delimiter() -> None:
    for delimiter in ";,\t|":
        source = 'Nombre#Ext.#Área\nAna#4321#"Obras, y ""vías"""\n\nLuis##RR. HH.\n'.replace("#", delimiter)
        document = read(source.encode("cp1252"), "a.csv")
        assert [(b.place.row, said(document, b)) for b in document.blocks] == [
            (2, 'Nombre: Ana; Ext.: 4321; Área: Obras, y "vías"'),
            (4, "Nombre: Luis; Área: RR. HH."),
        ]
    assert find(read("sep=|\nA|Be\nc|d, e; f\n", "a.csv"), "A: c").place.row == 3


def test_rtf_paragraphs_and_tables_in_its_own_code_page() -> None:
    source = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard A\'f1o \u8364? y se\'f1al\par Segundo\par"
        rb"\trowd\cellx1\cellx2 Equipo\cell Precio\cell\row\trowd Rat\'f3n\cell 10\cell\row\pard Fin\par}"
    )
    assert [text for _, text in lines(read(source, "a.rtf"))] == [
        "Año € y señal",
        "Segundo",
        "Equipo: Precio",
        "Ratón: 10",
        "Fin",
    ]


def message(text: str = "Buenos días:\n\nEl corte será el sábado.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Corte de servicio: atención"
    mail["From"] = "Informática <cau@valdemora.example>"
    mail["To"] = "personal@valdemora.example"
    mail["Date"] = "Mon, 10 Mar 2025 08:15:00 +0100"
    mail.set_content(text)
    return mail


def test_a_message_gives_subject_heads_text_and_attachments() -> None:
    mail = message()
    mail.add_alternative("<p>No se lee dos veces</p>", subtype="html")
    mail.add_attachment("# Guía\n\nLlame al 4400.".encode(), maintype="text", subtype="markdown", filename="guía.md")
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="vacío.pdf")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    inner = message("Mensaje reenviado.")
    mail.add_attachment(inner)
    document = read(mail.as_bytes(), "aviso.eml")
    assert document.title == "Corte de servicio: atención"
    assert [text for _, text in lines(document)][:8] == [
        "Corte de servicio: atención",
        "De: Informática <cau@valdemora.example>; Para: personal@valdemora.example; Fecha: 10/03/2025 08:15",
        "Buenos días:",
        "El corte será el sábado.",
        "Adjunto: guía.md",
        "Guía",
        "Llame al 4400.",
        "Adjunto: mensaje.eml",
    ]
    assert find(document, "Llame").headings == ("Corte de servicio: atención", "Adjunto: guía.md", "Guía")
    assert find(document, "Llame").place.line == 3
    assert "Mensaje reenviado." in document.text
    assert document.warnings == ("Adjunto no leído: «vacío.pdf» está vacío.",)


def test_messages_within_messages_end_somewhere() -> None:
    mail = message("fondo")
    for _ in range(8):
        outer = message("capa")
        outer.add_attachment(mail)
        mail = outer
    document = read(mail.as_bytes(), "a.eml")
    assert document.text.count("capa") == 4 and "fondo" not in document.text
    assert any("demasiados mensajes" in warning for warning in document.warnings)


def test_a_message_of_html_only_in_an_old_code_page() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Hola"
    mail.set_content(
        "<title>no</title><p>Señora Muñoz</p>", subtype="html", charset="iso-8859-1", cte="quoted-printable"
    )
    document = read(mail.as_bytes(), "a.eml")
    assert document.title == "Hola" and ("paragraph", "Señora Muñoz") in lines(document)
