"""Code that is added is laid out as a formatter would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nbrefine.refine.write.code_layout import assigned, wrapped

NAME, STEP = "permutation_importances", "evaluate_the_models_of_the_season"
PATH = f'upstream["{STEP}"]["{NAME}"]'
LINES = (
    f"{NAME} = pd.read_parquet({PATH})",
    f"{NAME} = json.loads(Path({PATH}).read_text())",
    f"{NAME}, b = pickle.loads(Path({PATH}).read_bytes()).values()",
    f'Path(product["{NAME}"]).write_bytes(pickle.dumps({{"{NAME}": {NAME}, "a": a}}))',
    f'{NAME}_and_more.to_frame().to_parquet(product["{NAME}_and_something"])',
    "df = pd.read_parquet(path)",
)


@pytest.mark.parametrize("line", LINES)
def test_long_lines_are_broken_as_ruff_does(line: str) -> None:
    """Reads and writes of values with long names stay readable."""
    text = "\n".join(wrapped(line)) + "\n"
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        [ruff, "format", "--isolated", "-"], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == text


def test_literals_are_those_that_were_meant() -> None:
    """Whatever quotes and lengths they have."""
    for value in (
        "a",
        "a'b",
        'a"b',
        "a'\"b",
        "ä\\",
        5,
        0.5,
        True,
        None,
        ["a"],
        ["a" * 60, "b" * 60],
    ):
        names: dict[str, object] = {}
        exec("\n".join(assigned("x", value)), names)  # noqa: S102  (what the test is about)
        assert names["x"] == value
        assert type(names["x"]) is type(value)
