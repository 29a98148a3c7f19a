"""Walking a folder: what is taken, what is left out silently, what is left out with a reason."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from index.errors import IndexProblem
from index.folder import shown, walk


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"Contenido de {path}.", "utf-8")


def paths(folder: Path, **options: object) -> list[str]:
    return [file.path for file in walk(folder, **options).files]  # type: ignore[arg-type]


def reasons(folder: Path, **options: object) -> dict[str, str]:
    return {outcome.path: outcome.reason for outcome in walk(folder, **options).skipped}  # type: ignore[arg-type]


def test_takes_supported_files_sorted_by_path(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/z.md", "a/b/c.TXT", "foto.xyz", "LEEME")
    assert paths(tmp_path) == ["a/b/c.TXT", "a/z.md", "b.txt"]
    assert reasons(tmp_path) == {"LEEME": "archivo sin extensión", "foto.xyz": "tipo de archivo no admitido (.xyz)"}


def test_leaves_out_hidden_files_lock_files_and_the_index_silently(tmp_path: Path) -> None:
    make(tmp_path, ".oculto.txt", ".git/nota.txt", "~$carta.docx", "a.txt", "indice/b.txt")
    found = walk(tmp_path, index_dir=tmp_path / "indice")
    assert [file.path for file in found.files] == ["a.txt"]
    assert not found.skipped


def test_ignore_patterns_have_gitignore_meaning(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "viejo/b.txt", "c/viejo/d.txt", "c/e.md", "c/f.md", "raíz.txt", "c/raíz.txt")
    (tmp_path / ".assistantignore").write_text("# comentario\nviejo/\n*.md\n!c/f.md\n", "utf-8")
    decomposed = unicodedata.normalize("NFD", "/raíz.txt")
    found = walk(tmp_path, exclude=[decomposed])
    assert [file.path for file in found.files] == ["a.txt", "c/f.md", "c/raíz.txt"]
    assert not found.skipped


def test_tells_files_over_the_limit(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    (tmp_path / "b.txt").write_bytes(b"x" * 3_000_000)
    assert paths(tmp_path, max_bytes=2_000_000) == ["a.txt"]
    assert reasons(tmp_path, max_bytes=2_000_000) == {"b.txt": "ocupa 3 MB; el límite es 2 MB"}


def test_link_loops_end_and_nothing_is_taken_twice(tmp_path: Path) -> None:
    folder, outside = tmp_path / "docs", tmp_path / "fuera"
    make(folder, "a/b/nota.txt", "z.txt")
    make(outside, "ajeno.txt", "sub/otro.txt")
    (folder / "a" / "b" / "arriba").symlink_to(folder, target_is_directory=True)
    (folder / "a" / "copia.txt").symlink_to(folder / "z.txt")
    (folder / "0").symlink_to(folder / "a", target_is_directory=True)  # sorts before what it leads to
    (folder / "enlace").symlink_to(outside, target_is_directory=True)
    (folder / "enlace2").symlink_to(outside / "sub", target_is_directory=True)
    (outside / "vuelta").symlink_to(folder, target_is_directory=True)
    (folder / "roto.txt").symlink_to(folder / "nada.txt")
    assert paths(folder) == ["a/b/nota.txt", "enlace/ajeno.txt", "enlace/sub/otro.txt", "z.txt"]
    repeated = "es un enlace a algo que ya está en la carpeta"
    assert reasons(folder) == {
        "0": repeated,
        "a/b/arriba": repeated,
        "a/copia.txt": repeated,
        "enlace/vuelta": repeated,
        "enlace2": repeated,
        "roto.txt": "es un enlace roto",
    }


def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "tubo.txt")
    assert paths(tmp_path) == ["a.txt"]
    assert reasons(tmp_path) == {"tubo.txt": "no es un archivo normal"}


def test_names_are_nfc_and_the_file_can_still_be_opened(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "año/canción.txt")
    make(tmp_path, name)
    (file,) = walk(tmp_path).files
    assert file.path == "año/canción.txt" == unicodedata.normalize("NFC", file.path)
    assert file.file.read_text("utf-8").startswith("Contenido")


def test_two_spellings_of_one_name_are_told(tmp_path: Path) -> None:
    make(tmp_path, "canción.txt", unicodedata.normalize("NFD", "canción.txt"))
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system takes both spellings for one name")
    assert paths(tmp_path) == ["canción.txt"]
    assert list(reasons(tmp_path)) == ["canción.txt"]


def test_names_that_are_no_utf8_are_read_as_cp1252(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode("nómina.txt".encode("cp1252"))).write_text("Hola.", "utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (file,) = walk(tmp_path).files
    assert file.path == "nómina.txt"
    assert file.file.read_text("utf-8") == "Hola."


def test_shown_leaves_newlines_for_the_screen_to_deal_with() -> None:
    assert shown("a\nb.txt") == "a\nb.txt"


@pytest.mark.parametrize(("name", "message"), [("nada", "No existe"), ("archivo.txt", "no es una carpeta")])
def test_a_folder_that_is_none(tmp_path: Path, name: str, message: str) -> None:
    make(tmp_path, "archivo.txt")
    with pytest.raises(IndexProblem, match=message) as caught:
        walk(tmp_path / name)
    assert caught.value.remedy


def test_a_pattern_that_is_none(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    with pytest.raises(IndexProblem, match="patrón") as caught:
        walk(tmp_path, exclude=["!"])
    assert "--exclude" in caught.value.remedy
