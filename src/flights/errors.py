"""What the pipeline says when its input is wrong; each message ends in what to do."""

from __future__ import annotations


class DataError(ValueError):
    """A raw table cannot be used: it is unreadable, incomplete, or holds impossible values."""


class ParameterError(ValueError):
    """A parameter of the pipeline is out of its range."""
