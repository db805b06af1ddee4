"""Which steps are tested, and on which sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.small_pipeline import notebook
from nbrefine.errors import InputError, UnknownStepError
from nbrefine.testing.executed import named_steps, sample_pipeline

SPEC = """
tasks:
  - {source: notebooks/a.ipynb, name: a, product: {nb: "{{out}}/a.ipynb"}}
  - {source: scripts.count, name: count, product: "{{out}}/n.txt"}
  - {source: notebooks/b.ipynb, name: b, product: {nb: "{{out}}/b.ipynb"}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two notebooks and a function."""
    (tmp_path / "notebooks").mkdir()
    for name in "ab":
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(
            notebook(["# parameters\nupstream = None"])
        )
    (tmp_path / "scripts.py").write_text("def count(product): ...\n")
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    (tmp_path / "env.yaml").write_text("out: full\n")
    return tmp_path


def test_notebooks_are_tested_in_the_order_of_the_pipeline(project: Path) -> None:
    """All of them, or those that are named; a function is refused, and not passed over."""
    pipeline = sample_pipeline(project)
    assert named_steps(pipeline, []) == ("a", "b")
    assert named_steps(pipeline, ["b", "a", "b"]) == ("a", "b")
    with pytest.raises(InputError, match="'count' is no notebook"):
        named_steps(pipeline, ["count"])
    with pytest.raises(UnknownStepError):
        named_steps(pipeline, ["c"])


def test_the_small_sample_is_taken_where_there_is_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless another env file is named, by an option or by Ploomber's variable."""

    def out(env_file: Path | None = None) -> str:
        file = sample_pipeline(project, env_file).step("a").files["nb"]
        return file.parent.name

    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    assert out() == "full"
    (project / "env.ci.yaml").write_text("out: small\n")
    assert out() == "small"
    assert out(project / "env.yaml") == "full"
    monkeypatch.setenv("PLOOMBER_ENV_FILENAME", "env.yaml")
    assert out() == "full"
