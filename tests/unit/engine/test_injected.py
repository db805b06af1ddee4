"""Parameters are injected as papermill injects them."""

from __future__ import annotations

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.parameterize import parameterize_notebook
from papermill.translators import PythonTranslator

from nbrefine.engine.injected import assignments, inject

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(VALUES)
def test_values_are_written_as_papermill_writes_them(value: object) -> None:
    """Whatever JSON can hold is assigned by the very text that papermill would inject."""
    assert assignments({"x": value}) == PythonTranslator.codify({"x": value})


@pytest.mark.parametrize("tags", [[], ["parameters"], ["parameters", "injected-parameters"]])
def test_the_cell_goes_where_papermill_puts_it(tags: list[str]) -> None:
    """After the parameters, in place of an earlier injection, or first where neither is there."""
    cells = [nbformat.v4.new_markdown_cell("# Title")]
    cells += [nbformat.v4.new_code_cell("x = 1", metadata={"tags": [tag]}) for tag in tags]
    cells += [nbformat.v4.new_code_cell("x", metadata={"tags": []})]
    cells[0].metadata["tags"] = []
    kernel = {"name": "python3", "language": "python", "display_name": "Python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    notebook.metadata["papermill"] = {}
    ours = inject(notebook, {"x": 2})
    theirs = parameterize_notebook(notebook, {"x": 2})
    assert [cell["source"] for cell in ours["cells"]] == [cell.source for cell in theirs.cells]
    assert [cell["metadata"]["tags"] for cell in ours["cells"]] == [
        cell.metadata.tags for cell in theirs.cells
    ]
