"""An indexed folder packed into one file and used elsewhere."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import pytest
import zstandard

from index.archive import pack, unpack
from index.builder import update_index
from index.errors import IndexProblem, NoIndex
from index.local import open_index
from index.verify import verify
from tests.index.samples import BagEncoder, contents, make_folder, rankings, text_about, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_folder(tmp_path / "docs")
    write(folder, "foto.jpg", "no se indexa")
    update_index(folder, encoder=BagEncoder())
    return folder


def test_a_packed_folder_is_the_same_index_elsewhere(folder: Path, tmp_path: Path) -> None:
    write(folder, "manual-0.md", text_about(80))
    update_index(folder, encoder=BagEncoder())
    pack(folder / ".assistant", folder, tmp_path / "todo.tar.zst")
    expected = contents(folder / ".assistant"), rankings(folder / ".assistant")
    shutil.rmtree(folder)
    index_dir = unpack(tmp_path / "todo.tar.zst", tmp_path / "otra máquina" / "docs")
    assert (contents(index_dir), rankings(index_dir)) == expected
    assert verify(index_dir, index_dir.parent) == []
    assert sorted(path.name for path in index_dir.parent.iterdir()) == sorted(
        [".assistant", "manual-0.md", "manual-2.md", "manual-3.md", "sub"]
    )
    encoder = BagEncoder()
    assert update_index(index_dir.parent, encoder=encoder).unchanged == 4
    assert encoder.encoded == 0


def test_an_index_copied_with_its_folder_works_there(folder: Path, tmp_path: Path) -> None:
    expected = contents(folder / ".assistant"), rankings(folder / ".assistant")
    shutil.copytree(folder, tmp_path / "copia")
    shutil.rmtree(folder)
    copied = tmp_path / "copia" / ".assistant"
    assert (contents(copied), rankings(copied)) == expected
    assert verify(copied, tmp_path / "copia") == []


def test_an_archive_holds_nothing_about_who_made_it(folder: Path, tmp_path: Path) -> None:
    pack(folder / ".assistant", folder, tmp_path / "todo.tar.zst")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "todo.tar.zst"]
    data = zstandard.ZstdDecompressor().stream_reader((tmp_path / "todo.tar.zst").read_bytes()).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert {(member.uid, member.gid, member.uname, member.gname) for member in tar} == {(0, 0, "", "")}
    assert str(tmp_path).encode() not in data


def test_the_archive_is_of_the_published_generation_also_while_files_change(folder: Path, tmp_path: Path) -> None:
    searcher = open_index(folder / ".assistant", encoder=BagEncoder())  # a reader must not be in the way
    (folder / "manual-2.md").unlink()
    pack(folder / ".assistant", folder, tmp_path / "todo.tar.zst")
    index_dir = unpack(tmp_path / "todo.tar.zst", tmp_path / "otra")
    assert contents(index_dir) == contents(folder / ".assistant")
    assert [difference.path for difference in verify(index_dir, tmp_path / "otra")] == ["manual-2.md"]
    searcher.close()


@pytest.mark.parametrize("kind", ["text", "cut", "no index", "empty"])
def test_what_is_no_packed_index(folder: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / "todo.tar.zst"
    if kind == "no index":
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a.txt"))
        archive.write_bytes(zstandard.compress(buffer.getvalue()))
    else:
        pack(folder / ".assistant", folder, archive)
        data = archive.read_bytes()
        archive.write_bytes({"text": b"hola", "cut": data[: len(data) // 2], "empty": b""}[kind])
    with pytest.raises(IndexProblem, match="no es un índice empaquetado") as caught:
        unpack(archive, tmp_path / "otra")
    assert "--pack" in caught.value.remedy
    if kind == "cut":
        assert not (tmp_path / "otra").exists()


@pytest.mark.parametrize("name", ["../fuera.txt", "/fuera.txt"])
def test_an_archive_cannot_write_outside(tmp_path: Path, name: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 4
        tar.addfile(member, io.BytesIO(b"hola"))
    (tmp_path / "malo.tar.zst").write_bytes(zstandard.compress(buffer.getvalue()))
    with pytest.raises(IndexProblem):
        unpack(tmp_path / "malo.tar.zst", tmp_path / "dentro")
    assert not (tmp_path / "fuera.txt").exists()
    assert not Path("/fuera.txt").exists()


def test_problems(folder: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "no existe", folder / "manual-0.md"):
        with pytest.raises(IndexProblem, match="No se puede escribir") as caught:
            pack(folder / ".assistant", folder, place / "todo.tar.zst")
        assert caught.value.remedy
    with pytest.raises(NoIndex):
        pack(tmp_path / "nada", folder, tmp_path / "todo.tar.zst")
    with pytest.raises(IndexProblem, match="No se puede abrir"):
        unpack(tmp_path / "nada.tar.zst", tmp_path / "otra")
    with pytest.raises(IndexProblem, match="no está vacía"):
        unpack(tmp_path / "nada.tar.zst", folder)


def test_a_damaged_index_is_not_packed(folder: Path, tmp_path: Path) -> None:
    next((folder / ".assistant").rglob("vectors.faiss")).write_bytes(b"nada")
    with pytest.raises(IndexProblem, match="dañado"):
        pack(folder / ".assistant", folder, tmp_path / "todo.tar.zst")
    assert not (tmp_path / "todo.tar.zst").exists()
