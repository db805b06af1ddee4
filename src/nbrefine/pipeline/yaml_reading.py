"""Parses YAML so that the line of each value is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from nbrefine.errors import PipelineSpecError, Place
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.pipeline.located import Keys

# What a list and a mapping are unless a tag says otherwise.
_PLAIN = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
PLACEHOLDER_HINT = 'Put quotes around a value that has a placeholder: key: "{{placeholder}}".'
# The parser in C is ten times as fast; the one in Python says better what is wrong.
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str, file: Path) -> tuple[object, Mapping[Keys, int]]:
    """Return what a text says, and the line of each value by the keys that lead to it.

    Parameters
    ----------
    text
        The text.
    file
        Where it is from, for errors.

    Raises
    ------
    PipelineSpecError
        If it is not YAML, or says a key twice.
    """
    try:
        return _read(_FAST(text), file)
    except yaml.YAMLError:
        return _read_slowly(text, file)


def _read(loader: yaml.SafeLoader, file: Path) -> tuple[object, Mapping[Keys, int]]:
    try:
        node = loader.get_single_node()
        reader = _Reader(loader, file)
        return (None if node is None else reader.read(node, ())), reader.lines
    finally:
        loader.dispose()


def _read_slowly(text: str, file: Path) -> tuple[object, Mapping[Keys, int]]:
    try:
        return _read(yaml.SafeLoader(text), file)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, file, text) from None
    except yaml.YAMLError as error:
        message = f"This is not YAML: {str(error).splitlines()[0]}."
        raise PipelineSpecError(message, where=Place(shown(file))) from None


class _Reader:
    """Turns nodes into values and notes their lines."""

    def __init__(self, loader: yaml.SafeLoader, file: Path) -> None:
        self.loader = loader
        self.file = file
        self.lines: dict[Keys, int] = {}
        self.open: set[int] = set()

    def read(self, node: yaml.Node, keys: Keys) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(keys, line)
        if isinstance(node, yaml.ScalarNode):
            return self.loader.construct_object(node)
        if id(node) in self.open:
            raise self._error("An alias refers to the value that it is part of.", line)
        if node.tag not in _PLAIN:
            raise self._error(f"The value has the tag {node.tag!r}, which is not followed.", line)
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(child, (*keys, i)) for i, child in enumerate(node.value)]
            return self._mapping(node, keys)
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.Node, keys: Keys) -> dict[object, object]:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101  (the third and last kind)
        own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        self.loader.flatten_mapping(node)
        result: dict[object, object] = {}
        for key_node, value_node in node.value:
            key = self.read(key_node, (*keys, object()))
            line = key_node.start_mark.line + 1
            if not isinstance(key, str | int | float | bool | None):
                hint = PLACEHOLDER_HINT if isinstance(key, dict) else ""
                raise self._error("A key has to be a plain word or number.", line, hint)
            if key in result and own.count(key_node.value) > 1:
                raise self._error(
                    f"The key {key!r} is said twice, first on line {self.lines[(*keys, key)]}.",
                    line,
                    "YAML would keep the last silently: keep one of the two.",
                )
            self.lines[(*keys, key)] = line
            result[key] = self.read(value_node, (*keys, key))
        return result

    def _error(self, message: str, line: int, hint: str = "") -> PipelineSpecError:
        return PipelineSpecError(message, where=Place(shown(self.file), line), hint=hint)


def _syntax_error(error: yaml.MarkedYAMLError, file: Path, text: str) -> PipelineSpecError:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    hint = "Indent with spaces, and put one space after a key's colon."
    rows = text.splitlines()
    # {{x}} without quotes reads as a mapping inside a mapping, which nobody means.
    if any("{{" in row for row in rows[max(0, (line or 1) - 2) : line]):
        hint = PLACEHOLDER_HINT
    message = f"This is not valid YAML: {error.problem or error.context}"
    if error.context_mark is not None and error.context_mark.line + 1 != line:
        message += f", in what begins on line {error.context_mark.line + 1}"
    message += "."
    return PipelineSpecError(message, where=Place(shown(file), line), hint=hint)
