"""The one error family of this package: what happened, and what the person can do. Texts are in Spanish."""

from __future__ import annotations


class IndexProblem(Exception):
    """A problem with the folder, a file of it, or the index. ``message`` names the thing, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class DocumentProblem(IndexProblem):
    """One file that cannot be read: recorded in the summary; the run goes on."""


class NoIndex(IndexProblem):
    """There is no index where one was expected."""
