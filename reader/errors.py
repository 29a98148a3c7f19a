"""The one error family of this package: what happened, and what the person can do. Texts are in Spanish."""

from __future__ import annotations


class ReaderProblem(Exception):
    """A problem with a model, a data file or a training run. ``message`` names the thing, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class DataProblem(ReaderProblem):
    """A question file that cannot be used: broken JSON, not SQuAD."""


class ModelProblem(ReaderProblem):
    """A model that is missing, incomplete, of the wrong kind, or cannot be fetched."""
