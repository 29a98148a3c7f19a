"""`verify` finds whatever disagrees, inside the index and with the files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from index.builder import update_index
from index.errors import NoIndex
from index.store import CATALOGUE
from index.verify import verify
from tests.index.samples import BagEncoder, contents, make_folder, text_about, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_folder(tmp_path / "docs")
    update_index(folder, encoder=BagEncoder())
    return folder


def found(folder: Path) -> list[tuple[str, str]]:
    return [(difference.path, difference.problem) for difference in verify(folder / ".assistant", folder)]


def tamper(folder: Path, sql: str) -> None:
    with sqlite3.connect(folder / ".assistant" / CATALOGUE) as db:
        db.execute(sql)
    db.close()


def test_a_sound_index_has_no_differences_and_new_files_are_none(folder: Path) -> None:
    write(folder, "nuevo.txt", "Algo más.")
    assert found(folder) == []


def test_files_that_are_no_longer_what_was_indexed(folder: Path) -> None:
    write(folder, "manual-0.md", text_about(70))
    (folder / "manual-2.md").unlink()
    assert found(folder) == [
        ("manual-0.md", "ha cambiado desde que se indexó"),
        ("manual-2.md", "ya no está en la carpeta"),
    ]


def test_a_touched_file_is_the_same_file(folder: Path) -> None:
    (folder / "manual-0.md").touch()
    assert found(folder) == []


def test_a_passage_that_is_not_its_slice(folder: Path) -> None:
    tamper(folder, "UPDATE passages SET start = start + 1 WHERE document = 1 AND position = 0")
    ((path, problem),) = found(folder)
    assert path == "manual-0.md"
    assert "no es el del documento" in problem


def test_a_document_that_is_not_what_the_file_says(folder: Path) -> None:
    tamper(folder, "UPDATE documents SET title = 'Otro' WHERE id = 1")
    assert found(folder) == [("manual-0.md", "sus apartados o páginas no son los que se guardaron")]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("DELETE FROM vectors WHERE id = 1", "pasajes publicados sin vector: 1"),
        ("INSERT INTO vectors VALUES (999, x'00', x'00')", "vectores sin pasaje: 1"),
        ("DELETE FROM passages WHERE document = 1 AND position = 2", "documentos a los que les faltan pasajes: 1"),
        ("INSERT INTO passages VALUES (99, 0, 0, 0, '', '[]', '{}', x'00')", "pasajes de documentos que no existen: 1"),
        ("DELETE FROM documents WHERE id = 1", "documentos publicados que no están en el catálogo: 1"),
        ("DELETE FROM members WHERE path = 'manual-0.md'", "la generación tiene 12 pasajes y el catálogo 9"),
    ],
)
def test_rows_without_their_counterpart(folder: Path, sql: str, problem: str) -> None:
    tamper(folder, sql)
    assert ("", problem) in found(folder)


def test_a_document_whose_body_is_damaged(folder: Path) -> None:
    tamper(folder, "UPDATE documents SET body = x'00' WHERE id = 1")
    assert ("manual-0.md", "lo que se guardó de él está dañado") in found(folder)


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(NoIndex):
        verify(tmp_path / "nada", tmp_path)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE passages SET start = start + 1",
        "UPDATE documents SET body = x'00'",
        "DELETE FROM vectors",
        "DELETE FROM documents WHERE id = 1",
    ],
)
def test_a_rebuild_puts_everything_right(folder: Path, sql: str) -> None:
    before = contents(folder / ".assistant")
    tamper(folder, sql)
    assert update_index(folder, encoder=BagEncoder(), dry_run=True, rebuild=True).indexed == 4
    assert found(folder) != []
    summary = update_index(folder, encoder=BagEncoder(), rebuild=True)
    assert (summary.indexed, summary.encoded) == (4, 12)
    assert found(folder) == []
    assert contents(folder / ".assistant") == before
