"""The local index as a Searcher: one generation at a time, moved to a newer one when asked."""

from __future__ import annotations

import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index import generations, publishing
from index.analysis import analyze, fold, matched_terms
from index.encoders import Encoder, load_encoder
from index.errors import IndexProblem
from index.fusion import fuse
from index.lexical import Bm25sIndex, Ids, Scores
from index.passages import retrieval_text
from index.store import CATALOGUE, Catalogue, damaged, no_index, other_format
from index.suggest import similar_terms
from index.types import Document, Hit, Passage
from index.vectors import VectorIndex

_PUNCTUATION = " .,;:¿?¡!()[]{}«»\"'“”‘’*…-–—"
_POOL = 100  # candidates that each retriever gives to fusion


@dataclass(frozen=True, slots=True)
class Stats:
    """What a searcher searches."""

    generation: int
    documents: int
    passages: int
    encoder: str
    created: float  # seconds since the epoch
    arrays_bytes: int
    catalogue_bytes: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit with the words of the question that its passage, or the headings above it, contain."""

    hit: Hit
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Generation:
    number: int
    manifest: generations.Manifest
    lexical: Bm25sIndex
    vectors: VectorIndex
    encoder: Encoder
    catalogue: Catalogue


def open_index(
    index_dir: Path, *, encoder: Encoder | None = None, load: Callable[[str], Encoder] = load_encoder
) -> LocalSearcher:
    """The searcher of the index in ``index_dir``, with the encoder that it was made with unless one is given.

    ``load`` finds that encoder by the name in the index.

    Raises NoIndex where nothing has been indexed, and IndexProblem for an index of another format or encoder, or a
    damaged one.
    """
    return LocalSearcher(index_dir, encoder, load)


class LocalSearcher:
    """Implements :class:`index.types.Searcher` over one generation. Its methods may be called from any thread.

    The generation stays the same until :meth:`refresh`, so that hits and documents agree, whatever is indexed
    meanwhile. Should it be cleaned away (two newer ones have been published), the next search moves on by itself.
    """

    def __init__(
        self,
        index_dir: Path,
        encoder: Encoder | None = None,
        load: Callable[[str], Encoder] = load_encoder,
    ) -> None:
        """See :func:`open_index`."""
        self._index_dir = index_dir
        self._load_encoder = load
        self._moving = threading.Lock()
        with self._intact():
            self._at = self._load(Catalogue.open(index_dir), encoder, given=encoder is not None)

    @property
    def generation(self) -> int:
        """The number of the generation that is searched."""
        return self._at.number

    @property
    def stats(self) -> Stats:
        """Counts, encoder, age and sizes of the generation that is searched."""
        at, catalogue = self._at, self._index_dir / CATALOGUE
        manifest = at.manifest
        return Stats(
            generation=at.number,
            documents=manifest.documents,
            passages=manifest.passages,
            encoder=manifest.encoder,
            created=manifest.created,
            arrays_bytes=manifest.bytes,
            catalogue_bytes=catalogue.stat().st_size,
        )

    def refresh(self) -> bool:
        """Move to the newest generation; whether there was a newer one. Costs one look-up when there is none."""
        with self._moving, self._intact():
            at = self._at
            if at.catalogue.replaced(self._index_dir):  # the index was made anew, from nothing
                catalogue = Catalogue.open(self._index_dir)
            elif publishing.current(at.catalogue) == at.number:
                return False
            else:
                catalogue = at.catalogue
            self._at = self._load(catalogue, at.encoder, given=False)
            return True

    def search(self, questions: Sequence[str], *, k: int = 8) -> list[list[Hit]]:
        """The ``k`` best passages of each question, best first."""
        questions = [unicodedata.normalize("NFC", question) for question in questions]
        if not questions:
            return []
        while True:
            at = self._at
            ranked = _rank(at, questions, k)
            passages = self._fetch(at, {row.id for rows in ranked for row in rows})
            if passages is not None:
                return [[row.hit(passages[row.id]) for row in rows] for rows in ranked]
            if not self.refresh():
                raise damaged(self._index_dir)

    def document(self, path: str) -> Document:
        """The document as it was indexed in this generation."""
        path = unicodedata.normalize("NFC", path)
        at = self._at
        with self._intact():
            found = at.catalogue.one("SELECT document FROM members WHERE (generation, path) = (?, ?)", at.number, path)
            document = at.catalogue.document(found[0], path) if found else None
        if document is None:
            raise IndexProblem(f"«{path}» no está en el índice.", "Compruebe el nombre con: assistant status")
        return document

    def suggest(self, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Those of ``words`` that occur in no document in any form, each with like words that documents do use."""
        at = self._at
        terms = at.lexical.terms()
        unknown = [word for word in words if not any(at.lexical.has_term(token) for token in analyze(word))]
        return {
            word: tuple(map(self._as_written, similar_terms(fold(word), terms))) if len(word) > 3 else ()
            for word in unknown
        }

    def _as_written(self, term: str) -> str:
        """A term of the index with its accents, from a passage that holds it; as it is where none can be read."""
        at = self._at
        ids = at.lexical.search([[term]], 1)[0][0]
        passages = self._fetch(at, {int(id) for id in ids if id >= 0}) or {}
        words = (word for passage in passages.values() for word in retrieval_text(passage).lower().split())
        return next((clean for word in words if fold(clean := word.strip(_PUNCTUATION)) == term), term)

    def explain(self, question: str, k: int = 8) -> list[Candidate]:
        """The hits of a question, each with the words that made it match lexically."""
        hits = self.search([question], k=k)[0]
        return [Candidate(hit, matched_terms(question, retrieval_text(hit.passage))) for hit in hits]

    def close(self) -> None:
        """Close the catalogue."""
        self._at.catalogue.close()

    def _fetch(self, at: _Generation, ids: set[int]) -> dict[int, Passage] | None:
        with self._intact():
            return publishing.fetch(at.catalogue, at.number, ids)

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """Tell of a damaged catalogue so that the person knows what to do."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise damaged(self._index_dir) from error

    def _load(self, catalogue: Catalogue, encoder: Encoder | None, *, given: bool) -> _Generation:
        number = publishing.current(catalogue)
        if number is None:
            raise no_index(self._index_dir)
        folder = generations.place(self._index_dir, number)
        manifest = generations.read_manifest(folder)
        if manifest is None or generations.damage(folder, deep=False):
            raise damaged(self._index_dir)
        if not publishing.current_format(manifest):
            raise other_format()
        if encoder is None or (encoder.fingerprint != manifest.fingerprint and not given):
            encoder = self._load_encoder(manifest.encoder)
        if encoder.fingerprint != manifest.fingerprint:
            raise _other_encoder(manifest.encoder, encoder.name)
        try:
            lexical, vectors = Bm25sIndex.load(folder), VectorIndex.load(folder)
        except (OSError, ValueError, KeyError) as error:
            raise damaged(self._index_dir) from error
        return _Generation(number, manifest, lexical, vectors, encoder, catalogue)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A hit before its passage is fetched."""

    id: int
    lexical: tuple[int, float] | None  # rank and score
    dense: tuple[int, float] | None
    score: float

    def hit(self, passage: Passage) -> Hit:
        lexical_rank, lexical_score = self.lexical or (None, 0.0)
        dense_rank, dense_score = self.dense or (None, 0.0)
        return Hit(passage, lexical_rank, dense_rank, lexical_score, dense_score, self.score)


