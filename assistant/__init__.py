"""A chat assistant that answers Spanish questions from a folder of documents, offline, quoting its source."""

__version__ = "0.1.0"
