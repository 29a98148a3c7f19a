"""Zipped formats, opened with care: zip bombs and XML entity bombs are refused before anything is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from lxml import etree

from index.documents.builder import DocumentBuilder

_MAX_ENTRIES = 20_000
_MAX_BYTES = 1 << 30  # unpacked, all entries together
_MAX_RATIO, _RATIO_FROM = 150, 64 << 20  # unpacked to packed, where more than so many bytes are unpacked
_MAX_XML = 256 << 20  # bytes of one XML part
_PROLOG = 1 << 16  # bytes in which an XML part must come to its first element
_ROOT = re.compile(rb"<[A-Za-z_]")
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)


def open_archive(data: bytes, builder: DocumentBuilder) -> zipfile.ZipFile:
    """The archive, unless it is broken, encrypted, or would unpack to an absurd size.

    The declared sizes can be trusted as upper bounds: ``zipfile`` never reads an entry beyond its own.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise builder.problem(
            "está dañado o incompleto.", "Ábralo con su programa, guárdelo de nuevo y vuelva a indexar."
        ) from None
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    too_dense = size > _RATIO_FROM and size > _MAX_RATIO * len(data)
    if size > _MAX_BYTES or too_dense or len(entries) > _MAX_ENTRIES or _largest_xml(entries) > _MAX_XML:
        raise builder.problem(
            f"se descomprime a un tamaño desmedido ({size >> 20} MB): puede ser una bomba zip.",
            "Si es un documento legítimo, divídalo en partes más pequeñas.",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise builder.problem("está protegido con contraseña.", "Guarde una copia sin contraseña y vuelva a indexar.")
    return archive


def check_office(data: bytes, builder: DocumentBuilder) -> None:
    """The checks of :func:`open_archive`, and that no XML part declares a document type: Office never writes one,
    and its entities can expand without end."""
    with open_archive(data, builder) as archive:
        for name in archive.namelist():
            if name.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(name) as part:
                    _check_prolog(part.read(_PROLOG), builder)


def parse_part(archive: zipfile.ZipFile, name: str) -> Any:
    """The root element of an XML part. Raises KeyError without that part, etree.XMLSyntaxError for a broken one."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    return etree.fromstring(archive.read(name), parser)


def _largest_xml(entries: list[zipfile.ZipInfo]) -> int:
    return max((entry.file_size for entry in entries if entry.filename.lower().endswith(".xml")), default=0)


def _check_prolog(head: bytes, builder: DocumentBuilder) -> None:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:4]:
        head = head.replace(b"\0", b"")  # UTF-16, whose markup is ASCII and zeros
    root = _ROOT.search(head)
    if _DOCTYPE.search(head, 0, root.start() if root else len(head)) or (not root and len(head) >= _PROLOG):
        raise builder.problem(
            "contiene entidades XML, que un documento de Office no lleva: puede ser una bomba.",
            "No lo abra si no conoce su origen; quítelo de la carpeta.",
        )
