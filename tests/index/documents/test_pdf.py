"""PDF files drawn here line by line, so that the page says where everything stands."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from index.errors import DocumentProblem
from index.types import Document
from tests.index.documents.checking import find, lines, read, said

BODY = "Helvetica"
STYLES = getSampleStyleSheet()


def drawn(*pages: Callable[[Canvas], None], **options: object) -> bytes:
    """A PDF whose pages are drawn by these functions."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, **options)
    for page in pages:
        canvas.setFont(BODY, 10)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def column(canvas: Canvas, text: list[str], x: float = 72, y: float = 700, *, step: float = 12) -> None:
    for number, line in enumerate(text):
        canvas.drawString(x, y - step * number, line)


def set_by_platypus(*flow: object) -> Document:
    stream = io.BytesIO()
    SimpleDocTemplate(stream, pagesize=A4).build(list(flow))
    return read(stream.getvalue(), "a.pdf")


def texts(document: Document) -> list[str]:
    return [text for _, text in lines(document)]


PROSE = [
    "El servicio de informática atiende las averías de todos los",
    "edificios municipales en horario de mañana y tarde, salvo que",
    "sean de la red de telefonía, que mantiene una empresa externa.",
]


def test_lines_are_joined_to_paragraphs_and_words_cut_at_the_line_end_rejoined() -> None:
    text = ["Para más infor-", "mación sobre el impreso E-", "101 y el acuerdo teórico-", "práctico, llame al CAU."]
    text += ["", "Es un curso teórico-práctico de un día."]
    document = read(drawn(lambda canvas: column(canvas, text)), "a.pdf")
    assert texts(document) == [
        "Para más información sobre el impreso E-101 y el acuerdo teórico-práctico, llame al CAU.",
        "Es un curso teórico-práctico de un día.",
    ]
    assert document.blocks[0].place.page == 1 and document.blocks[0].place.page_label is None


def test_a_paragraph_ends_at_a_gap_an_indent_or_a_short_line() -> None:
    def page(canvas: Canvas) -> None:
        column(
            canvas,
            [*PROSE, "Las demás se piden así.", "El aviso se abre en el portal, donde se elige el equipo averiado"],
        )
        column(canvas, PROSE, y=600)
        column(canvas, ["Otro párrafo empieza con sangría en su primera línea, y"], x=90, y=564)
        column(canvas, ["sigue al margen."], y=552)

    assert [text.split()[0] for text in texts(read(drawn(page), "a.pdf"))] == ["El", "El", "El", "Otro"]


def test_two_columns_are_read_one_after_the_other_even_if_drawn_line_by_line() -> None:
    left = [f"izquierda número {n} con palabras bastantes" for n in range(8)]
    right = [f"derecha número {n} con palabras bastantes" for n in range(8)]

    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 740, "Un título a todo lo ancho de la página, por encima de las dos columnas de texto.")
        for number, pair in enumerate(zip(left, right, strict=True)):
            canvas.drawString(72, 700 - 12 * number, pair[0])
            canvas.drawString(320, 700 - 12 * number, pair[1])

    text = read(drawn(page), "a.pdf").text
    order = [text.index(line) for line in (*left, *right)]
    assert order == sorted(order) and text.startswith("Un título")


def running(canvas: Canvas, number: int, text: list[str]) -> None:
    canvas.drawString(72, 800, "Ayuntamiento de Valdemora · Teléfono 910 000 010")
    canvas.drawString(72, 40, "Manual de compras, versión 3")
    canvas.drawString(500, 40, f"Página {number} de 4")
    column(canvas, text)


def test_running_heads_and_page_numbers_go_and_what_they_say_is_kept_once() -> None:
    pages = [
        lambda canvas, n=n: running(canvas, n, [f"Contenido propio de la página {n}.", *PROSE]) for n in (1, 2, 3, 4)
    ]
    document = read(drawn(*pages), "a.pdf")
    assert "Página 1 de 4" not in document.text
    assert document.text.count("910 000 010") == 1
    assert find(document, "Ayuntamiento").kind == "note"
    assert [block.place.page for block in document.blocks if said(document, block).startswith("Contenido")] == [
        1,
        2,
        3,
        4,
    ]


