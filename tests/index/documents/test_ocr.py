"""Scanned pages through Tesseract: a stand-in for the program here, the real one where it is installed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from index.documents import ocr, read_document
from index.errors import IndexProblem
from index.worker import ParserWorkers
from tests.index.documents.checking import check, lines

STAND_IN = """#!{python}
import sys
if sys.argv[1] == "--list-langs":
    print("List of available languages (2):\\neng\\n{language}")
else:
    head, size = sys.stdin.buffer.read().split(b"\\n", 1)
    kind, width, height, depth = head.split()
    assert (kind, depth, len(size)) == (b"P5", b"255", int(width) * int(height)), head
    assert "spa" in sys.argv
    print("El plazo de la infor-\\nmación es de un mes.\\n\\n- Segundo punto\\n\\f")
"""


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, language: str = "spa") -> None:
    program = folder / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text(STAND_IN.replace("{python}", sys.executable).replace("{language}", language))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent) + os.pathsep + os.environ["PATH"])


def scanned(folder: Path, text: str = "") -> Path:
    """A PDF with a page of text and one that is only a picture, of ``text`` if given."""
    picture = Image.new("L", (1654, 800), 255)
    if text:
        ImageDraw.Draw(picture).text((120, 120), text, fill=0, font=ImageFont.load_default(56))
    file = folder / "acta.pdf"
    canvas = Canvas(str(file))
    canvas.drawString(72, 700, "Página con su texto.")
    canvas.showPage()
    canvas.drawImage(ImageReader(picture), 0, 300, 595, 288)
    canvas.save()
    return file


def test_scanned_pages_are_read_on_request_and_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch)
    ocr.require()
    file = scanned(tmp_path)
    document = check(read_document(file, path="acta.pdf", ocr=True))
    assert lines(document) == [
        ("paragraph", "Página con su texto."),
        ("paragraph", "El plazo de la información es de un mes."),
        ("list_item", "Segundo punto"),
    ]
    assert [block.place.page for block in document.blocks] == [1, 2, 2]
    assert document.warnings == ("Páginas leídas por OCR, que puede equivocarse (1): 2.",)
    with ParserWorkers(ocr=True) as workers:
        assert workers.read(file, "acta.pdf") == document
    without = read_document(file, path="acta.pdf")
    assert without.warnings == ("Páginas sin texto, quizá escaneadas (1): 2.",)


def test_without_the_program_or_its_spanish_data_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, language="fra")
    with pytest.raises(IndexProblem, match="español") as caught:
        ocr.require()
    assert "tesseract-ocr-spa" in caught.value.remedy
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(IndexProblem, match="hace falta el programa Tesseract"):
        ocr.require()


def test_a_program_that_fails_leaves_the_page_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    document = read_document(scanned(tmp_path), path="acta.pdf", ocr=True)
    assert document.warnings == ("Páginas sin texto, quizá escaneadas (1): 2.",)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_the_real_program_reads_a_picture(tmp_path: Path) -> None:
    try:
        ocr.require()
    except IndexProblem:
        pytest.skip("Tesseract has no Spanish data")
    document = check(read_document(scanned(tmp_path, "El plazo es de quince días"), path="acta.pdf", ocr=True))
    assert "quince días" in document.text
