"""Only the executor is new in a spec that is adopted."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nbrefine.errors import PipelineSpecError
from nbrefine.pipeline.adopt import adopted

OURS = "executor:\n  dotted_path: nbrefine.engine.Executor\n"
TASKS = "  - source: a.ipynb  # the first\n    product: a.html\n"


def spec(folder: Path, text: str) -> Path:
    file = folder / "pipeline.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"# Mine\ntasks:\n{TASKS}", f"# Mine\n{OURS}\ntasks:\n{TASKS}"),
        (
            f"# Mine\n\n# Steps\ntasks:\n{TASKS}",
            f"# Mine\n\n{OURS}\n# Steps\ntasks:\n{TASKS}",
        ),
        (
            f"meta:\n  extract_upstream: true\n\ntasks:\n{TASKS}",
            f"meta:\n  extract_upstream: true\n\n{OURS}\ntasks:\n{TASKS}",
        ),
        (f"executor: parallel\ntasks:\n{TASKS}", f"{OURS}tasks:\n{TASKS}"),
        (f"tasks:\n{TASKS}executor: serial\n", f"tasks:\n{TASKS}{OURS}  workers: 1\n"),
        ("# Mine\n- source: a.ipynb\n", f"# Mine\n{OURS}\ntasks:\n- source: a.ipynb\n"),
    ],
)
def test_the_executor_is_written_where_a_person_would(
    tmp_path: Path, before: str, after: str
) -> None:
    """Comments, order and formatting stay; a second time changes nothing."""
    file = spec(tmp_path, before)
    assert adopted(file) == after
    assert yaml.safe_load(after)["tasks"]
    file.write_text(after)
    assert adopted(file) == after


def test_line_ends_stay_those_of_the_file(tmp_path: Path) -> None:
    """A file from Windows is not another one in every line."""
    file = tmp_path / "pipeline.yaml"
    file.write_bytes(f"# Mine\ntasks:\n{TASKS}".replace("\n", "\r\n").encode())
    assert adopted(file) == f"# Mine\n{OURS}\ntasks:\n{TASKS}".replace("\n", "\r\n")


def test_an_executor_of_somebody_else_is_not_thrown_out(tmp_path: Path) -> None:
    """It may be there for a reason."""
    file = spec(tmp_path, f"executor: {{dotted_path: mine.Executor}}\ntasks:\n{TASKS}")
    with pytest.raises(PipelineSpecError, match=r"another executor, 'mine\.Executor'"):
        adopted(file)
