from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.errors import PipelineSpecError
from nbrefine.pipeline.located import read_yaml

if TYPE_CHECKING:
    from pathlib import Path


def test_values_are_those_of_yaml_with_lines(tmp_path: Path) -> None:
    """Anchors, merges and types come out as YAML says, and each value knows its line."""
    file = tmp_path / "x.yaml"
    file.write_text("base: &b\n  a: 1\n  c: yes\nlist:\n  - {<<: *b, a: 2}\n  - 2026-01-02\n")
    document = read_yaml(file)
    assert document.value["base"] == {"a": 1, "c": True}
    assert document.value["list"][0] == {"a": 2, "c": True}
    assert document.value["list"][1].isoformat() == "2026-01-02"
    assert document.place("list", 0, "a").line == 5
    assert document.place("list", 1).line == 6
    assert document.place("list", 1, "not", "there").line == 6
    assert document.place().file == str(file)


WRONG = {
    "tab": ("a:\n\tb: 1\n", 2, "not valid YAML", "spaces"),
    "twice": ("a: 1\nb: 2\na: 3\n", 3, "'a' is said twice, first on line 1", "last silently"),
    "placeholder": ("a:\n  b: {{root}}\n", 2, "plain word", 'key: "{{placeholder}}"'),
    "placeholder in text": ("a: {{root}}/out\n", 1, "", 'key: "{{placeholder}}"'),
    "itself": ("a: &a\n  b: *a\n", 1, "part of", ""),
    "bracket": ("x: 1\na: [1,\nb: 2\n", 4, "in what begins on line 2", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_faults_have_a_line_and_a_way_out(tmp_path: Path, name: str) -> None:
    """What is not YAML, or not meant so, is refused with its line and a hint."""
    text, line, message, hint = WRONG[name]
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(PipelineSpecError) as caught:
        read_yaml(file)
    assert caught.value.where.line == line
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, a folder and another encoding are errors of the user's, not ours."""
    with pytest.raises(PipelineSpecError, match="no such file"):
        read_yaml(tmp_path / "gone.yaml")
    with pytest.raises(PipelineSpecError, match="Cannot be read"):
        read_yaml(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("a: ü".encode("latin-1"))
    with pytest.raises(PipelineSpecError, match="Cannot be read"):
        read_yaml(tmp_path / "latin.yaml")


def test_python_objects_are_never_made(tmp_path: Path) -> None:
    """A tag that would call Python is refused."""
    file = tmp_path / "x.yaml"
    file.write_text("a: !!python/object/apply:os.system ['touch gone']\n")
    with pytest.raises(PipelineSpecError, match="has the tag"):
        read_yaml(file)
    file.write_text("a: !!python/name:os.system x\n")
    with pytest.raises(PipelineSpecError, match="python/name"):
        read_yaml(file)
