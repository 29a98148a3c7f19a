"""From a folder and the settings to something that answers: the one place where models are loaded."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from assistant.places import Location
from assistant.settings import Resolved, Settings

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.calibration import Calibration
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
    return Assistant(searcher, open_reader(settings), settings, open_calibration(settings))


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


def open_calibration(settings: Settings) -> Calibration | None:
    """The calibration that lies with the reader of the settings, if there is one."""
    from assistant.calibration import load_calibration
    from reader.registry import locate

    return load_calibration(locate(settings.reader))


def open_encoder(location: Location, chosen: Resolved) -> Encoder:
    """The encoder to index ``location`` with: the one chosen, else the one that its index was made with.

    Bringing an index up to date must not change its encoder only because nobody named one.
    """
    from assistant.models import load_encoder
    from index.errors import IndexProblem
    from index.status import status

    name = chosen.settings.encoder
    if chosen.origins["encoder"] == "por defecto":
        with suppress(IndexProblem):  # no index yet, or one that is made anew
            name = status(location.index).encoder or name
    return load_encoder(name, chosen.settings.device)
