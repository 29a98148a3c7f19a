"""EPUB: the chapters of the spine, in order, each through the HTML reader."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from index.documents.archive import open_archive, parse_part
from index.documents.builder import DocumentBuilder
from index.documents.decoding import decode
from index.documents.html import add_html

_OPF = "{http://www.idpf.org/2007/opf}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_ROOT_FILE = "{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_PAGES = ("application/xhtml+xml", "text/html")


def read(data: bytes, builder: DocumentBuilder) -> None:
    """Append the chapters of a book. Its anchors name the chapter's file and the nearest id: ``cap2.xhtml#uso``."""
    with open_archive(data, builder) as archive:
        if "META-INF/rights.xml" in archive.namelist():
            raise builder.problem("está protegido contra copia (DRM).", "Use una copia sin protección.")
        root_file = next(parse_part(archive, "META-INF/container.xml").iter(_ROOT_FILE)).get("full-path")
        package = parse_part(archive, root_file)
        builder.title = next((title.text or "" for title in package.iter(_TITLE)), "")
        for name in _chapters(package, posixpath.dirname(root_file)):
            try:
                text = decode(archive.read(name))
            except KeyError:
                builder.warn(f"Falta el capítulo «{posixpath.basename(name)}».")
                continue
            add_html(text or "", builder, file=posixpath.basename(name))


def _chapters(package: Any, folder: str) -> Iterator[str]:
    """The names of the spine's pages within the archive, in reading order; the table of contents is left out."""
    items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    for reference in package.iter(f"{_OPF}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES or "nav" in (item.get("properties") or "").split():
            continue
        yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
