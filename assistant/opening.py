"""From a folder and the settings to something that answers: the one place where models are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.places import Location
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from index.encoders import Encoder
    from index.local import LocalSearcher
    from reader.types import Reader


def open_assistant(location: Location, settings: Settings, *, encoder: str | None = None) -> Assistant:
    """An assistant over the index of ``location``. Slow: it loads two models.

    ``encoder`` names one only where it must not be the one that the index was made with by itself. Raises
    ``IndexProblem`` or ``ReaderProblem``, whose messages are for the person.
    """
    from assistant.answering import Assistant

    searcher = open_searcher(location, settings, encoder=encoder)
    return Assistant(searcher, open_reader(settings), settings)


def open_searcher(location: Location, settings: Settings, *, encoder: str | None = None) -> LocalSearcher:
    """The index of ``location``, searched with the encoder that it was made with unless ``encoder`` names one."""
    from assistant.models import load_encoder
    from index.local import open_index

    def load(name: str) -> Encoder:
        return load_encoder(name, settings.device)

    return open_index(location.index, encoder=load(encoder) if encoder else None, load=load)


def open_reader(settings: Settings) -> Reader:
    """The reader of the settings."""
    from reader.load import load_reader

    return load_reader(settings.reader, settings.device)


def open_encoder(settings: Settings) -> Encoder:
    """The encoder that a new index is made with."""
    from assistant.models import load_encoder

    return load_encoder(settings.encoder, settings.device)
