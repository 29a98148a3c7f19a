"""PDF through PDFium: paragraphs in reading order with their page, its printed number, and headings."""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from index.documents import ocr
from index.documents.builder import DocumentBuilder
from index.documents.pdf_layout import Page, Row, drop_running_lines, group_paragraphs, reading_order
from index.documents.pdf_lines import Segment, Table, page_segments
from index.documents.pdf_strokes import strokes
from index.documents.pdf_tables import find_tables
from index.documents.tables import looks_like_header, table_rows
from index.documents.text import clean, is_list_item, without_bullet
from index.types import Place

logging.getLogger("pypdfium2").addHandler(logging.NullHandler())  # what it finds amiss is not for the terminal
_PDFIUM = threading.Lock()  # PDFium is not thread-safe, not even across documents
_LARGER = 1.12  # times the height of body text: a heading
_MAX_UNREADABLE = 1000  # pages; a broken file may claim a thousand million of them
_MAX_HEADING, _MAX_BOLD_HEADING = 200, 120  # characters
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\w{0,6}$|…{2,}\s*\w{0,6}$")  # a line of a table of contents
_NUMBERING = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)[.)]?\s+\S")
_ILLEGIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\uf8ff\ufffd-\uffff\U000f0000-\U0010ffff]")
_WORD_END, _WORD_START = re.compile(r"[^\W_][\w-]*$"), re.compile(r"[\w-]*\w")
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
    without_text: list[int] = []
    images = False
    by_ocr: list[int] = []
    unreadable: list[int] = []
    for number in range(1, len(pdf) + 1):
        try:
            page = pdf[number - 1]
        except pdfium.PdfiumError:
            unreadable.append(number)
            if len(unreadable) > _MAX_UNREADABLE:
                break
            continue
        try:
            across, down = strokes(page)
            segments = page_segments(page, down)
            if _legible(segments):
                rows = [
                    row for row in reading_order(find_tables(segments, across, down)) if not _LEADERS.search(row.text)
                ]
                pages.append(Page(number, rows, pdf.get_page_label(number - 1) or None))
            elif builder.ocr and (recognised := ocr.recognise(page)):
                pages.append(Page(number, [], pdf.get_page_label(number - 1) or None, recognised))
                by_ocr.append(number)
            elif segments or next(page.get_objects(max_depth=2), None) is not None:
                without_text.append(number)
                images = images or next(page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=2), None) is not None
        finally:
            page.close()
    if not pages and images:
        raise builder.problem(
            "no tiene texto: parece escaneado.",
            "Indexe con --ocr (hace falta Tesseract) o pase antes el PDF por un programa de reconocimiento de texto.",
        )
    if by_ocr:
        builder.warn(f"Páginas leídas por OCR, que puede equivocarse ({len(by_ocr)}): {_runs(by_ocr)}.")
    if without_text:
        builder.warn(f"Páginas sin texto, quizá escaneadas ({len(without_text)}): {_runs(without_text)}.")
    if unreadable:
        builder.warn(f"Páginas dañadas, sin leer ({len(unreadable)}): {_runs(unreadable)}.")
    builder.title = _title(pdf) or (_largest(pages[0].rows) if pages else "")
    _emit(pages, _outline(pdf), builder)


def _emit(pages: Sequence[Page], outline: dict[tuple[int, str], int], builder: DocumentBuilder) -> None:
    running = drop_running_lines(pages)
    for page in pages:
        page.paragraphs = list(group_paragraphs(page.rows))
    style = _Style(pages, outline)
    joiner = _Joiner(row.text for page in pages for row in page.rows)
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
            level = style.level(page.number, rows, text)
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


class _Style:
    """Which paragraphs are headings: those of the outline where it names them, else larger or bold lines."""

    def __init__(self, pages: Sequence[Page], outline: dict[tuple[int, str], int]) -> None:
        heights, bold = Counter[float](), Counter[bool]()
        for page in pages:
            for row in page.rows:
                heights[round(row.height, 1)] += len(row.text)
                bold[row.bold] += len(row.text)
        self.body = heights.most_common(1)[0][0] if heights else 0.0
        self.bold_body = bold[True] > bold[False]
        larger = {self._size(rows) for page in pages for rows in page.paragraphs} - {0}
        self.ranks = {size: rank for rank, size in enumerate(sorted(larger, reverse=True), start=1)}
        titles = {(page.number, _bare(" ".join(r.text for r in rows))) for page in pages for rows in page.paragraphs}
        self.outline = outline if len(titles & outline.keys()) >= 2 else {}

    def level(self, page: int, rows: Sequence[Row], text: str) -> int:
        """The heading level of a paragraph from 1, or 0 for body text."""
        if self.outline:
            return self.outline.get((page, _bare(text)), 0)
        if len(text) > _MAX_HEADING or len(rows) > 4 or not any(char.isalpha() for char in text):
            return 0
        numbering = _NUMBERING.match(text)
        depth = numbering[1].count(".") if numbering else 0
        size = self._size(rows)
        if size:
            return 10 * self.ranks[size] + depth
        bold = not self.bold_body and all(row.bold for row in rows)
        if bold and len(text) <= _MAX_BOLD_HEADING and not text.endswith(_ENDS) and not text[0].islower():
            return 10 * (len(self.ranks) + 1) + depth
        return 0

    def _size(self, rows: Sequence[Row]) -> int:
        """Height of the type in half points where it is larger than body text, else 0."""
        height = min(row.height for row in rows)
        return round(2 * height) if height > _LARGER * self.body else 0


