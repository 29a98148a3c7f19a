"""Rebuild the binary documents of ``data/demo/documentos`` from the readable sources of ``data/demo_sources``.

    python data/build_demo.py [FOLDER]        (needs the ``dev`` extra)

A source is Markdown named after what it becomes: ``rrhh/teletrabajo.docx.md`` becomes ``rrhh/teletrabajo.docx``. Its
front matter gives title, author, date, running head and, for PDFs, ``columns`` and ``hyphenate``. The text files of the
demo have no source: they are written where they lie. Building twice gives the same bytes: every date is that of the
front matter, every archive is packed again with fixed times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from demo_builder.office import build_docx, build_odt, build_pptx, build_xlsx
from demo_builder.pdf import build_pdf
from demo_builder.source import Source, read_source

SOURCES = Path(__file__).parent / "demo_sources"
DOCUMENTS = Path(__file__).parent / "demo" / "documentos"

BUILDERS: dict[str, Callable[[Source], bytes]] = {
    ".pdf": build_pdf,
    ".docx": build_docx,
    ".pptx": build_pptx,
    ".xlsx": build_xlsx,
    ".odt": build_odt,
}


def build(folder: Path) -> list[Path]:
    """Write every binary document into ``folder``; their paths, relative to it, in order."""
    written = []
    for path in sorted(SOURCES.rglob("*.*.md")):
        target = path.relative_to(SOURCES).with_suffix("")
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_bytes(BUILDERS[target.suffix](read_source(path)))
        written.append(target)
    return written


if __name__ == "__main__":
    for target in build(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS):
        print(target)
