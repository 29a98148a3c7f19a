"""BM25: two libraries that must agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.lexical import Bm25sIndex, LexicalIndex, RankBm25Index, top_k
from index.vocabulary import SavedVocabulary, save_vocabulary

BACKENDS: list[type[LexicalIndex]] = [Bm25sIndex, RankBm25Index]
tokens = st.lists(st.sampled_from(["alta", "baja", "nómina", "~nomin", "permiso", "e-101", "2024"]), max_size=8)


@settings(deadline=None, max_examples=300)
@given(st.lists(tokens, max_size=12), st.lists(tokens, min_size=1, max_size=3), st.integers(1, 15))
def test_bm25s_ranks_as_rank_bm25(passages: list[list[str]], queries: list[list[str]], k: int) -> None:
    """One order of all passages whose exact scores differ; float32 sums may swap only what ties but for rounding."""
    everything = max(1, len(passages))
    ids, scores = Bm25sIndex.build(passages).search(queries, k)
    oracle_ids, oracle_scores = RankBm25Index.build(passages).search(queries, everything)
    for row in range(len(queries)):
        exact = {int(id): score for id, score in zip(oracle_ids[row], oracle_scores[row], strict=True) if id >= 0}
        found = [int(id) for id in ids[row] if id >= 0]
        assert len(found) == len(set(found)) == min(k, len(exact))
        expected = sorted(exact.values(), reverse=True)[: len(found)]
        np.testing.assert_allclose([exact[id] for id in found], expected, rtol=1e-5)
        np.testing.assert_allclose(scores[row][: len(found)], expected, rtol=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_equal_scores_are_in_the_order_of_the_ids(backend: type[LexicalIndex]) -> None:
    index = backend.build([["baja"], ["alta", "x"], ["alta", "y"], ["alta", "z"]] * 50)
    ids, scores = index.search([["alta"]], 5)
    assert ids[0].tolist() == [1, 2, 3, 5, 6]
    assert len(set(scores[0].tolist())) == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_survives_the_disk_and_knows_its_words(backend: type[LexicalIndex], tmp_path: Path) -> None:
    index = backend.build([["permiso", "boda"], ["nómina"], []])
    index.save(tmp_path)
    loaded = backend.load(tmp_path)
    assert loaded.size == 3
    assert set(loaded.terms()) == {"permiso", "boda", "nómina"}
    assert loaded.has_term("boda") and not loaded.has_term("bota")
    queries = [["boda"], ["x"], [], ["nómina", "nómina"]]
    for one, other in zip(index.search(queries, 2), loaded.search(queries, 2), strict=True):
        np.testing.assert_array_equal(one, other)
    assert loaded.search(queries, 2)[0].tolist() == [[0, -1], [-1, -1], [-1, -1], [1, -1]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("passages", [[], [[]]])
def test_an_index_without_words_finds_nothing(
    backend: type[LexicalIndex], passages: list[list[str]], tmp_path: Path
) -> None:
    backend.build(passages).save(tmp_path)
    loaded = backend.load(tmp_path)
    assert loaded.size == len(passages)
    assert loaded.search([["boda"]], 2)[0].tolist() == [[-1, -1]]
    assert not loaded.has_term("boda") and not loaded.terms()


def test_a_saved_index_is_memory_mapped(tmp_path: Path) -> None:
    Bm25sIndex.build([["a", "b"], ["b"]]).save(tmp_path)
    assert isinstance(Bm25sIndex.load(tmp_path)._model.scores["data"], np.memmap)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.text(alphabet="abñ~1é日😀", min_size=1, max_size=5), st.integers(0, 99), min_size=1))
def test_a_saved_vocabulary_is_the_one_that_was_saved(tmp_path: Path, numbers: dict[str, int]) -> None:
    save_vocabulary(tmp_path, numbers)
    saved = SavedVocabulary(tmp_path)
    assert dict(saved) == numbers and list(saved) == sorted(numbers)
    assert "zz" not in saved and "" not in saved


def test_a_missing_index_is_told(tmp_path: Path) -> None:
    for backend in BACKENDS:
        with pytest.raises(OSError):
            backend.load(tmp_path)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0]), max_size=60), st.integers(1, 10))
def test_top_k_is_a_stable_sort_of_what_is_positive(scores: list[float], k: int) -> None:
    ids, values = top_k(np.array(scores, dtype=np.float32), k)
    expected = sorted((i for i, score in enumerate(scores) if score > 0), key=lambda i: (-scores[i], i))[:k]
    assert ids.tolist() == expected + [-1] * (k - len(expected))
    assert values[: len(expected)].tolist() == [scores[i] for i in expected]