class _Tables:
    """Adds tables row by row; one that goes on at the head of the next page keeps its header."""

    def __init__(self, builder: DocumentBuilder) -> None:
        self.builder = builder
        self.header: list[str] | None = None
        self.open = False  # whether the table before ended its page

    def add(self, table: Table, joiner: _Joiner, place: Place, *, first: bool, last: bool) -> None:
        rows = [[joiner.join(cell) if cell else "" for cell in row] for row in table.rows]
        goes_on = first and self.open and self.header is not None and len(self.header) == len(rows[0])
        if goes_on and self.header and rows[0] != self.header and not table.header:
            rows.insert(0, self.header)
        header = True if goes_on or table.header else None
        for _, text in table_rows(rows, header=header):
            self.builder.add(text, "table_row", place)
        self.header = rows[0] if header or looks_like_header(rows[0]) else None
        self.open = last


class _Joiner:
    """Joins lines to paragraphs. A word cut at a line's end is rejoined without its hyphen, unless the hyphen is
    its own: before a digit or a capital ("E-101"), or when the document also writes the word with a hyphen."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts
        self._words: frozenset[str] | None = None

    def join(self, rows: Sequence[Row | Segment]) -> str:
        text = rows[0].text
        for above, row in pairwise(rows):
            text += (self._hyphen(text, row.text) if above.hyphen else " ") + row.text
        return clean(text + "-" if rows[-1].hyphen else text)

    def _hyphen(self, left: str, right: str) -> str:
        head, tail = _WORD_END.search(left), _WORD_START.match(right)
        if not head or not tail or not tail[0][0].islower() or any(char.isdigit() for char in head[0]):
            return "-"
        if self._words is None:
            self._words = frozenset(word.lower() for text in self._texts for word in re.findall(r"[\w-]+", text))
        whole, parted = (head[0] + tail[0]).lower(), f"{head[0]}-{tail[0]}".lower()
        return "-" if parted in self._words and whole not in self._words else ""


def _legible(segments: Sequence[Segment]) -> bool:
    """Whether the text layer holds text: fonts without a Unicode map give private, control or replacement signs."""
    text = "".join(segment.text for segment in segments)
    return bool(text.strip()) and len(_ILLEGIBLE.findall(text)) * 5 < len(text) * 2


def _outline(pdf: Any) -> dict[tuple[int, str], int]:
    """The bookmarks as {(page, bare title): level}, page and level from 1."""
    outline: dict[tuple[int, str], int] = {}
    for bookmark in pdf.get_toc():
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None and index >= 0:
            outline[(index + 1, _bare(bookmark.get_title()))] = bookmark.level + 1
    return outline


def _bare(title: str) -> str:
    """A title without its number, which bookmarks often leave out."""
    return re.sub(r"^(?:\d+(?:\.\d+)*[.)]?|[IVXLC]+[.)])\s+", "", clean(title)).casefold()


def _largest(rows: Sequence[Row]) -> str:
    """The text set in the largest type of a page, when other text is smaller: the title of a cover."""
    text = [row for row in rows if not row.table]
    if not text:
        return ""
    top = max(row.height for row in text)
    large = [row.text for row in text if row.height > top / 1.05]
    return " ".join(large) if len(large) <= 3 and top > _LARGER * min(row.height for row in text) else ""


def _title(pdf: Any) -> str:
    """The title of the metadata, unless a program put it there."""
    title = clean(pdf.get_metadata_value("Title") or "")
    generated = re.search(
        r"microsoft|untitled|anonymous|sin t[íi]tulo|\.\w{3,4}$|documento?\s?\d*$|presentaci|^\W*$",
        title,
        re.IGNORECASE,
    )
    return "" if generated else title


def _runs(numbers: Sequence[int]) -> str:
    """Numbers as a person writes them: "2, 5-9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)
