"""Baselines run wherever the project lies, and compare what can be compared."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from nbrefine.refine.generated_tests.baselines import IGNORE, make_baseline

ROOT = "/somewhere/shop"
INJECTED = f"""\
# Parameters
limit = 50
upstream = {{"load": {{"orders": "{ROOT}/build/load/orders.parquet"}}}}
product = {{"nb": "{ROOT}/build/clean/clean.ipynb", "csv": "{ROOT}/orders.csv"}}
"""


def code(source: str, *outputs: dict[str, Any], **metadata: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": {"papermill": {"duration": 1.0}, **metadata},
        "source": source,
        "outputs": list(outputs),
        "execution_count": 1,
    }


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def result(**data: str) -> dict[str, Any]:
    data = {kind.replace("_", "/"): text for kind, text in data.items()}
    return {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": data}


def test_parameters_hold_wherever_the_project_lies() -> None:
    """Paths are relative to the root, and products do not overwrite those of the build."""
    cell = code(INJECTED, tags=["injected-parameters"])
    text = make_baseline("clean", [cell], [ROOT]).cells[0]["source"]
    assert ROOT not in text
    assert text.splitlines()[1:] == [
        "%cd -q ../..",
        "import os",
        "",
        'os.makedirs("build/nbval/clean", exist_ok=True)',
        "del os",
        "limit = 50",
        'upstream = {"load": {"orders": "build/load/orders.parquet"}}',
        'product = {"nb": "build/nbval/clean/clean.ipynb", "csv": "orders.csv"}',
    ]


def test_parameters_may_be_written_on_several_lines() -> None:
    """Papermill has black format them where that is installed."""
    broken = INJECTED.replace("{", "{\n    ").replace("}", ",\n}")
    cell = code(broken, tags=["injected-parameters"])
    text = make_baseline("clean", [cell], [ROOT]).cells[0]["source"]
    assert text.splitlines()[-1] == (
        'product = {"nb": "build/nbval/clean/clean.ipynb", "csv": "orders.csv"}'
    )
    assert ROOT not in text


def test_a_place_that_a_cell_shows_is_no_part_of_the_baseline() -> None:
    """Such as what `joblib.dump` returns: nobody else has the project there."""
    path = f"{ROOT}/build/train/model.joblib"
    cell = code("joblib.dump(model, path)", result(text_plain=f"['{path}']"))
    baseline = make_baseline("train", [cell], [ROOT])
    assert ROOT not in baseline.text()
    assert baseline.ignored == {0: "it shows where the project lies"}


@pytest.mark.parametrize(
    ("cell", "ignored"),
    [
        (code("1 + 1", result(text_plain="2")), False),
        (code("print(1)", stream("1\n")), False),
        (code("plt.plot(x);", result(image_png="aGk=")), True),
        (code("plt.plot(x)  # a; b", result(image_png="aGk=")), False),
        (code("object()", result(text_plain="<object at 0x7f05519a99d0>")), True),
        (code("%%time\nx = 1", stream("CPU times: user 1 ms\nWall time: 2 ms\n")), True),
        (code("warn()", stream("ipykernel_1/2.py:1: UserWarning\n", "stderr")), True),
        (code("draw()", result(text_plain="0.37"), nbrefine={"origin": 3}), True),
        (code("draw()", result(text_plain="0.37"), nbrefine={"origin": 4}), False),
        (code("url", result(text_plain="'user:hunter2@db'")), True),
    ],
)
def test_what_is_never_the_same_is_ignored(cell: dict[str, Any], ignored: bool) -> None:  # noqa: FBT001
    """And all else is compared."""

    def redact(value: Any) -> Any:  # noqa: ANN401
        return json.loads(json.dumps(value).replace("hunter2", "•••"))

    baseline = make_baseline("clean", [cell], [ROOT], {3}, redact)
    assert bool(baseline.ignored) == ignored
    (written,) = json.loads(baseline.text())["cells"]
    assert (IGNORE in written["metadata"].get("tags", [])) == ignored
    assert "hunter2" not in baseline.text()


def test_it_is_a_valid_notebook() -> None:
    """Without what papermill noted, and with the tags that the author gave."""
    markdown = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": ["# A\n", "b"]}
    baseline = make_baseline("clean", [code("1", tags=["slow"]), markdown], [ROOT])
    document = nbformat.reads(baseline.text(), as_version=4)
    nbformat.validate(document)
    assert [cell.metadata for cell in document.cells] == [{"tags": ["slow"]}, {}]
    assert baseline.path == "tests/notebooks/clean.ipynb"
