"""The demo data says what it claims: documents that can be read, questions whose answers stand where they should."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from index.documents import is_supported, read_document
from index.types import Document

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
FOLDER = DEMO / "documentos"
PATHS = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("[!.]*/*") if path.is_file()
)  # not the index, in a hidden folder


@cache
def document(path: str) -> Document:
    return read_document(FOLDER / path, path=path)


def load(name: str) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = json.loads((DEMO / name).read_text(encoding="utf-8"))["data"]
    return data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, str(ROOT / "data" / "build_demo.py"), str(folder)], check=True, capture_output=True)
    return folder


def test_every_format_is_there() -> None:
    assert all(is_supported(path) for path in PATHS)
    suffixes = {Path(path).suffix for path in PATHS}
    assert suffixes == {".pdf", ".docx", ".html", ".md", ".txt", ".xlsx", ".pptx", ".odt", ".csv", ".eml"}


@pytest.mark.parametrize("path", PATHS)
def test_documents_are_read_whole(path: str) -> None:
    read = document(path)
    assert not read.warnings
    assert len(read.text.split()) > 300
    assert "\ufffd" not in read.text


def test_one_text_file_is_in_windows_1252() -> None:
    data = (FOLDER / "informatica" / "impresoras-y-escaneres.txt").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "ESCÁNERES" in document("informatica/impresoras-y-escaneres.txt").text


def test_binary_documents_come_from_their_sources(built: Path) -> None:
    paths = sorted(path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file())
    assert paths == [path for path in PATHS if Path(path).suffix in {".pdf", ".docx", ".xlsx", ".pptx", ".odt"}]
    for path in paths:
        # Bytes may differ with the version of zlib; what is read must not.
        assert read_document(built / path, path=path) == document(path)


def test_binary_documents_read_in_the_order_of_their_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns, page breaks, hyphens, running heads and tables: nothing of a source is lost, cut or moved."""
    monkeypatch.syspath_prepend(str(ROOT / "data"))
    read_source = importlib.import_module("demo_builder.source").read_source
    for file in sorted((ROOT / "data" / "demo_sources").rglob("*.*.md")):
        path = file.relative_to(ROOT / "data" / "demo_sources").with_suffix("").as_posix()
        text, position = " ".join(document(path).text.split()), 0
        for element in read_source(file).elements:
            if element.kind == "table":
                assert [cell for row in element.rows[1:] for cell in row if cell not in text] == []
            else:
                position = text.find(element.text, position)
                assert position >= 0, f"{path}: {element.text}"
                position += len(element.text)


def test_soft_hyphens_stand_between_syllables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "data"))
    soft_hyphens = importlib.import_module("demo_builder.pdf").soft_hyphens
    words = "establecer extintores instrucción obligatorio carretera quiosco y el aire"
    hyphenated = soft_hyphens(words)
    assert hyphenated.replace("\xad", "") == words
    assert hyphenated.replace("\xad", "-").split()[0] == "esta-ble-cer"


def test_building_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "data" / "build_demo.py"), str(tmp_path)], check=True, capture_output=True
    )
    for path in built.rglob("*.*"):
        assert path.read_bytes() == (tmp_path / path.relative_to(built)).read_bytes(), path.name


def test_questions() -> None:
    entries = load("preguntas.json")
    assert {entry["document"] for entry in entries} == set(PATHS)
    ids: list[str] = []
    impossible = 0
    for entry in entries:
        assert entry["title"] == entry["document"]
        text = document(entry["document"]).text
        for paragraph in entry["paragraphs"]:
            context = paragraph["context"]
            assert context in text
            for qa in paragraph["qas"]:
                ids.append(qa["id"])
                impossible += qa["is_impossible"]
                assert bool(qa["answers"]) is not qa["is_impossible"]
                for answer in qa["answers"] or qa["plausible_answers"]:
                    start = answer["answer_start"]
                    assert context[start : start + len(answer["text"])] == answer["text"] != ""
    assert len(ids) == len(set(ids)) == 60
    assert impossible == 15


def test_conversations() -> None:
    conversations = load("conversaciones.json")
    assert len(conversations) >= 120
    assert len({conversation["id"] for conversation in conversations}) == len(conversations)
    for conversation in conversations:
        turns = conversation["turns"]
        assert len(turns) in (2, 3)
        assert turns[0]["question"] == turns[0]["rewritten"]
        for turn in turns:
            start, answer = turn["answer_start"], turn["answer"]
            assert document(turn["document"]).text[start : start + len(answer)] == answer != ""
        assert any(turn["question"] != turn["rewritten"] for turn in turns[1:]), conversation["id"]


@pytest.mark.parametrize("name", ["preguntas.json", "conversaciones.json"])
def test_texts_are_composed_and_bear_no_marks(name: str) -> None:
    text = (DEMO / name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert "[[" not in text and "\\u" not in text
