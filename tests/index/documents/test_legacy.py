"""Old Office and Outlook files, written here byte by byte after their specifications."""

from __future__ import annotations

import datetime
import io
import struct
import sys

import pytest
import xlwt

from index.documents import parse
from index.errors import DocumentProblem
from tests.index.documents.checking import find, lines, read, said
from tests.index.documents.compound import compound

HEADING, TABLE, ROW = struct.pack("<H", 1), b"\0\0\x16\x24\x01", b"\0\0\x16\x24\x01\x17\x24\x01"


def doc(paragraphs: list[tuple[str, bytes]], notes: str = "", flags: int = 0x0200) -> bytes:
    """A DOC file of paragraphs with their properties: the first in cp1252, the rest in UTF-16, as Word mixes them."""
    narrow, wide = (
        paragraphs[0][0].encode("cp1252"),
        ("".join(text for text, _ in paragraphs[1:]) + notes).encode("utf-16-le"),
    )
    at = 2048
    main = bytearray(at) + narrow + wide
    length = sum(len(text) for text, _ in paragraphs)
    struct.pack_into("<HH", main, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", main, 0x0A, flags)
    struct.pack_into("<II", main, 0x4C, length, len(notes))
    places = [at, at + len(narrow)]
    for text, _ in paragraphs[1:]:
        places.append(places[-1] + 2 * len(text))
    page = bytearray(512)
    struct.pack_into(f"<{len(places)}I", page, 0, *places)
    free = 510
    for number, (_, properties) in enumerate(paragraphs):
        grpprl = properties if len(properties) % 2 else properties + b"\0"  # 2 * cb - 1 bytes
        free = (free - len(grpprl) - 1) // 2 * 2
        page[free : free + 1 + len(grpprl)] = bytes([(len(grpprl) + 1) // 2]) + grpprl
        page[4 * len(places) + 13 * number] = free // 2
    page[511] = len(paragraphs)
    main[1024:1536] = page
    pieces = struct.pack("<III", 0, len(narrow), length + len(notes))
    pieces += struct.pack("<HIH", 0, at * 2 | 1 << 30, 0) + struct.pack("<HIH", 0, at + len(narrow), 0)
    table = b"\x01\x02\0\xff\xff\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", main, 0x1A2, 0, len(table))
    bins = struct.pack("<III", at, places[-1], 2)
    struct.pack_into("<II", main, 0x102, len(table), len(bins))
    return compound({"WordDocument": bytes(main), "1Table": table + bins})


def test_doc_headings_fields_tables_and_notes() -> None:
    document = read(
        doc(
            [
                ("Año de señas\r", HEADING),
                ("Véase \x13 HYPERLINK x \x14la guía\x15 y el E\x1e101.\x0bSigue aquí.\r", b"\0\0"),
                ("Equipo\x07", TABLE),
                ("Precio\x07", TABLE),
                ("Plazo\x07", TABLE),
                ("\x07", ROW),
                ("Ratón\r", TABLE),
                ("óptico\x07", TABLE),
                ("10 €\x07", TABLE),
                ("\x07", TABLE),
                ("\x07", ROW),
                ("Fin\r", b"\0\0"),
            ],
            notes="\x02 Nota al pie.\r",
        ),
        "acta.doc",
    )
    assert lines(document) == [
        ("heading", "Año de señas"),
        ("paragraph", "Véase la guía y el E-101. Sigue aquí."),
        ("table_row", "Equipo: Ratón óptico; Precio: 10 €"),
        ("paragraph", "Fin"),
        ("note", "Nota al pie."),
    ]
    assert document.blocks[-2].headings == ("Año de señas",)


def record(kind: int, contents: bytes, *, instance: int = 0, container: bool = False) -> bytes:
    return struct.pack("<HHI", instance << 4 | (0xF if container else 0), kind, len(contents)) + contents


def text(kind: int, words: str, *, narrow: bool = False) -> bytes:
    body = record(0x0FA8, words.encode("latin-1")) if narrow else record(0x0FA0, words.encode("utf-16-le"))
    return record(0x0F9F, struct.pack("<I", kind)) + body


def ppt() -> bytes:
    """Two slides: one with outline texts, a text box and notes; one saved again later, elsewhere in the file."""
    box = record(0xF004, record(0xF00D, text(4, "En un recuadro"), container=True), container=True)
    slide = record(0x03EE, record(0x03EF, bytes(16) + struct.pack("<I", 900) + bytes(4)) + box, container=True)
    plain = record(0x03EE, record(0x03EF, bytes(24)), container=True)
    note_box = record(0xF00D, text(2, "Nota del orador"), container=True)
    notes = record(0x03F0, note_box, container=True)

    def persist(reference: int, number: int) -> bytes:
        return record(0x03F3, struct.pack("<IIiII", reference, 0, 2, number, 0))

    outline = persist(2, 256) + text(0, "Plan de formación") + text(1, "Doce cursos\rDos turnos", narrow=True)
    outline += persist(3, 257) + text(0, "Año nuevo")
    lists = record(0x0FF0, outline, container=True) + record(0x0FF0, persist(4, 900), instance=2, container=True)
    document = record(0x03E8, lists, container=True)
    stream = b""
    places: list[int] = []
    for piece in (document, slide, plain, notes):
        places.append(len(stream))
        stream += piece
    first = len(stream)
    stream += record(0x1772, struct.pack("<I", 1 | 4 << 20) + struct.pack("<4I", places[0], places[1], 0, places[3]))
    edit = len(stream)
    stream += record(0x0FF5, struct.pack("<IIIII", 0, 0, 0, first, 1) + bytes(8))
    again = len(stream)
    stream += record(0x1772, struct.pack("<II", 3 | 1 << 20, places[2]))
    last = len(stream)
    stream += record(0x0FF5, struct.pack("<IIIII", 0, 0, edit, again, 1) + bytes(8))
    user = record(0x0FF6, struct.pack("<III", 20, 0xE391C05F, last) + bytes(20))
    return compound({"Current User": user, "PowerPoint Document": stream})


def test_ppt_slides_give_titles_lists_boxes_and_notes() -> None:
    document = read(ppt(), "plan.ppt")
    assert [(b.kind, b.place.slide, said(document, b)) for b in document.blocks] == [
        ("heading", 1, "Plan de formación"),
        ("list_item", 1, "Doce cursos"),
        ("list_item", 1, "Dos turnos"),
        ("paragraph", 1, "En un recuadro"),
        ("note", 1, "Nota del orador"),
        ("heading", 2, "Año nuevo"),
    ]


def properties(tag: int, value: int, head: int) -> bytes:
    return bytes(head) + struct.pack("<IIQ", tag, 0, value)


def test_msg_gives_heads_text_attachments_and_messages_within() -> None:
    sent = (
        (datetime.datetime(2025, 3, 10, 7, 15) - datetime.datetime(1601, 1, 1))
        // datetime.timedelta(microseconds=1)
        * 10
    )
    attached, inside = "__attach_version1.0_#00000000", "__attach_version1.0_#00000001/__substg1.0_3701000D"
    document = read(
        compound(
            {
                "__properties_version1.0": properties(0x00390040, sent, 32),
                "__substg1.0_0037001F": "Corte del sábado".encode("utf-16-le"),
                "__substg1.0_0C1A001E": "Señor Peña".encode("cp1252"),
                "__substg1.0_0C1F001F": "cau@valdemora.example".encode("utf-16-le"),
                "__substg1.0_0E04001F": "Personal\0".encode("utf-16-le"),
                "__substg1.0_1000001F": "Buenos días:\r\n\r\nEl corte será a las 8.".encode("utf-16-le"),
                f"{attached}/__substg1.0_3707001F": "guía.md".encode("utf-16-le"),
                f"{attached}/__substg1.0_37010102": "# Guía\n\nLlame al 4400.".encode(),
                f"{inside}/__properties_version1.0": bytes(24),
                f"{inside}/__substg1.0_0037001F": "Antes".encode("utf-16-le"),
                f"{inside}/__substg1.0_10130102": b"<p>Mensaje <b>reenviado</b></p>",
            }
        ),
        "aviso.msg",
    )
    assert document.title == "Corte del sábado"
    assert [words for _, words in lines(document)] == [
        "Corte del sábado",
        "De: Señor Peña <cau@valdemora.example>; Para: Personal; Fecha: 10/03/2025 07:15 UTC",
        "Buenos días:",
        "El corte será a las 8.",
        "Adjunto: guía.md",
        "Guía",
        "Llame al 4400.",
        "Antes",
        "Mensaje reenviado",
    ]
    assert find(document, "Llame").headings == ("Corte del sábado", "Adjunto: guía.md", "Guía")
    assert find(document, "Mensaje").headings == ("Corte del sábado", "Antes")


def test_xls_rows_come_out_as_those_of_xlsx() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Extensiones")
    euros, day = xlwt.easyxf(num_format_str="#,##0.00 €"), xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for column, name in enumerate(("Nombre", "Ext.", "Alta", "Cuota", "Activo")):
        sheet.write(0, column, name)
    for column, (value, style) in enumerate((("Ana", None), (4321, None), (45352, day), (1234.5, euros), (True, None))):
        sheet.write(1, column, value, *([style] if style else []))
    book.add_sheet("Claves").visibility = 1
    stream = io.BytesIO()
    book.save(stream)
    document = read(stream.getvalue(), "listin.xls")
    assert [(b.place.row, said(document, b)) for b in document.blocks[1:]] == [
        (2, "Nombre: Ana; Ext.: 4321; Alta: 01/03/2024; Cuota: 1.234,50 €; Activo: VERDADERO"),
    ]
    assert document.warnings == ("Hojas ocultas que no se han leído: «Claves».",)


def test_passwords_and_old_versions_are_told() -> None:
    with pytest.raises(DocumentProblem, match="contraseña"):
        parse(doc([("x\r", b"\0\0")], flags=0x0300), path="a.doc")
    user = record(0x0FF6, struct.pack("<III", 20, 0xF3D1C4DF, 0) + bytes(20))
    with pytest.raises(DocumentProblem, match="contraseña"):
        parse(compound({"Current User": user, "PowerPoint Document": b"x"}), path="a.ppt")
    old = compound({"WordDocument": struct.pack("<HH", 0xA5DC, 0x68) + bytes(600)})
    with pytest.raises(DocumentProblem, match="anterior a 1997"):
        parse(old, path="a.doc")
    with pytest.raises(DocumentProblem, match="dice ser DOC, pero es un RTF"):
        parse(b"{\\rtf1 hola}", path="a.doc")


@pytest.mark.parametrize("name", ["a.doc", "a.ppt", "a.msg", "a.xls"])
def test_without_the_extra_the_remedy_names_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "olefile", None)
    monkeypatch.setitem(sys.modules, "xlrd", None)
    with pytest.raises(DocumentProblem, match="formato antiguo") as caught:
        parse(ppt(), path=name)
    assert "asistente-documentos[legacy]" in caught.value.remedy


@pytest.mark.parametrize("name", ["a.doc", "a.ppt"])
def test_files_cut_short_or_changed_are_read_or_a_problem(name: str) -> None:
    data = ppt() if name == "a.ppt" else doc([("Hola\r", HEADING), ("x\r", b"\0\0")])
    for at in range(0, len(data), 41):
        for broken in (data[:at] or b"x", data[:at] + b"\xff\x7f" + data[at + 2 :]):
            try:
                read(broken, name)
            except DocumentProblem as problem:
                assert problem.remedy
