"""PDF through PDFium: paragraphs in reading order with their page, its printed number, and headings."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from index.documents import ocr
from index.documents.builder import DocumentBuilder
from index.documents.pdf_headings import Headings, largest_of, outline_of, title_of
from index.documents.pdf_layout import Page, drop_running_lines, group_paragraphs, reading_order
from index.documents.pdf_lines import Segment, Table, page_segments
from index.documents.pdf_strokes import strokes
from index.documents.pdf_tables import find_tables
from index.documents.pdf_words import Joiner
from index.documents.tables import looks_like_header, table_rows
from index.documents.text import is_list_item, without_bullet
from index.types import Place

logging.getLogger("pypdfium2").addHandler(logging.NullHandler())  # what it finds amiss is not for the terminal
_PDFIUM = threading.Lock()  # PDFium is not thread-safe, not even across documents
_MAX_BROKEN = 1000  # pages; a broken file may claim a thousand million of them
_FEW_CHARS, _LARGE_IMAGE = 120, 0.4  # of text, of the area of a page: a scan with a stamp or a page number added
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\w{0,6}$|…{2,}\s*\w{0,6}$")  # a line of a table of contents
_ILLEGIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufffd-\uffff\U000f0000-\U0010ffff]")
_ENDS = (".", ":", ";", "?", "!", "…")


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the paragraphs of a PDF. Pages without a text layer are read by OCR when the builder asks for it;
    otherwise they are counted and named in a warning."""
    with _PDFIUM:
        pdf = _open(data, builder)
        try:
            _read(pdf, builder)
        finally:
            pdf.close()


def _open(data: bytes, builder: DocumentBuilder) -> Any:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise builder.problem(
                "está protegido con contraseña.", "Guarde una copia sin contraseña y vuelva a indexar."
            ) from None
        raise builder.problem(
            "está dañado: no se puede abrir como PDF.", "Ábralo con un visor, guárdelo de nuevo y vuelva a indexar."
        ) from None


def _read(pdf: Any, builder: DocumentBuilder) -> None:
    pages: list[Page] = []
    scanned: list[int] = []
    recognised: list[int] = []
    broken: list[int] = []
    for number in range(1, len(pdf) + 1):
        try:
            page = pdf[number - 1]
        except pdfium.PdfiumError:
            broken.append(number)
            if len(broken) > _MAX_BROKEN:
                break
            continue
        try:
            across, down = strokes(page)
            segments = page_segments(page, down)
            found = Page(number, [], pdf.get_page_label(number - 1) or None)
            is_scan = _is_scan(page, segments)
            if is_scan and builder.ocr:
                found.recognised = ocr.recognise(page)
            if found.recognised:
                recognised.append(number)
            elif _legible(segments):
                found.rows = reading_order(find_tables(segments, across, down))
                found.rows = [row for row in found.rows if not _LEADERS.search(row.text)]
            if is_scan and not found.recognised:
                scanned.append(number)
            pages.append(found)
        finally:
            page.close()
    if scanned and not any(page.rows or page.recognised for page in pages):
        raise builder.problem(
            "no tiene texto: parece escaneado.",
            "Indexe con --ocr (hace falta Tesseract) o pase antes el PDF por un programa de reconocimiento de texto.",
        )
    for numbers, what in (
        (recognised, "Páginas leídas por OCR, que puede equivocarse"),
        (scanned, "Páginas sin texto, quizá escaneadas"),
        (broken, "Páginas dañadas, sin leer"),
    ):
        if numbers:
            builder.warn(f"{what} ({len(numbers)}): {_runs(numbers)}.")
    builder.title = title_of(pdf) or (largest_of(pages[0].rows) if pages else "")
    _emit(pages, outline_of(pdf), builder)


def _emit(pages: Sequence[Page], outline: dict[tuple[int, str], int], builder: DocumentBuilder) -> None:
    running = drop_running_lines(pages)
    for page in pages:
        page.paragraphs = list(group_paragraphs(page.rows))
    headings = Headings(pages, outline)
    joiner = Joiner(row.text for page in pages for row in page.rows)
    said = set[str]()
    tables = _Tables(builder)
    cut = False  # whether the page before ended in the middle of a sentence
    for page in pages:
        place = Place(page=page.number, page_label=page.label if page.label != str(page.number) else None)
        for number, rows in enumerate(page.paragraphs):
            if rows[0].table:
                tables.add(rows[0].table, joiner, place, first=number == 0, last=number == len(page.paragraphs) - 1)
                cut = False
                continue
            text = joiner.join(rows)
            said.add(text)
            level = headings.level(page.number, rows, text)
            if level:
                builder.heading(text, level, place)
            elif is_list_item(text):
                builder.add(without_bullet(text), "list_item", place)
            else:
                goes_on = cut and number == 0 and text[:1].islower()
                builder.add(text, "paragraph", place, goes_on=goes_on)
            cut = not level and not text.endswith(_ENDS)
        for text in page.recognised:
            builder.add(without_bullet(text), "list_item" if is_list_item(text) else "paragraph", place)
            cut = False
    builder.close(1)
    for first, text in running:
        if len(text.split()) >= 4 and text not in said:
            builder.add(text, "note", Place(page=first))


class _Tables:
    """Adds tables row by row; one that goes on at the head of the next page keeps its header."""

    def __init__(self, builder: DocumentBuilder) -> None:
        self.builder = builder
        self.header: list[str] | None = None
        self.open = False  # whether the table before ended its page

    def add(self, table: Table, joiner: Joiner, place: Place, *, first: bool, last: bool) -> None:
        rows = [[joiner.join(cell) if cell else "" for cell in row] for row in table.rows]
        goes_on = first and self.open and self.header is not None and len(self.header) == len(rows[0])
        if goes_on and self.header and rows[0] != self.header and not table.header:
            rows.insert(0, self.header)
        header = True if goes_on or table.header else None
        for _, text in table_rows(rows, header=header):
            self.builder.add(text, "table_row", place)
        self.header = rows[0] if header or looks_like_header(rows[0]) else None
        self.open = last


def _legible(segments: Sequence[Segment]) -> bool:
    """Whether the text layer holds text: fonts without a Unicode map give private, control or replacement signs."""
    text = "".join(segment.text for segment in segments)
    return bool(text.strip()) and len(_ILLEGIBLE.findall(text)) * 5 < len(text) * 2


def _is_scan(page: Any, segments: Sequence[Segment]) -> bool:
    """Whether what there is to read on a page is a picture: it has no legible text, or next to none on a large image.

    A page without pictures or illegible text is empty or a drawing.
    """
    legible = _legible(segments)
    if legible and sum(len(segment.text) for segment in segments) >= _FEW_CHARS:
        return False
    if segments and not legible:
        return True
    width, height = page.get_size()
    for image in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) > (_LARGE_IMAGE * width * height if legible else 0):
            return True
    return False


def _runs(numbers: Sequence[int]) -> str:
    """Numbers as a person writes them: "2, 5-9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)
