"""What was read of code comes back as it was, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.analysis.facts import Uses
from nbrefine.analysis.pieces import read_module
from nbrefine.analysis.uses import uses_of
from nbrefine.pipeline.code_memory import CodeMemory
from nbrefine.pipeline.survey import Survey

SOURCE = """\
import os
from .other import b as c
from dataclasses import dataclass

N = make(1)


@dataclass
class A:
    x: int = 1


def f(y):
    import numpy as np

    return os.environ["HOME"], np.linalg.norm(y), open("raw/x.csv"), c
"""


@pytest.mark.parametrize("source", [SOURCE, "", "print(1)", "x =", "from m import *"])
def test_a_module_comes_back(tmp_path: Path, source: str) -> None:
    """In the same process and in the next one."""
    module = read_module(source)
    memory = CodeMemory(tmp_path / "code.json")
    memory.keep_module("d", module)
    assert memory.module("d") == module
    memory.save()
    assert CodeMemory(tmp_path / "code.json").module("d") == module
    assert CodeMemory(tmp_path / "code.json").module("e") is None


def test_a_notebooks_code_comes_back(tmp_path: Path) -> None:
    """With all that it uses."""
    import ast  # noqa: PLC0415

    kept = ("code", "source", "kernel", uses_of([ast.parse(SOURCE)]))
    memory = CodeMemory(tmp_path / "code.json")
    memory.keep_code("d", kept)
    memory.save()
    assert CodeMemory(tmp_path / "code.json").code("d") == kept


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"version": 0, "code": {"d": ["a", "b", "c", {}]}}',
        '{"version": "%s", "code": []}',
        '{"version": "%s", "code": {"d": 3}}',
        '{"version": "%s", "code": {"d": {"digest": 1}}}',
        '{"version": "%s", "code": {"d": ["a", "b", "c", 4]}}',
    ],
)
def test_a_damaged_memory_is_none(tmp_path: Path, content: str) -> None:
    """Nothing is raised, and nothing of it counts."""
    file = tmp_path / "code.json"
    version = CodeMemory(file)._version
    file.write_text(content.replace("%s", version))
    memory = CodeMemory(file)
    assert memory.module("d") is None
    assert memory.code("d") is None


def test_a_module_that_is_written_to_is_read_again(tmp_path: Path) -> None:
    """The memory goes by content, not by name."""
    survey, file = Survey(tmp_path), tmp_path / "m.py"
    file.write_text("def f():\n    return 1\n")
    before = survey.module(file)
    file.write_text("def f():\n    return 2\n")
    assert survey.module(file) != before
    file.write_text("def f():\n    return 1\n")
    assert survey.module(file) == before


def test_a_module_in_another_encoding_is_read(tmp_path: Path) -> None:
    """As Python reads it; one that it cannot read counts as a whole."""
    survey, file = Survey(tmp_path), tmp_path / "m.py"
    file.write_bytes("# coding: latin-1\ndef f():\n    return 'ä'\n".encode("latin-1"))
    assert [*survey.module(file).pieces] == ["f"]
    file.write_bytes(b"def f():\n    return '\xff'\n")
    unreadable = survey.module(file)
    assert (unreadable.odd, unreadable.uses) == ("it cannot be read", Uses(by_name=True))
    assert unreadable.digest == survey.file(file)
