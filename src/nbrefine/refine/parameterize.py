"""Literals that configure the notebook become parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """A value that `pipeline.yaml` sets.

    Parameters
    ----------
    name
        Under which the steps know it.
    value
        What the notebook had; its type is kept.
    places
        Where it stood: origin of the cell, line from 1, column from 0.
    """

    name: str
    value: bool | int | float | str | list[object] | None
    places: tuple[tuple[int, int, int], ...]
