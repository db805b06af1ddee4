"""YAML that remembers on which line each of its values stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nbrefine.errors import PipelineSpecError, Place
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.pipeline.yaml_memory import YamlMemory

# The keys and positions that lead from the document's top to a value.
Keys: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Document:
    """A YAML file's content, with the line of each value.

    Parameters
    ----------
    file
        The file.
    value
        Its content.
    lines
        Line of each value, from 1, by the keys that lead to it.
    """

    file: Path
    value: object
    lines: Mapping[Keys, int]

    def place(self, *keys: object) -> Place:
        """Return the place of a value, or of the nearest one around it that has a place."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return Place(shown(self.file), self.lines.get(keys))

    def error(self, message: str, *keys: object, hint: str = "") -> PipelineSpecError:
        """Make the error that points at a value."""
        return PipelineSpecError(message, where=self.place(*keys), hint=hint)


def read_yaml(file: Path, memory: YamlMemory | None = None) -> Document:
    """Read a YAML file, executing nothing.

    Parameters
    ----------
    file
        The file.
    memory
        What was read before, if that is to be gone by.

    Returns
    -------
    Document
        Its content, and the lines.

    Raises
    ------
    PipelineSpecError
        If it cannot be read, is not YAML, or says a key twice.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PipelineSpecError("There is no such file.", where=Place(shown(file))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PipelineSpecError(f"Cannot be read: {error}.", where=Place(shown(file))) from None
    if memory is not None and (known := memory.known(file, text)) is not None:
        return known
    # The parser is not loaded where nothing is new.
    from nbrefine.pipeline.yaml_reading import parse_yaml  # noqa: PLC0415

    document = Document(file, *parse_yaml(text, file))
    if memory is not None:
        memory.keep(document, text)
    return document
