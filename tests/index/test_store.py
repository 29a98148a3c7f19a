"""What goes into the catalogue comes out of it, whatever it holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import publishing
from index.errors import IndexProblem
from index.rows import PASSAGE_COLUMNS, FileRow, digest_of, passage_of
from index.store import SCHEMA, Catalogue, damaged
from index.types import Block, BlockKind, Document, Passage, Place

unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
# Anything but lone surrogates, which no file name or text holds once it is read.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.none() | st.integers(1, 2**40)
places = st.builds(
    Place,
    page=numbers,
    page_label=st.none() | texts,
    slide=numbers,
    sheet=st.none() | texts,
    row=numbers,
    line=numbers,
    anchor=st.none() | texts,
)
kinds: st.SearchStrategy[BlockKind] = st.sampled_from(["heading", "paragraph", "list_item", "table_row", "note"])
headings = st.lists(texts, max_size=3).map(tuple)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    parts = draw(st.lists(texts.filter(bool), min_size=1, max_size=5))
    blocks, offset = [], 0
    for part in parts:
        blocks.append(Block(offset, offset + len(part), draw(kinds), draw(headings), draw(places)))
        offset += len(part) + 1
    return Document("a/b.txt", draw(texts), "\n".join(parts), tuple(blocks), tuple(draw(st.lists(texts, max_size=2))))


def passages_of(document: Document) -> list[tuple[Passage, bytes]]:
    """A passage for each block."""
    return [
        (Passage(i, document.path, b.start, b.end, text, b.headings, b.place), digest_of(text.encode()))
        for i, b in enumerate(document.blocks)
        for text in [document.text[b.start : b.end]]
    ]


@contextmanager
def catalogue() -> Iterator[Catalogue]:
    """In memory: a property test makes hundreds."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(SCHEMA)
    made = Catalogue(db)
    yield made
    made.close()


@unhurried
@given(documents())
def test_documents_and_passages_come_back_as_they_were(document: Document) -> None:
    with catalogue() as kept:
        passages = passages_of(document)
        row = kept.add_document(document, passages, digest=b"d", name="b.txt", recipe="1")
        assert kept.document(row, document.path) == document
        assert kept.find_document(b"d", "b.txt", ["2", "1"]) == (row, "1")
        assert kept.find_document(b"d", "b.txt", ["2"]) is None
        rows = kept.rows(f"SELECT {PASSAGE_COLUMNS} FROM passages AS p WHERE document = ? ORDER BY position", row)
        assert [passage_of(i, document.path, columns) for i, columns in enumerate(rows)] == [p for p, _ in passages]


rows = st.builds(
    FileRow,
    path=texts.filter(bool),
    state=st.sampled_from(["indexed", "failed", "skipped"]),
    size=st.integers(-1, 2**62),
    mtime_ns=st.integers(-(2**62), 2**62),
    digest=st.none() | st.binary(min_size=16, max_size=16),
    reason=texts,
    remedy=texts,
    recipe=texts,
    run=st.integers(0, 2**40),
)


@unhurried
@given(st.lists(rows, max_size=5))
def test_file_rows_come_back_by_path_the_last_of_each(given_rows: list[FileRow]) -> None:
    with catalogue() as kept:
        for row in given_rows:
            kept.put_file(row)
        assert list(kept.files()) == [row for _, row in sorted({row.path: row for row in given_rows}.items())]
        for row in given_rows:
            kept.forget_file(row.path)
        assert list(kept.files()) == []


@unhurried
@given(st.lists(st.tuples(st.text("abcñz/", min_size=1, max_size=4), documents()), max_size=5))
def test_passage_ids_are_ordered_by_path_and_found_again(given_files: list[tuple[str, Document]]) -> None:
    """Whatever the number of passages of each document, none included."""
    files = dict(given_files)
    with catalogue() as kept:
        for number, (path, document) in enumerate(files.items()):
            passages = passages_of(document)[number % 3 :]
            row = kept.add_document(document, passages, digest=bytes([number]), name="", recipe="")
            kept.put_file(FileRow(path, "indexed", document=row))
        publishing.record(kept, 1)
        expected = [
            (path, passage.text)
            for path in sorted(files)
            for passage, _ in passages_of(files[path])[list(files).index(path) % 3 :]
        ]
        assert [(p.document, p.text) for p in publishing.in_order(kept)] == expected
        found = publishing.fetch(kept, 1, set(range(len(expected))))
        assert found is not None
        assert [(found[id].document, found[id].text) for id in sorted(found)] == expected
        assert [found[id].id for id in sorted(found)] == list(range(len(expected)))
        assert publishing.fetch(kept, 2, {0}) is None


def test_a_failed_transaction_leaves_nothing() -> None:
    with catalogue() as kept:
        with pytest.raises(ValueError, match="no"), kept.transaction():
            kept.remember("a", "1")
            raise ValueError("no")
        assert kept.recall("a") is None


def test_a_catalogue_is_read_while_it_is_written(tmp_path: Path) -> None:
    writer = Catalogue.create(tmp_path)
    writer.remember("a", "1")
    reader = Catalogue.open(tmp_path)
    with writer.transaction():
        writer.remember("a", "2")
        assert reader.recall("a") == "1"
    assert reader.recall("a") == "2"
    with pytest.raises(sqlite3.OperationalError):
        reader.remember("a", "3")


def test_settled_is_one_file_that_can_be_copied(tmp_path: Path) -> None:
    (tmp_path / "uno").mkdir()
    (tmp_path / "otro").mkdir()
    writer = Catalogue.create(tmp_path / "uno")
    writer.remember("a", "1")
    writer.settle()
    (tmp_path / "otro" / "catalogue.sqlite").write_bytes((tmp_path / "uno" / "catalogue.sqlite").read_bytes())
    assert Catalogue.open(tmp_path / "otro").recall("a") == "1"


def test_a_damaged_document_is_a_database_error() -> None:
    with catalogue() as kept:
        row = kept.add_document(Document("a", "", "", ()), [], digest=b"d", name="a", recipe="")
        kept.run("UPDATE documents SET body = x'00' WHERE id = ?", row)
        with pytest.raises(sqlite3.DatabaseError):
            kept.document(row, "a")


def test_problems_have_a_remedy(tmp_path: Path) -> None:
    problem = damaged(tmp_path)
    assert isinstance(problem, IndexProblem)
    assert "assistant index" in problem.remedy
