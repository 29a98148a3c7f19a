"""Nearest neighbours: exact, by clusters, on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.vectors import VectorIndex


def unit_rows(count: int, dim: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_vectors_are_found_by_cosine_and_survive_the_disk(tmp_path: Path) -> None:
    rows = unit_rows(300, 16)
    VectorIndex.build(iter(rows), 300, 16).save(tmp_path)
    loaded = VectorIndex.load(tmp_path)
    assert loaded.size == 300
    for questions in (rows[:1], rows[:40]):
        ids, scores = loaded.search(questions, 4)
        exact = questions @ rows.T
        np.testing.assert_array_equal(ids, np.argsort(-exact, axis=1)[:, :4])
        np.testing.assert_allclose(scores, np.take_along_axis(exact, ids, axis=1), atol=2e-3)


def test_clusters_find_nearly_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    centres = unit_rows(40, 32)
    rows = np.repeat(centres, 200, axis=0) + 0.5 * unit_rows(8000, 32, seed=1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    exact, _ = VectorIndex.build(rows, 8000, 32).search(rows[::50], 10)
    monkeypatch.setattr("index.vectors.EXACT_LIMIT", 1000)
    VectorIndex.build(rows, 8000, 32).save(tmp_path)
    ids, _ = VectorIndex.load(tmp_path).search(rows[::50], 10)
    overlap = np.mean([len(set(one) & set(other)) / 10 for one, other in zip(ids, exact, strict=True)])
    assert overlap >= 0.9
    assert (ids[:, 0] == exact[:, 0]).mean() >= 0.9


@pytest.mark.parametrize("limit", [10**9, 1])
def test_the_same_vectors_give_the_same_file(limit: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("index.vectors.EXACT_LIMIT", limit)
    rows = unit_rows(3000, 16)
    files = []
    for name in ("uno", "otro"):
        (tmp_path / name).mkdir()
        VectorIndex.build(rows, 3000, 16).save(tmp_path / name)
        files.append((tmp_path / name / "vectors.faiss").read_bytes())
    assert files[0] == files[1]


def test_fewer_vectors_than_asked_for_and_questions_without_direction() -> None:
    ids, scores = VectorIndex.build(unit_rows(2, 8), 2, 8).search(np.zeros((1, 8), np.float32), 4)
    assert ids.tolist() == [[-1] * 4] and not scores.any()
    ids, _ = VectorIndex.build(unit_rows(2, 8), 2, 8).search(unit_rows(1, 8, seed=5), 4)
    assert sorted(ids[0].tolist()) == [-1, -1, 0, 1]
    ids, _ = VectorIndex.build(iter([]), 0, 8).search(unit_rows(1, 8), 4)
    assert ids.tolist() == [[-1] * 4]


def test_equal_cosines_are_in_the_order_of_the_ids() -> None:
    rows = np.repeat(unit_rows(1, 8), 20, axis=0)
    assert VectorIndex.build(rows, 20, 8).search(rows[:1], 20)[0].tolist() == [list(range(20))]


def test_a_missing_or_damaged_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        VectorIndex.load(tmp_path)
    (tmp_path / "vectors.faiss").write_bytes(b"no es un indice")
    with pytest.raises(ValueError):
        VectorIndex.load(tmp_path)
