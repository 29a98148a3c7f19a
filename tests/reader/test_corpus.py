"""Texts come in whole, from every kind of file, or the error names the line."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pytest

from reader.corpus import corpus_files, read_documents
from reader.errors import DataProblem


def write(folder: Path) -> None:
    (folder / "b.txt").write_text("# Título\n\nUn párrafo.\nSigue.\n\n\nOtro.\n", encoding="utf-8")
    (folder / "a.jsonl").write_text(json.dumps({"text": "Uno.\n\nDos."}) + "\n\n", encoding="utf-8")
    with lzma.open(folder / "c.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"text": "Compuesto: a\u0301"}) + "\n")
    with gzip.open(folder / "d.txt.gz", "wt", encoding="utf-8") as file:
        file.write("Comprimido.")
    (folder / "ajeno.pdf").write_bytes(b"%PDF")


def test_reads_every_kind_of_file_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path)
    files = corpus_files([tmp_path])
    assert [file.name for file in files] == ["a.jsonl", "b.txt", "c.jsonl.xz", "d.txt.gz"]
    assert list(read_documents(files)) == [
        ["Uno.", "Dos."],
        ["Título", "Un párrafo.\nSigue.", "Otro."],
        ["Compuesto: á"],
        ["Comprimido."],
    ]


def test_leaves_out_what_is_held_out(tmp_path: Path) -> None:
    write(tmp_path)
    files = corpus_files([tmp_path], without=[tmp_path / "c.jsonl.xz"])
    assert "c.jsonl.xz" not in {file.name for file in files}


def test_long_plain_text_is_cut_between_paragraphs_and_nothing_is_lost(tmp_path: Path) -> None:
    paragraphs = [f"Párrafo número {n} con algunas palabras más." for n in range(3000)]
    (tmp_path / "libro.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    documents = list(read_documents(corpus_files([tmp_path])))
    assert len(documents) > 3
    assert [paragraph for document in documents for paragraph in document] == paragraphs


@pytest.mark.parametrize("line", ['{"text": "a', '{"texto": "a"}', '{"text": 3}', "[1]"])
def test_names_the_line_of_what_is_not_json_with_text(tmp_path: Path, line: str) -> None:
    file = tmp_path / "malo.jsonl"
    file.write_text('{"text": "bien"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(DataProblem, match="línea 2") as problem:
        list(read_documents([file]))
    assert "malo.jsonl" in problem.value.message


def test_other_bad_input(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("año".encode("latin-1"))
    with pytest.raises(DataProblem, match="UTF-8"):
        list(read_documents(corpus_files([tmp_path / "latin.txt"])))
    (tmp_path / "roto.txt.xz").write_bytes(b"no es xz")
    with pytest.raises(DataProblem, match=r"roto\.txt\.xz"):
        list(read_documents(corpus_files([tmp_path / "roto.txt.xz"])))
    with pytest.raises(DataProblem, match="No existe"):
        corpus_files([tmp_path / "nada"])
    with pytest.raises(DataProblem, match="ningún texto"):
        corpus_files([tmp_path], without=list(tmp_path.iterdir()))
