"""PowerPoint 97-2003: the text of each slide and its notes, after [MS-PPT]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.documents.builder import DocumentBuilder
from index.documents.compound import open_compound, u16, u32
from index.documents.text import is_list_item, without_bullet
from index.types import BlockKind, Place

_HEADER = 8  # bytes: version and instance, kind, length
_CONTAINER = 0xF  # version of the records that hold records
_SLIDE_LIST, _SLIDE_PERSIST, _SLIDE_ATOM, _TEXT_BOX = 0x0FF0, 0x03F3, 0x03EF, 0xF00D
_TEXT_HEADER, _CHARS, _BYTES = 0x0F9F, 0x0FA0, 0x0FA8
_SLIDES, _NOTES = 0, 2  # instances of the slide list
_TITLES, _BODIES = {0, 6}, {1, 5, 7, 8}  # kinds of text: title, centred title; body, centred, half and quarter body
_NOTE_TEXT = 2
_MAX_DEPTH = 32  # of records within records
_ENCRYPTED_TOKEN = 0xF3D1C4DF  # CurrentUserAtom.headerToken


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the slides of a PPT file."""
    with open_compound(data, builder) as file:
        user = file.openstream("Current User").read()
        stream = file.openstream("PowerPoint Document").read()
    if u32(user, 12) == _ENCRYPTED_TOKEN:
        raise builder.problem("está protegido con contraseña.", "Guarde una copia sin contraseña, como PPTX.")
    show = _Show(stream, u32(user, 16))
    for number, (persist, texts) in enumerate(show.slides(), start=1):
        _add(texts, show.notes(persist), Place(slide=number), builder)


def _add(texts: list[tuple[int, str]], notes: list[str], place: Place, builder: DocumentBuilder) -> None:
    builder.close(1)
    for kind, text in texts:
        if kind in _TITLES:
            builder.heading(text, 1, place)
    for kind, text in texts:
        paragraphs = [] if kind in _TITLES else [line for line in text.split("\r") if line.strip()]
        for line in paragraphs:
            listed = is_list_item(line) or (kind in _BODIES and len(paragraphs) > 1)
            block: BlockKind = "list_item" if listed else "paragraph"
            builder.add(without_bullet(line), block, place)
    for note in notes:
        builder.add(note, "note", place)


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    instance: int
    start: int  # of its contents
    end: int
    boxed: bool  # whether it lies in a text box


class _Show:
    """The records of a presentation, by way of the directory that says where each object was last saved."""

    def __init__(self, stream: bytes, edit: int) -> None:
        self._stream = stream
        self._places: dict[int, int] = {}  # persist id: offset
        document = None
        seen = set[int]()
        while edit and edit not in seen:  # from the last saving back to the first
            seen.add(edit)
            body = edit + _HEADER
            document = u32(stream, body + 16) if document is None else document
            self._directory(u32(stream, body + 12))
            edit = u32(stream, body + 8)
        self._document = self._places[document or 0]
        self._notes = {u32(stream, record.start + 12): record for record, _ in self._list(_NOTES)}

    def slides(self) -> Iterator[tuple[int, list[tuple[int, str]]]]:
        """Each slide as (offset of its record, texts with their kind), in order."""
        for record, texts in self._list(_SLIDES):
            offset = self._places.get(u32(self._stream, record.start))
            if offset is not None:
                boxes = self._texts(record for record in self._records(offset) if record.boxed)
                yield offset, [*texts, *boxes]

    def notes(self, slide: int) -> list[str]:
        """The speaker's notes of the slide whose record is at this offset."""
        for record in self._records(slide):
            if record.kind == _SLIDE_ATOM:
                notes = self._notes.get(u32(self._stream, record.start + 16))
                offset = self._places.get(u32(self._stream, notes.start)) if notes else None
                if offset is not None:
                    found = self._texts(record for record in self._records(offset) if record.boxed)
                    return [line for kind, text in found if kind == _NOTE_TEXT for line in text.split("\r")]
        return []

    def _list(self, instance: int) -> Iterator[tuple[_Record, list[tuple[int, str]]]]:
        """The entries of a slide list, each with the outline texts that follow it."""
        for container in self._records(self._document):
            if container.kind == _SLIDE_LIST and container.instance == instance:
                entry: _Record | None = None
                inside: list[_Record] = []
                for record in self._within(container.start, container.end, 1):
                    if record.kind == _SLIDE_PERSIST:
                        if entry:
                            yield entry, list(self._texts(inside))
                        entry, inside = record, []
                    inside.append(record)
                if entry:
                    yield entry, list(self._texts(inside))

    def _texts(self, records: Iterator[_Record] | list[_Record]) -> Iterator[tuple[int, str]]:
        kind = 4  # other text
        for record in records:
            raw = self._stream[record.start : record.end]
            if record.kind == _TEXT_HEADER:
                kind = u32(raw, 0)
            elif record.kind == _CHARS:
                yield kind, raw.decode("utf-16-le", "surrogatepass")
            elif record.kind == _BYTES:
                yield kind, raw.decode("latin-1")

    def _directory(self, offset: int) -> None:
        at, end = offset + _HEADER, offset + _HEADER + u32(self._stream, offset + 4)
        while at < end:
            entry = u32(self._stream, at)
            first, count = entry & 0xFFFFF, entry >> 20
            for index in range(count):
                self._places.setdefault(first + index, u32(self._stream, at + 4 + 4 * index))
            at += 4 + 4 * count

    def _records(self, offset: int) -> Iterator[_Record]:
        """The records within the one at this offset, at any depth."""
        start = offset + _HEADER
        return self._within(start, start + u32(self._stream, offset + 4), _MAX_DEPTH)

    def _within(self, at: int, end: int, depth: int, boxed: bool = False) -> Iterator[_Record]:
        end = min(end, len(self._stream))
        while at + _HEADER <= end:
            head, kind, length = u16(self._stream, at), u16(self._stream, at + 2), u32(self._stream, at + 4)
            start = at + _HEADER
            yield _Record(kind, head >> 4, start, min(start + length, end), boxed)
            if head & 0xF == _CONTAINER and depth > 1:
                yield from self._within(start, min(start + length, end), depth - 1, boxed or kind == _TEXT_BOX)
            at = start + length
