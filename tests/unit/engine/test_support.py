"""What only Ploomber can run is refused with its place, or left to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.engine.support import check_supported, only_ploomber_runs, workers_of
from nbrefine.errors import InputError
from nbrefine.pipeline.spec import read_pipeline

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def pipeline_with(root: Path, task: str = "", top: str = "") -> Path:
    """Write a pipeline of one notebook."""
    (root / "a.ipynb").write_text(NOTEBOOK)
    (root / "a.sh").write_text("touch {{product}}")
    spec = f"meta: {{extract_upstream: false}}\n{top}\ntasks:\n  - source: a.ipynb\n"
    (root / "pipeline.yaml").write_text(f"{spec}    product: {{nb: out.ipynb, x: x}}\n{task}")
    return root


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("    on_finish: hooks.check", "'on_finish'"),
        ("    client: db.get", "'client'"),
        ("    static_analysis: strict", "'static_analysis: strict'"),
        ("    papermill_params: {cwd: x}", "'cwd' in 'papermill_params'"),
        ("  - {source: a.sh, name: s, product: y}", "shell scripts"),
    ],
)
def test_it_is_refused_with_the_words_use_ploomber_build(
    tmp_path: Path, task: str, said: str
) -> None:
    """And with the line."""
    pipeline = read_pipeline(pipeline_with(tmp_path, task))
    with pytest.raises(InputError) as caught:
        check_supported(pipeline)
    assert said in str(caught.value)
    assert "use ploomber build" in str(caught.value)
    assert caught.value.where is not None


def test_hooks_of_the_pipeline_are_refused(tmp_path: Path) -> None:
    """They are the user's code, and Ploomber's to call."""
    pipeline = read_pipeline(pipeline_with(tmp_path, top="on_finish: hooks.done"))
    with pytest.raises(InputError, match="'on_finish': use ploomber build"):
        check_supported(pipeline)


def test_options_that_change_nothing_are_no_reason(tmp_path: Path) -> None:
    """A progress bar is not part of a result."""
    task = "    papermill_params: {progress_bar: false}\n    static_analysis: disable"
    pipeline = read_pipeline(pipeline_with(tmp_path, task))
    check_supported(pipeline)
    assert only_ploomber_runs(pipeline, pipeline.step("a")) == ""


@pytest.mark.parametrize(
    ("top", "workers"),
    [
        ("", None),
        ("executor: serial", 1),
        ("executor: parallel", None),
        ("executor: {dotted_path: nbrefine.engine.Executor, workers: 3}", 3),
    ],
)
def test_the_spec_says_how_many_run_at_a_time(
    tmp_path: Path, top: str, workers: int | None
) -> None:
    """As Ploomber takes it."""
    assert workers_of(read_pipeline(pipeline_with(tmp_path, top=top))) == workers