def test_printed_page_numbers_become_labels_and_leave_the_text() -> None:
    def page(number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            column(canvas, [f"Texto {chr(96 + number)} de la página.", *PROSE])
            canvas.drawString(300, 30, str(number + 10))

        return draw

    document = read(drawn(*(page(number) for number in range(1, 6))), "a.pdf")
    assert [(b.place.page, b.place.page_label) for b in document.blocks if said(document, b).startswith("Texto")] == [
        (number, str(number + 10)) for number in range(1, 6)
    ]
    assert not any(said(document, block).isdecimal() for block in document.blocks)


def test_a_paragraph_cut_by_a_page_goes_on_in_a_block_of_the_next_page() -> None:
    document = read(
        drawn(
            lambda canvas: column(canvas, ["El plazo para presentar la solicitud termina el"]),
            lambda canvas: column(canvas, ["último día hábil de marzo.", "", *PROSE]),
        ),
        "a.pdf",
    )
    assert document.text.startswith("El plazo para presentar la solicitud termina el\núltimo día hábil")
    assert [block.place.page for block in document.blocks] == [1, 2, 2]


def test_headings_are_told_by_size_and_weight_and_nest() -> None:
    document = set_by_platypus(
        Paragraph("Reglamento", ParagraphStyle("cover", fontName="Helvetica-Bold", fontSize=26, leading=30)),
        Paragraph("Capítulo I", STYLES["Heading1"]),
        Paragraph("Artículo 1", STYLES["Heading2"]),
        Paragraph(
            "Texto del artículo, que es largo y llega hasta el final de su línea sin problema. " * 4, STYLES["BodyText"]
        ),
        Paragraph("Capítulo II", STYLES["Heading1"]),
        Paragraph("<b>Definiciones</b>", STYLES["BodyText"]),
        Paragraph("Otro texto corriente que también ocupa lo suyo. " * 4, STYLES["BodyText"]),
    )
    assert [(kind, text) for kind, text in lines(document) if kind == "heading"] == [
        ("heading", text) for text in ("Reglamento", "Capítulo I", "Artículo 1", "Capítulo II", "Definiciones")
    ]
    assert find(document, "Texto").headings == ("Reglamento", "Capítulo I", "Artículo 1")
    assert find(document, "Otro").headings == ("Reglamento", "Capítulo II", "Definiciones")
    assert document.title == "Reglamento"


def test_bookmarks_name_the_headings_where_there_are_any() -> None:
    def page(canvas: Canvas) -> None:
        for number, (title, level) in enumerate((("Objeto", 0), ("Ámbito", 1))):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level)
            column(canvas, [f"{number + 1}. {title}", "", *PROSE], y=700 - 100 * number)

    document = read(drawn(page), "a.pdf")
    assert [text for kind, text in lines(document) if kind == "heading"] == ["1. Objeto", "2. Ámbito"]
    assert document.blocks[-1].headings == ("1. Objeto", "2. Ámbito")


GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
CELL = STYLES["BodyText"]


def test_ruled_tables_keep_rows_wrapped_cells_and_header() -> None:
    rows = [
        ["Motivo", "Duración", "Justificante"],
        ["Matrimonio", "15 días", Paragraph("Certificado del registro civil del lugar de la boda", CELL)],
        ["Mudanza", "1 día", "Padrón"],
    ]
    document = set_by_platypus(
        Paragraph("Antes de la tabla hay un párrafo. " * 6, CELL),
        Table(rows, style=GRID, colWidths=[100, 80, 120]),
        Spacer(1, 20),
        Paragraph("Después también. " * 9, CELL),
    )
    assert [text for kind, text in lines(document) if kind == "table_row"] == [
        "Motivo: Matrimonio; Duración: 15 días; Justificante: Certificado del registro civil del lugar de la boda",
        "Motivo: Mudanza; Duración: 1 día; Justificante: Padrón",
    ]
    assert texts(document)[0].startswith("Antes") and texts(document)[-1].startswith("Después")


def test_two_tables_of_the_same_width_stay_two_with_the_text_between_them() -> None:
    prices = Table([["Pista", "Abonado", "Público"], ["Pádel", "6 €", "10 €"]], style=GRID, colWidths=[100] * 3)
    quotas = Table([["Edad", "Cuota", "Plazos"], ["Adulto", "78 €", "Dos"]], style=GRID, colWidths=[100] * 3)
    document = set_by_platypus(prices, Paragraph("Entre las dos hay un párrafo de texto.", CELL), quotas)
    assert texts(document) == [
        "Pista: Pádel; Abonado: 6 €; Público: 10 €",
        "Entre las dos hay un párrafo de texto.",
        "Edad: Adulto; Cuota: 78 €; Plazos: Dos",
    ]


def test_a_table_that_goes_on_on_the_next_page_keeps_its_header() -> None:
    rows = [["Código", "Nombre", "Mesa"], *([f"C-{n}", f"Trámite {n}", str(n)] for n in range(60))]
    document = set_by_platypus(Table(rows, style=GRID, colWidths=[80, 150, 60], repeatRows=0))
    assert {block.place.page for block in document.blocks} == {1, 2}
    assert texts(document) == [f"Código: C-{n}; Nombre: Trámite {n}; Mesa: {n}" for n in range(60)]


def test_tables_without_rules_are_told_by_their_alignment() -> None:
    def page(canvas: Canvas) -> None:
        column(canvas, PROSE, y=760)
        for number, row in enumerate((("Línea", "Salida", "Llegada"), ("L1", "7:00", "7:40"), ("L2", "8:05", "8:50"))):
            for cell, x in zip(row, (72, 180, 300), strict=True):
                canvas.drawString(x, 700 - 14 * number, cell)

    assert texts(read(drawn(page), "a.pdf"))[1:] == [
        "Línea: L1; Salida: 7:00; Llegada: 7:40",
        "Línea: L2; Salida: 8:05; Llegada: 8:50",
    ]


