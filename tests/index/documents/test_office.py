"""Word, PowerPoint and Excel files, made here with the libraries that write them."""

from __future__ import annotations

import datetime
import io
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from index.types import Document
from tests.index.documents.checking import find, lines, read, said


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def fill(table: Any, rows: list[list[str]]) -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text


def test_word_headings_lists_and_tables() -> None:
    word = docx.Document()
    word.add_heading("Manual de acogida", 0)
    word.add_heading("Horario", 1)
    word.add_paragraph("La jornada es de 8:00 a 15:00.")
    word.add_heading("Verano", 2)
    for text in ("Abra el portal", "Pida el día"):
        word.add_paragraph(text, style="List Number")
    word.add_paragraph("Con tarjeta", style="List Bullet")
    word.add_heading("Material", 1)
    fill(word.add_table(2, 3), [["Equipo", "Precio", "Plazo"], ["Portátil", "900 €", "3 días"]])
    word.add_paragraph("Contacto").runs[0].bold = True
    fill(word.add_table(2, 2), [["Responsable", "Ana Ruiz"], ["Teléfono", "4100"]])
    document = read(saved(word), "manual.docx")
    assert lines(document) == [
        ("heading", "Manual de acogida"),
        ("heading", "Horario"),
        ("paragraph", "La jornada es de 8:00 a 15:00."),
        ("heading", "Verano"),
        ("list_item", "1. Abra el portal"),
        ("list_item", "2. Pida el día"),
        ("list_item", "Con tarjeta"),
        ("heading", "Material"),
        ("table_row", "Equipo: Portátil; Precio: 900 €; Plazo: 3 días"),
        ("heading", "Contacto"),
        ("table_row", "Responsable: Ana Ruiz"),
        ("table_row", "Teléfono: 4100"),
    ]
    assert find(document, "1. Abra").headings == ("Manual de acogida", "Horario", "Verano")
    assert document.title == "Manual de acogida" and find(document, "1. Abra").place.page is None


def test_word_pages_are_those_that_word_rendered() -> None:
    word = docx.Document()
    word.add_paragraph("Primera página")
    for text in ("Segunda página", "Tercera página"):
        run = word.add_paragraph().add_run()
        run._r.append(OxmlElement("w:lastRenderedPageBreak"))
        run.add_text(text)
    split = word.add_paragraph("Empieza en la tercera ")
    run = split.add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("y acaba en la cuarta")
    word.add_paragraph("Cuarta")
    document = read(saved(word), "a.docx")
    assert [block.place.page for block in document.blocks] == [1, 2, 3, 3, 4]


def test_word_merged_cells_repeat_downwards_and_headers_marked_as_such_hold() -> None:
    word = docx.Document()
    table = word.add_table(3, 2)
    fill(table, [["Área", "Jefatura"], ["Compras", "Luis"], ["", "Eva"]])
    table.cell(1, 0).merge(table.cell(2, 0))
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
    document = read(saved(word), "a.docx")
    assert lines(document) == [
        ("table_row", "Área: Compras; Jefatura: Luis"),
        ("table_row", "Área: Compras; Jefatura: Eva"),
    ]


def test_word_deleted_text_and_field_codes_are_left_out_and_text_boxes_and_hyphens_kept() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("Clave E")
    run = paragraph.add_run()
    run._r.append(OxmlElement("w:noBreakHyphen"))
    run.add_text("101")
    deleted = OxmlElement("w:del")
    deleted.append(paragraph.add_run("borrado")._r)
    paragraph._p.append(deleted)
    code = OxmlElement("w:instrText")
    code.text = "PAGEREF"
    paragraph.add_run()._r.append(code)
    box = OxmlElement("w:txbxContent")
    box.append(docx.Document().add_paragraph("En un recuadro")._p)
    paragraph.add_run()._r.append(box)
    document = read(saved(word), "a.docx")
    assert lines(document) == [("paragraph", "Clave E-101"), ("paragraph", "En un recuadro")]


def test_word_numbered_headings_show_their_numbers() -> None:
    word = docx.Document()
    numbering = word.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for level, text in enumerate(("%1.", "%1.%2", "%3)")):
        rule = OxmlElement("w:lvl")
        rule.set(qn("w:ilvl"), str(level))
        for tag, value in (
            ("w:start", "1"),
            ("w:numFmt", "lowerLetter" if level == 2 else "decimal"),
            ("w:lvlText", text),
        ):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            rule.append(child)
        abstract.append(rule)
    numbering.insert(0, abstract)
    number = numbering.add_num(77)
    for text, level in (("Objeto", 0), ("Ámbito", 1), ("Plazos", 1), ("Personal", 2), ("Cuotas", 0), ("Alta", 1)):
        paragraph = word.add_heading(text, level + 1)
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = number.numId
    assert [text for _, text in lines(read(saved(word), "a.docx"))] == [
        "1. Objeto",
        "1.1 Ámbito",
        "1.2 Plazos",
        "a) Personal",
        "2. Cuotas",
        "2.1 Alta",
    ]


