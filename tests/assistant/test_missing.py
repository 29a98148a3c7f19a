"""What an abstention says of the words that were asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.missing import what_is_missing
from assistant.render import missing_lines
from assistant.types import Missing
from index.local import open_index
from tests.assistant.fakes import FakeSearcher, document_of, hit_of, passage_of

LEAVE = document_of("permisos.pdf", "Las vacaciones anuales son de 22 días.")
POOL = document_of("piscina.pdf", "El abono de la piscina cuesta 30 euros.")


class Suggesting(FakeSearcher):
    """Suggests «piscina» for whatever it does not know."""

    def suggest(self, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
        return dict.fromkeys(super().suggest(words), ("piscina",))


def missing(question: str) -> Missing:
    searcher = Suggesting([LEAVE, POOL], [])
    return what_is_missing(question, [hit_of(passage_of(LEAVE, 0, len(LEAVE.text)))], searcher)


def test_words_are_sorted_by_where_they_occur() -> None:
    found = missing("¿Cuántos días de vacaciones y de abono hay en la piscinna?")
    assert found.mentioned == ("días", "vacaciones")
    assert found.elsewhere == ("abono",)
    assert found.nowhere == ("piscinna",)
    assert found.suggestions == {"piscinna": ("piscina",)}


def test_what_is_said_to_the_person() -> None:
    assert missing_lines(missing("¿Días de vacaciones y abono en la piscinna?")) == [
        "Los pasajes más cercanos mencionan «Días» y «vacaciones», pero no «abono».",
        "Ningún documento menciona «piscinna».",
        "¿Quería decir «piscina» en vez de «piscinna»?",
    ]
    assert missing_lines(Missing(("días",), (), (), {})) == []


def test_an_index_knows_its_words_and_suggests_them_as_written(
    documents: Path, tmp_path: Path, tiny_encoder: Path
) -> None:
    from index.builder import update_index
    from index.encoders import load_encoder

    (documents / "seguridad.md").write_text("# Acceso\n\nLa contraseña pública caduca.\n", encoding="utf-8")
    encoder = load_encoder(str(tiny_encoder))
    update_index(documents, encoder=encoder, index_dir=tmp_path / "índice")
    searcher = open_index(tmp_path / "índice", encoder=encoder)
    assert searcher.suggest(["vacación", "hábil", "publica"]) == {}  # other forms of words that occur
    assert searcher.suggest(["pubilca", "xyz"]) == {"pubilca": ("pública",), "xyz": ()}
