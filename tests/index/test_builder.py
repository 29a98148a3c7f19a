"""An index kept in step with its folder: only what changed is read, only new passages are encoded, and whatever the
order of the runs, the index is that of a clean build."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from filelock import FileLock

from index import builder, changes, reading
from index.builder import update_index
from index.documents import read_document
from index.errors import DocumentProblem, IndexProblem
from index.local import open_index
from index.status import status
from index.summary import Progress, Summary
from index.types import Document
from index.verify import verify
from index.worker import ParserWorkers
from tests.index.samples import BagEncoder, contents, make_folder, rankings, text_about, write

NOT_TEXT = bytes(range(8)) * 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "docs")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths whose bytes were looked at, for comparing or for reading."""
    paths: list[str] = []
    digest_file = changes.digest_file

    def spy(file: Path, path: str) -> bytes:
        paths.append(path)
        return digest_file(file, path)

    monkeypatch.setattr(changes, "digest_file", spy)
    return paths


def update(folder: Path, encoder: BagEncoder | None = None, **options: object) -> Summary:
    return update_index(folder, encoder=encoder or BagEncoder(), **options)  # type: ignore[arg-type]


def kinds(summary: Summary) -> dict[str, str]:
    return {change.path: change.kind for change in summary.changes}


def assert_clean(folder: Path, tmp_path: Path) -> None:
    """The index of the folder is sound and equals one made from nothing."""
    update_index(folder, encoder=BagEncoder(), index_dir=tmp_path / "limpio")
    assert contents(folder / ".assistant") == contents(tmp_path / "limpio")
    assert rankings(folder / ".assistant") == rankings(tmp_path / "limpio")
    assert verify(folder / ".assistant", folder) == []