def test_word_styles_based_on_one_another_end() -> None:
    word = docx.Document()
    for name, base in (("List Bullet", "List Number"), ("List Number", "List Bullet")):
        word.styles[name].base_style = word.styles[base]
    word.add_paragraph("Hola", style="List Bullet").runs[0].font.size = Pt(9)
    assert "Hola" in read(saved(word), "a.docx").text


def slides() -> Document:
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Plan de formación"
    slide.placeholders[1].text = "Doce cursos\nDos turnos"
    slide.notes_slide.notes_text_frame.text = "Recordar el plazo."
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "Calendario"
    frame = slide.shapes.add_table(2, 3, Inches(1), Inches(3), Inches(5), Inches(1))
    fill(frame.table, [["Curso", "Mes", "Horas"], ["Excel", "Mayo", "20"]])
    box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(3), Inches(1))
    box.text_frame.text = "Primero esto\vy sigue"
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Asistentes", (40, 55.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(5), Inches(4), Inches(2), data)
    return read(saved(show), "plan.pptx")


def test_slides_give_title_lists_tables_charts_and_notes_by_slide() -> None:
    document = slides()
    assert [(b.kind, b.place.slide, said(document, b)) for b in document.blocks] == [
        ("heading", 1, "Plan de formación"),
        ("list_item", 1, "Doce cursos"),
        ("list_item", 1, "Dos turnos"),
        ("note", 1, "Recordar el plazo."),
        ("heading", 2, "Calendario"),
        ("paragraph", 2, "Primero esto y sigue"),
        ("table_row", 2, "Curso: Excel; Mes: Mayo; Horas: 20"),
        ("table_row", 2, "Asistentes: 2023: 40; 2024: 55,5"),
    ]
    assert document.blocks[-1].headings == ("Calendario",)


def test_sheets_repeat_their_header_in_every_row() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Extensiones"
    for row in (
        ["Listín de 2025"],
        [],
        ["Nombre", "Ext.", "Alta"],
        ["Ana", 4321, datetime.date(2024, 3, 1)],
        ["Luis", None],
    ):
        sheet.append(row)
    other = book.create_sheet("Hoja2")
    other.append(["Clave", "Valor"])
    other.append(["Cuota", 1234.5])
    other.append(["Activo", True])
    other["B2"].number_format = '#,##0.00 "€"'
    book.create_sheet("Claves").sheet_state = "hidden"
    document = read(saved(book), "listin.xlsx")
    assert [(b.kind, b.place.sheet, b.place.row, said(document, b)) for b in document.blocks] == [
        ("heading", "Extensiones", None, "Extensiones"),
        ("heading", "Extensiones", 1, "Listín de 2025"),
        ("table_row", "Extensiones", 4, "Nombre: Ana; Ext.: 4321; Alta: 01/03/2024"),
        ("table_row", "Extensiones", 5, "Nombre: Luis"),
        ("table_row", "Hoja2", 2, "Clave: Cuota; Valor: 1.234,50 €"),
        ("table_row", "Hoja2", 3, "Clave: Activo; Valor: VERDADERO"),
    ]
    assert document.blocks[2].headings == ("Extensiones", "Listín de 2025")
    assert document.warnings == ("Hojas ocultas que no se han leído: «Claves».",)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.21, "0%", "21 %"),
        (0.125, "0.0%", "12,5 %"),
        (1500, "General", "1500"),
        (2.5, "General", "2,5"),
        (1e15, "General", "1000000000000000"),
        (1234567.891, "#,##0.00", "1.234.567,89"),
        (3, "0.00", "3,00"),
        (datetime.datetime(2025, 5, 4, 9, 30), "General", "04/05/2025 09:30"),
        (datetime.time(7, 5), "General", "07:05"),
    ],
)
def test_cells_read_as_a_spanish_excel_shows_them(value: object, number_format: str, text: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Dato"])
    book.active.append(["x", value])
    if number_format != "General":
        book.active["B2"].number_format = number_format
    assert lines(read(saved(book), "a.xlsx"))[-1][1] == f"x: {text}"


def test_a_row_alone_is_kept_even_if_it_looks_like_a_header() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Contacto", "Ana Ruiz"])
    assert lines(read(saved(book), "a.xlsx")) == [("table_row", "Contacto: Ana Ruiz")]
