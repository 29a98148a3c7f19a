"""Bytes of a text file as characters, without ever turning them into something else silently."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

# Longest first: the UTF-32 mark starts with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What charset-normalizer may answer: single-byte western and DOS code pages. Left alone it reads "Año" as Big5.
_LIKELY = ["cp1252", "cp850", "cp437", "mac_roman", "latin_1"]


def decode(data: bytes, declared: str | None = None) -> str | None:
    """The characters of a text file, or None when the bytes are no text.

    Tried in order: byte order mark, UTF-16 without one, strict UTF-8, the ``declared`` encoding, cp1252, and
    charset-normalizer among western code pages. Valid UTF-8 beats the declaration: bytes above 127 form valid
    UTF-8 by accident almost never, while declarations are wrong often.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    zeros = data.count(0)
    if zeros > len(data) // 5:
        return _decode_utf16(data)
    if zeros > len(data) // 100:
        return None
    data = data.replace(b"\0", b" ")  # logs of programs that crashed hold a few
    for candidate in ("utf-8", declared, "cp1252"):
        text = _strict(data, candidate)
        if text is not None and not (candidate == "cp1252" and _looks_wrong(text)):
            return text
    best = from_bytes(data, cp_isolation=_LIKELY).best()
    return str(best) if best else data.decode("cp1252", "replace")


def _strict(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except (LookupError, ValueError):
        return None


def _decode_utf16(data: bytes) -> str | None:
    low, high = data[0::2].count(0), data[1::2].count(0)
    return _strict(data[: len(data) // 2 * 2], "utf-16-le" if high > low else "utf-16-be")


def _looks_wrong(text: str) -> bool:
    """Whether cp1252 is unlikely: more C1-range signs (a DOS file read as Windows) than Spanish letters."""
    spanish = sum(text.count(letter) for letter in "áéíóúñüÁÉÍÓÚÑÜ¿¡ºªçÇ€«»“”‘’–—…·°àèòïÀÈÒ")
    foreign = sum(1 for letter in text if ord(letter) > 127) - spanish
    return foreign > spanish
