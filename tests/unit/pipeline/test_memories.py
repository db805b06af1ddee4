"""What was read of a spec and of sources comes back as it was, or is read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.pipeline.conftest import Project

import nbrefine.pipeline.steps
from nbrefine.errors import PipelineSpecError
from nbrefine.pipeline.code import code_of
from nbrefine.pipeline.located import Document, read_yaml
from nbrefine.pipeline.source_memory import Said, SourceMemory
from nbrefine.pipeline.survey import Survey
from nbrefine.pipeline.yaml_memory import YamlMemory

SPEC = "tasks:\n  - source: a.ipynb\n    product: out.ipynb\n    params: {n: 1, x: [1.5, null]}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".nbrefine").mkdir()
    return tmp_path


def read(root: Path) -> Document:
    memory = YamlMemory(root)
    document = read_yaml(root / "x.yaml", memory)
    memory.save()
    return document


def no_parser(*_: object) -> None:
    raise AssertionError("it was parsed again")


def test_yaml_is_parsed_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values and their lines come back; another text is parsed."""
    (root / "x.yaml").write_text(SPEC)
    first = read(root)
    monkeypatch.setattr("nbrefine.pipeline.yaml_reading.parse_yaml", no_parser)
    again = read(root)
    assert again.value == first.value
    for keys in ((), ("tasks",), ("tasks", 0, "product"), ("tasks", 0, "params", "x", 1)):
        assert again.place(*keys) == first.place(*keys)
    (root / "x.yaml").write_text(SPEC + "\n")
    with pytest.raises(AssertionError, match="parsed again"):
        read(root)


@pytest.mark.parametrize("text", ["a: 2020-01-01", "1: a", "a: .nan", "a: !!set {b}", "a: {2: 3}"])
def test_what_json_would_change_is_not_remembered(root: Path, text: str) -> None:
    """Dates, keys that are no text and numbers that JSON does not have."""
    (root / "x.yaml").write_text(text)
    try:
        first = read(root).value
    except PipelineSpecError:
        return
    assert not (root / ".nbrefine/yaml.json").exists()
    assert repr(read(root).value) == repr(first)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"reading": 1}', '{"reading":1,"files":[1]}'])
@pytest.mark.parametrize("name", ["yaml.json", "sources.json"])
def test_a_damaged_memory_is_none(root: Path, name: str, content: str) -> None:
    """It is made anew."""
    (root / "x.yaml").write_text(SPEC)
    (root / ".nbrefine" / name).write_text(content)
    assert read(root).value == read(root).value
    assert SourceMemory(root).of(root / "x.yaml") is None


def test_nothing_is_written_where_nothing_was_built(tmp_path: Path) -> None:
    """Reading a pipeline leaves no trace in its project."""
    (tmp_path / "x.yaml").write_text(SPEC)
    read(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["x.yaml"]


def test_what_a_source_says_is_read_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its bytes: another text is read again."""
    spec = "tasks:\n  - {source: a.ipynb, product: a_out.ipynb}\n"
    spec += "  - {source: b.ipynb, product: b_out.ipynb}\n"
    project.notebook("a.ipynb")
    project.notebook("b.ipynb", "upstream = ['a']")
    survey = Survey(project.root)
    for step in project.read(spec).steps.values():
        code_of(step, survey)
    survey.save()
    monkeypatch.setattr(nbrefine.pipeline.steps, "upstream_of_notebook", no_parser)
    assert project.read().steps["b"].upstream == ("a",)
    project.notebook("b.ipynb", "upstream = ['a']  # again")
    with pytest.raises(AssertionError, match="parsed again"):
        project.read()


def test_a_source_that_does_not_say_what_it_builds_on_is_asked_again(tmp_path: Path) -> None:
    """None is no answer, and an empty one is."""
    memory = SourceMemory(tmp_path)
    memory.keep(tmp_path / "a.ipynb", "d", Said(None, "t"))
    memory.keep(tmp_path / "b.ipynb", "e", Said((), "t"))
    memory.save()
    memory = SourceMemory(tmp_path)
    assert memory.known(tmp_path / "a.ipynb", "d") == Said(None, "t")
    assert memory.known(tmp_path / "b.ipynb", "e") == Said((), "t")
    assert memory.known(tmp_path / "b.py", "e") is None
    assert json.loads((tmp_path / ".nbrefine/sources.json").read_text())["reading"] == 1