def test_first_run_indexes_everything(folder: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    encoder = BagEncoder()
    summary = update(folder, encoder, on_progress=told.append)
    assert (summary.indexed, summary.unchanged, summary.passages) == (4, 0, 12)
    assert set(kinds(summary).values()) == {"new"}
    assert summary.encoded == encoder.encoded == 12
    assert [p.files_done for p in told if p.stage == "reading"] == [1, 2, 3, 4]
    assert told[-1].passages_total == 12
    searcher = open_index(folder / ".assistant", encoder=encoder)
    for hits in searcher.search(["días de vacaciones", "impresora"], k=3):
        assert len(hits) == 3
        for hit in hits:
            passage = hit.passage
            assert searcher.document(passage.document).text[passage.start : passage.end] == passage.text
    assert_clean(folder, tmp_path)


def test_second_run_reads_and_encodes_nothing(folder: Path, read: list[str]) -> None:
    update(folder)
    read.clear()
    encoder = BagEncoder()
    summary = update(folder, encoder)
    assert read == []
    assert encoder.encoded == 0
    assert (summary.indexed, summary.unchanged, summary.changes) == (0, 4, ())
    assert open_index(folder / ".assistant", encoder=encoder).generation == 1


def test_a_touched_file_is_compared_once_and_not_read(folder: Path, read: list[str]) -> None:
    update(folder)
    os.utime(folder / "manual-0.md", (1, 1))
    read.clear()
    assert update(folder).unchanged == 4
    assert read == ["manual-0.md"]
    assert update(folder).unchanged == 4
    assert read == ["manual-0.md"]


def test_a_file_written_this_instant_is_not_trusted_by_its_time(folder: Path, read: list[str]) -> None:
    (folder / "manual-0.md").touch()
    update(folder)
    read.clear()
    assert update(folder).unchanged == 4
    assert read in ([], ["manual-0.md"])  # the second when the clock had not yet ticked


def test_changed_file_encodes_only_its_changed_passages(folder: Path, tmp_path: Path) -> None:
    update(folder)
    write(folder, "manual-2.md", text_about(2).replace("servicio técnico", "servicio de informática"))
    encoder = BagEncoder()
    summary = update(folder, encoder)
    assert kinds(summary) == {"manual-2.md": "changed"}
    assert encoder.encoded == summary.encoded == 1
    assert_clean(folder, tmp_path)


def test_new_moved_and_deleted_files(folder: Path, tmp_path: Path) -> None:
    update(folder)
    write(folder, "a-nuevo.txt", "Algo nuevo sobre las vacaciones.")
    (folder / "manual-0.md").rename(folder / "sub" / "manual-0.md")
    (folder / "manual-2.md").unlink()
    encoder = BagEncoder()
    summary = update(folder, encoder)
    assert kinds(summary) == {"a-nuevo.txt": "new", "sub/manual-0.md": "moved", "manual-2.md": "deleted"}
    assert (summary.indexed, summary.moved, summary.deleted, summary.unchanged) == (1, 1, 1, 2)
    assert encoder.encoded == 1
    with pytest.raises(IndexProblem, match=r"manual-2\.md"):
        open_index(folder / ".assistant", encoder=encoder).document("manual-2.md")
    assert_clean(folder, tmp_path)


def test_a_renamed_file_is_moved_although_its_name_is_part_of_what_is_searched(folder: Path, tmp_path: Path) -> None:
    update(folder)
    (folder / "manual-0.md").rename(folder / "guía.md")
    summary = update(folder)
    assert [(c.path, c.kind, c.before) for c in summary.changes] == [("guía.md", "moved", "manual-0.md")]
    assert_clean(folder, tmp_path)


def test_two_files_of_one_name_and_contents(folder: Path, tmp_path: Path) -> None:
    for place in ("x", "y", "z"):
        write(folder, f"{place}/igual.md", text_about(9))
    assert update(folder).indexed == 7
    assert [row[0] for row in contents(folder / ".assistant")].count("y/igual.md") == 3
    assert_clean(folder, tmp_path)


def test_any_order_of_runs_gives_the_same_index(folder: Path, tmp_path: Path) -> None:
    for number in (7, 5, 9):
        write(folder, f"{'abc'[number % 3]}/manual-{number}.md", text_about(number))
        update(folder)
    (folder / "manual-3.md").unlink()
    update(folder)
    write(folder, "manual-3.md", text_about(33))
    update(folder)
    assert_clean(folder, tmp_path)


def test_dry_run_tells_and_writes_nothing(folder: Path) -> None:
    summary = update(folder, dry_run=True)
    assert summary.indexed == 4
    assert not (folder / ".assistant").exists()
    update(folder)
    write(folder, "manual-0.md", "Otra cosa.")
    (folder / "manual-2.md").unlink()
    before = contents(folder / ".assistant")
    summary = update(folder, dry_run=True)
    assert kinds(summary) == {"manual-0.md": "changed", "manual-2.md": "deleted"}
    assert contents(folder / ".assistant") == before
    assert kinds(update(folder)) == {"manual-0.md": "changed", "manual-2.md": "deleted"}


def test_a_bad_file_is_told_each_time_but_tried_once(folder: Path, read: list[str], tmp_path: Path) -> None:
    write(folder, "roto.pdf", "esto no es un PDF")
    first = update(folder)
    assert [outcome.path for outcome in first.failed] == ["roto.pdf"]
    assert first.indexed == 4
    read.clear()
    assert update(folder).failed == first.failed
    assert read == []
    assert update(folder, retry_failed=True).failed == first.failed
    assert read == ["roto.pdf"]
    assert {file.path: file.state for file in status(folder / ".assistant").files}["roto.pdf"] == "failed"
    assert_clean(folder, tmp_path)


def test_a_file_that_goes_bad_leaves_the_index_and_comes_back(folder: Path, tmp_path: Path) -> None:
    update(folder)
    shutil.move(folder / "manual-0.md", tmp_path / "guardado")
    (folder / "manual-0.md").write_bytes(NOT_TEXT)
    assert [outcome.path for outcome in update(folder).failed] == ["manual-0.md"]
    assert_clean(folder, tmp_path)
    shutil.move(tmp_path / "guardado", folder / "manual-0.md")
    assert update(folder).indexed == 1
    assert_clean(folder, tmp_path / "otra")


def test_a_file_that_vanishes_during_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before_reading(monkeypatch, "manual-2.md", lambda: (folder / "manual-2.md").unlink())
    summary = update(folder)
    assert [outcome.path for outcome in summary.failed] == ["manual-2.md"]
    assert "ya no está" in summary.failed[0].reason
    assert update(folder).failed == ()
    assert_clean(folder, tmp_path)


def test_a_file_that_changes_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before_reading(monkeypatch, "manual-2.md", lambda: write(folder, "manual-2.md", text_about(99)))
    summary = update(folder)
    assert "cambió mientras se leía" in summary.failed[0].reason
    monkeypatch.undo()
    assert kinds(update(folder)) == {"manual-2.md": "changed"}
    assert_clean(folder, tmp_path)


def before_reading(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object]) -> None:
    """Let something happen to a file between its comparison and its reading."""
    outcome = ParserWorkers._outcome

    def acting(self: ParserWorkers, file: Path, path: str) -> Document | DocumentProblem:
        if path == name:
            act()
        return outcome(self, file, path)

    monkeypatch.setattr(ParserWorkers, "_outcome", acting)


def test_skipped_files_are_remembered_with_their_reason(folder: Path) -> None:
    write(folder, "foto.jpg", "no es texto")
    assert [outcome.path for outcome in update(folder).skipped] == ["foto.jpg"]
    rows = {file.path: file for file in status(folder / ".assistant").files}
    assert rows["foto.jpg"].state == "skipped"
    assert ".jpg" in rows["foto.jpg"].reason
    (folder / "foto.jpg").unlink()
    assert update(folder).deleted == 0
    assert "foto.jpg" not in {file.path for file in status(folder / ".assistant").files}


def test_excluding_a_file_takes_it_out(folder: Path) -> None:
    update(folder)
    assert kinds(update(folder, exclude=["sub/"])) == {"sub/manual-1.md": "deleted"}


