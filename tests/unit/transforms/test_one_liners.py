"""Statements as notebooks have them, by their code alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nbrefine.transforms import Kind, classify

FOLDER = Path(__file__).parents[2] / "fixtures" / "transforms"
ROW_WISE = yaml.safe_load((FOLDER / "row_wise.yaml").read_text())
OTHERS = yaml.safe_load((FOLDER / "not_row_wise.yaml").read_text())


@pytest.mark.parametrize("code", OTHERS)
def test_what_hangs_on_other_rows_is_never_called_row_wise(code: str) -> None:
    """In doubt it is unknown: serving it as it is would be silently wrong."""
    assert classify(code).kind != Kind.ROW_WISE


@pytest.mark.parametrize("code", ROW_WISE)
def test_what_stands_for_itself_is_called_row_wise(code: str) -> None:
    """Caution has its limits: common statements are understood."""
    said = classify(code)
    assert said.kind == Kind.ROW_WISE, said


def test_hardly_any_is_left_open() -> None:
    """Most of the dangerous ones are named for what they are."""
    unknown = [code for code in OTHERS if classify(code).kind == Kind.UNKNOWN]
    assert len(unknown) <= 0.15 * len(OTHERS), unknown