def _rank(at: _Generation, questions: Sequence[str], k: int) -> list[list[_Ranked]]:
    pool = max(k, _POOL)
    lexical_found = at.lexical.search([analyze(question) for question in questions], pool)
    dense_found = at.vectors.search(at.encoder.encode_questions(questions), pool)
    ids, scores = fuse(lexical_found, dense_found, k=k, alpha=at.encoder.lexical_weight)
    ranked = []
    for row in range(len(questions)):
        lexical = _by_id(lexical_found[0][row], lexical_found[1][row])
        dense = _by_id(dense_found[0][row], dense_found[1][row])
        pairs = zip(ids[row].tolist(), scores[row].tolist(), strict=True)
        ranked.append([_Ranked(id, lexical.get(id), dense.get(id), score) for id, score in pairs if id >= 0])
    return ranked


def _by_id(ids: Ids, scores: Scores) -> dict[int, tuple[int, float]]:
    """Rank (from 1) and score of each id."""
    pairs = enumerate(zip(ids.tolist(), scores.tolist(), strict=True), start=1)
    return {id: (rank, score) for rank, (id, score) in pairs}


def _other_encoder(made_with: str, asked: str) -> IndexProblem:
    return IndexProblem(
        f"El índice se hizo con el codificador «{made_with}», y el de ahora, «{asked}», es otro.",
        "Vuelva a indexar la carpeta con el codificador de ahora (assistant index CARPETA), o elija el del índice.",
    )
