"""Outlook messages (MSG), after [MS-OXMSG]: an optional extra. They come out as EML messages do."""

from __future__ import annotations

import datetime
import struct
from typing import Any

from index.documents.builder import DocumentBuilder
from index.documents.compound import open_compound, u32
from index.documents.decoding import decode
from index.documents.eml import MAX_NESTED, add_attachment
from index.documents.html import add_html
from index.documents.plain import add_lines, split_lines
from index.documents.text import clean

_SUBJECT, _SENDER, _ADDRESS, _TO, _COPY = "0037", "0C1A", "0C1F", "0E04", "0E03"
_BODY, _HTML = "1000", "10130102"
_FILE_NAME, _SHORT_NAME, _DATA, _OBJECT = "3707", "3704", "37010102", "3701000D"
_SENT, _RECEIVED = 0x00390040, 0x0E060040  # property tags: PidTagClientSubmitTime, PidTagMessageDeliveryTime
_EPOCH = datetime.datetime(1601, 1, 1)  # of Windows times, in tenths of microseconds


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append a message and its attachments. A message attached as an Outlook item is part of it."""
    with open_compound(data, builder) as file:
        _message(file, "", builder)


def _message(file: Any, folder: str, builder: DocumentBuilder, depth: int = 0) -> None:
    subject = clean(_text(file, folder, _SUBJECT))
    builder.title = builder.title or subject
    builder.heading(subject, depth + 1)
    sender = f"{_text(file, folder, _SENDER)} <{_text(file, folder, _ADDRESS)}>".replace(" <>", "")
    fields = (("De", sender), ("Para", _text(file, folder, _TO)), ("Copia", _text(file, folder, _COPY)))
    heads = [(name, clean(value)) for name, value in (*fields, ("Fecha", _sent(file, folder, depth)))]
    builder.add("; ".join(f"{name}: {value}" for name, value in heads if value))
    body, html = _text(file, folder, _BODY), _bytes(file, folder, _HTML)
    if body.strip():
        add_lines(split_lines(body), builder, numbered=False)
    elif html:
        add_html(decode(html) or "", builder)
    for name in _attachments(file, folder):
        _attached(file, f"{folder}{name}/", builder, depth)


def _attached(file: Any, folder: str, builder: DocumentBuilder, depth: int) -> None:
    name = clean(_text(file, folder, _FILE_NAME) or _text(file, folder, _SHORT_NAME))
    inner = f"{folder}__substg1.0_{_OBJECT}/"
    data = _bytes(file, folder, _DATA)
    if data is not None:
        add_attachment(name, data, builder, level=depth + 2)
    elif file.exists(f"{inner}__properties_version1.0"):
        if builder.attached + depth >= MAX_NESTED:
            builder.warn(f"Adjunto no leído, por estar dentro de demasiados mensajes: «{name}».")
        else:
            _message(file, inner, builder, depth + 1)


def _attachments(file: Any, folder: str) -> list[str]:
    """The names of the attachments' storages in the storage of a message, in order."""
    above = folder.split("/")[:-1]
    below = {entry[len(above)] for entry in file.listdir() if entry[: len(above)] == above and len(entry) > len(above)}
    return sorted(name for name in below if name.startswith("__attach_version1.0_"))


def _bytes(file: Any, folder: str, tag: str) -> bytes | None:
    name = f"{folder}__substg1.0_{tag}"
    return bytes(file.openstream(name).read()) if file.exists(name) and file.get_size(name) else None


def _text(file: Any, folder: str, tag: str) -> str:
    """A property of text: in UTF-16, or in the code page of who wrote it."""
    wide = _bytes(file, folder, f"{tag}001F")
    if wide is not None:
        return wide.decode("utf-16-le", "replace")
    return decode(_bytes(file, folder, f"{tag}001E") or b"") or ""


def _sent(file: Any, folder: str, depth: int) -> str:
    """When the message was sent or received, in universal time; "" for a draft."""
    stream = f"{folder}__properties_version1.0"
    records = file.openstream(stream).read()[24 if depth else 32 :] if file.exists(stream) else b""
    times = {u32(records, at): struct.unpack_from("<Q", records, at + 8)[0] for at in range(0, len(records) - 15, 16)}
    ticks = times.get(_SENT) or times.get(_RECEIVED)
    try:
        return f"{_EPOCH + datetime.timedelta(microseconds=ticks // 10):%d/%m/%Y %H:%M} UTC" if ticks else ""
    except OverflowError:
        return ""