def test_status_tells_what_the_last_run_did(folder: Path) -> None:
    update(folder)
    write(folder, "manual-2.md", text_about(22))
    update(folder)
    found = status(folder / ".assistant")
    assert {file.path: file.state for file in found.files} == {
        "manual-0.md": "unchanged",
        "manual-2.md": "indexed",
        "manual-3.md": "unchanged",
        "sub/manual-1.md": "unchanged",
    }
    assert (found.documents, found.passages, found.encoder, found.generation) == (4, 12, "bolsa", 2)
    assert found.started and found.finished and found.created
    assert found.catalogue_bytes > 0 and found.arrays_bytes > 0


def test_another_encoder_encodes_everything_again(folder: Path, read: list[str]) -> None:
    update(folder)
    read.clear()
    other = BagEncoder("bolsa-2")
    with pytest.raises(IndexProblem, match="codificador"):
        open_index(folder / ".assistant", encoder=other)
    assert update(folder, other).encoded == 12
    assert read == []
    open_index(folder / ".assistant", encoder=other).close()


def test_a_new_recipe_reads_everything_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update(folder)
    monkeypatch.setattr(reading, "passages_recipe", lambda **_: "another")
    summary = update(folder)
    assert (summary.indexed, summary.encoded) == (4, 0)
    assert update(folder).unchanged == 4


class ScanReaders:
    """Stands for parser processes with Tesseract: ``escaneado.md`` and ``foto.md`` have a page without text."""

    asked: ClassVar[list[tuple[str, bool]]] = []

    def __init__(self, processes: int, timeout_s: float, *, ocr: bool) -> None:
        self._ocr = ocr

    def __enter__(self) -> ScanReaders:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def map(self, files: Iterable[tuple[Path, str]]) -> Iterator[Document | DocumentProblem]:
        for file, path in files:
            self.asked.append((path, self._ocr))
            scanned = path in ("escaneado.md", "foto.md")
            if path == "foto.md" and not self._ocr:
                yield DocumentProblem("«foto.md» no contiene texto.", "Use OCR.")
                continue
            document = read_document(file, path=path)
            yield replace(document, warnings=("1 página sin texto",) if scanned and not self._ocr else ())


def test_ocr_reads_what_was_incomplete_and_later_runs_keep_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ParserWorkers", ScanReaders)
    monkeypatch.setattr(builder, "require_ocr", lambda: None)
    write(folder, "escaneado.md", "Una página con texto.")
    write(folder, "foto.md", "Todo es imagen.")
    first = update(folder)
    assert [warning.path for warning in first.warnings] == ["escaneado.md"]
    assert [outcome.path for outcome in first.failed] == ["foto.md"]
    ScanReaders.asked.clear()
    with_ocr = update(folder, ocr=True)
    assert ScanReaders.asked == [("escaneado.md", True), ("foto.md", True)]
    assert (with_ocr.warnings, with_ocr.failed, with_ocr.indexed) == ((), (), 2)
    ScanReaders.asked.clear()
    for again in (update(folder), update(folder, ocr=True)):
        assert (again.unchanged, again.changes) == (6, ())
    (folder / "escaneado.md").rename(folder / "sub" / "escaneado.md")
    assert update(folder).moved == 1
    assert ScanReaders.asked == []


def test_ocr_without_tesseract(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(IndexProblem, match="Tesseract") as caught:
        update(folder, ocr=True)
    assert caught.value.remedy


def test_problems_name_the_thing_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="No existe la carpeta"):
        update(tmp_path / "nada")
    empty = tmp_path / "vacía"
    empty.mkdir()
    with pytest.raises(IndexProblem, match="ningún documento") as caught:
        update(empty)
    assert "PDF" in caught.value.remedy
    assert not (empty / ".assistant").exists()


def test_a_folder_of_which_nothing_can_be_read_keeps_the_old_index(folder: Path) -> None:
    update(folder)
    before = contents(folder / ".assistant")
    for file in folder.rglob("*.md"):
        file.write_bytes(NOT_TEXT)
    with pytest.raises(IndexProblem, match="ninguno de los 4 documentos") as caught:
        update(folder)
    assert caught.value.remedy
    assert contents(folder / ".assistant") == before
    assert [file.state for file in status(folder / ".assistant").files] == ["failed"] * 4


def test_a_folder_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(IndexProblem, match="No se puede escribir el índice") as caught:
        update(folder)
    assert "--index" in caught.value.remedy


def test_an_index_elsewhere(folder: Path, tmp_path: Path) -> None:
    update(folder, index_dir=tmp_path / "otro" / "lugar")
    assert not (folder / ".assistant").exists()
    assert open_index(tmp_path / "otro" / "lugar", encoder=BagEncoder()).stats.documents == 4


def test_a_second_indexer_says_so(folder: Path) -> None:
    update(folder)
    with (
        FileLock(folder / ".assistant" / "lock"),
        pytest.raises(IndexProblem, match="Otro proceso está actualizando") as caught,
    ):
        update(folder)
    assert caught.value.remedy
    assert update(folder).unchanged == 4