def test_list_items_lose_their_bullet_and_are_no_table() -> None:
    def page(canvas: Canvas) -> None:
        for number, text in enumerate(("Tarjeta", "Llave", "Contraseña", "Móvil")):
            canvas.drawString(72, 700 - 14 * number, "•")
            canvas.drawString(96, 700 - 14 * number, text)

    assert lines(read(drawn(page), "a.pdf")) == [
        ("list_item", text) for text in ("Tarjeta", "Llave", "Contraseña", "Móvil")
    ]


def test_lines_of_a_table_of_contents_are_left_out() -> None:
    document = read(
        drawn(lambda canvas: column(canvas, ["1. Objeto ............ 3", "", "El objeto es este."])), "a.pdf"
    )
    assert texts(document) == ["El objeto es este."]


def scan(canvas: Canvas) -> None:
    stream = io.BytesIO()
    Image.new("L", (40, 40), 128).save(stream, "PNG")
    stream.seek(0)
    canvas.drawImage(ImageReader(stream), 0, 0, 400, 600)


def test_scanned_pages_are_named_and_a_scanned_document_is_a_problem() -> None:
    text = [lambda canvas: column(canvas, PROSE)]
    document = read(drawn(*text, scan, *text, scan, scan, lambda canvas: None), "acta.pdf")
    assert document.warnings == ("Páginas sin texto, quizá escaneadas (3): 2, 4-5.",)
    with pytest.raises(DocumentProblem, match=r"«acta\.pdf» no tiene texto: parece escaneado") as caught:
        read(drawn(scan, scan), "acta.pdf")
    assert "--ocr" in caught.value.remedy


def test_a_scan_with_a_stamp_is_still_a_scan_and_a_logo_beside_text_is_not() -> None:
    def stamped(canvas: Canvas) -> None:
        scan(canvas)
        canvas.drawString(72, 800, "Registro de entrada 1234")

    def logo(canvas: Canvas) -> None:
        column(canvas, PROSE)
        canvas.scale(0.1, 0.1)
        scan(canvas)

    document = read(drawn(stamped, logo), "a.pdf")
    assert document.warnings == ("Páginas sin texto, quizá escaneadas (1): 1.",)
    assert "Registro de entrada 1234" in document.text


def test_an_encrypted_pdf_and_a_broken_one_are_problems_and_an_open_one_with_an_owner_is_not() -> None:
    def page(canvas: Canvas) -> None:
        column(canvas, PROSE)

    with pytest.raises(DocumentProblem, match="protegido con contraseña") as caught:
        read(drawn(page, encrypt=StandardEncryption("clave", ownerPassword="otra")), "a.pdf")
    assert "sin contraseña" in caught.value.remedy
    assert "informática" in read(drawn(page, encrypt=StandardEncryption("", ownerPassword="otra")), "a.pdf").text
    with pytest.raises(DocumentProblem, match="dañado"):
        read(b"%PDF-1.7\nnada", "a.pdf")


def written(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1, the first of them its catalogue."""
    body, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return body + b"xref\n0 %d\n0000000000 65535 f \n%btrailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size,
        table,
        size,
        len(body),
    )


@pytest.mark.parametrize(
    "pages",
    [
        b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>",  # its own child
        b"<</Type/Pages/Kids[3 0 R]/Count 900000>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>",
    ],
)
def test_objects_that_hold_themselves_and_pages_that_are_not_there(pages: bytes) -> None:
    words, again = b"BT /F 12 Tf 20 200 Td (Hola mundo) Tj ET /X Do", b"BT /F 12 Tf 20 90 Td (Forma) Tj ET /X Do"
    resources = b"/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>"
    document = read(
        written(
            b"<</Type/Catalog/Pages 2 0 R/Outlines 7 0 R>>",
            pages,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R%b>>" % resources,
            b"<</Length %d>>stream\n%b\nendstream" % (len(words), words),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Type/XObject/Subtype/Form/BBox[0 0 300 300]%b/Length %d>>stream\n%b\nendstream"
            % (resources, len(again), again),
            b"<</First 8 0 R/Last 8 0 R/Count 1>>",
            b"<</Title(x)/Parent 7 0 R/Next 8 0 R/First 8 0 R/Dest[3 0 R/Fit]>>",
        ),
        "a.pdf",
    )
    assert document.text.startswith("Hola mundo")


def test_a_pdf_cut_short_is_read_or_a_problem(tmp_path: Path) -> None:
    whole = drawn(*[lambda canvas: column(canvas, PROSE)] * 3)
    for part in range(0, len(whole), 97):
        try:
            read(whole[:part] or b"%PDF-", "a.pdf")
        except DocumentProblem as problem:
            assert "a.pdf" in problem.message and problem.remedy


@settings(max_examples=25)
@given(st.lists(st.text("aáñ ()0", max_size=40), min_size=1, max_size=12))
def test_every_word_drawn_is_in_the_text(source: list[str]) -> None:
    text = [f"Línea {line}" for line in source]  # PDFium takes single characters in a column for vertical writing
    document = read(drawn(lambda canvas: column(canvas, text, step=20)), "a.pdf")
    assert set(" ".join(text).split()) <= set(document.text.split())
