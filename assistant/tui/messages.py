"""What the loading and answering threads tell the screen. Widgets change only when one of these arrives."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from assistant.errors import Explanation
from assistant.tui.session import Collection
from assistant.tui.turns import Source
from assistant.types import Abstention, Answer
from index.types import Document


@dataclass
class ModelsReady(Message):
    """The index is open and both models are loaded."""

    collection: Collection


@dataclass
class ModelsFailed(Message):
    """The index or a model could not be loaded."""

    problem: Explanation


@dataclass
class AnswerStarted(Message):
    """A question has left the queue and is being answered."""

    turn: int


@dataclass
class AnswerReady(Message):
    """A question has its answer or its abstention, found in ``collection``."""

    turn: int
    result: Answer | Abstention
    collection: Collection


@dataclass
class AnswerFailed(Message):
    """A question could not be answered."""

    turn: int
    problem: Explanation


@dataclass
class EvidenceReady(Message):
    """The document of a source, as it is indexed now."""

    source: Source
    document: Document


@dataclass
class EvidenceFailed(Message):
    """The document of a source cannot be had any more."""

    source: Source
    problem: Explanation
