"""What runs in threads: opening the index and the models, answering, and fetching documents.

Everything heavy is imported inside :meth:`Session.open`, so that importing this module costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import Explanation, explain
from assistant.places import Location
from assistant.settings import Settings
from assistant.types import Abstention, Answer
from index.types import Document

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from index.local import LocalSearcher


@dataclass(frozen=True, slots=True)
class Collection:
    """What is being searched, and with which models."""

    documents: int
    passages: int
    reader: str
    encoder: str
    device: str


class Session:
    """An assistant that is opened later, used by one thread at a time, and follows its index."""

    def __init__(self, location: Location, settings: Settings, *, encoder: str | None = None) -> None:
        self.location = location
        self.settings = settings
        self._encoder = encoder
        self._using = threading.Lock()  # fast tokenizers must not be entered twice
        self._assistant: Assistant | None = None
        self._searcher: LocalSearcher | None = None

    def open(self) -> Collection:
        """Open the index and load the models, unless they are. Slow: call it from a thread.

        Raises ``IndexProblem`` or ``ReaderProblem``, whose messages are for the person.
        """
        with self._using:
            if self._assistant is None:
                from assistant.answering import Assistant
                from assistant.opening import open_calibration, open_reader, open_searcher

                self._searcher = open_searcher(self.location, self.settings, encoder=self._encoder)
                reader, calibration = open_reader(self.settings), open_calibration(self.settings)
                self._assistant = Assistant(self._searcher, reader, self.settings, calibration)
            return self._collection()

    def ask(self, question: str, *, unless: Callable[[], bool]) -> tuple[Answer | Abstention, Collection] | None:
        """The answer from the newest generation of the index, and what was searched for it.

        None where ``unless`` says, once it is this question's turn, that nobody waits for it any more.
        """
        assistant, searcher = self._opened()
        with self._using:
            if unless():
                return None
            searcher.refresh()
            return assistant.ask(question), self._collection()

    def document(self, path: str) -> Document:
        """The document as it is indexed now. Raises ``IndexProblem`` when there is none of that path."""
        return self._opened()[1].document(path)

    def _opened(self) -> tuple[Assistant, LocalSearcher]:
        if self._assistant is None or self._searcher is None:
            raise RuntimeError("the session is not open")
        return self._assistant, self._searcher

    def _collection(self) -> Collection:
        assistant, searcher = self._opened()
        stats, reader = searcher.stats, assistant.reader
        return Collection(stats.documents, stats.passages, reader.name, stats.encoder, reader.device)


def explanation_of(error: Exception) -> Explanation:
    """The error in the person's words, also one that nobody foresaw: a thread must never end in a traceback."""
    return explain(error) or Explanation(
        f"Fallo interno del programa ({type(error).__name__}: {error}).",
        "Puede seguir preguntando. Si se repite, informe del fallo con el texto de este mensaje.",
    )
