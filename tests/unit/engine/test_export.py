"""Executed notebooks are written byte by byte as Jupyter writes them."""

from __future__ import annotations

import nbformat
from nbformat import v4

from nbrefine.engine.export import notebook_bytes


def test_a_notebook_is_written_as_nbformat_writes_it() -> None:
    """Texts by lines, pictures whole, keys sorted, letters as they are."""
    data = {
        "text/plain": "a\nb",
        "text/html": "<p>\nü</p>",
        "image/png": "iVBOR\n",
        "image/svg+xml": "<svg>\n</svg>",
        "application/json": {"z": 1, "a": ["x\ny"]},
    }
    outputs = [
        v4.new_output("stream", name="stdout", text="one\ntwo\n"),
        v4.new_output("display_data", data=data, metadata={"width": 3}),
        v4.new_output("execute_result", data={"text/plain": ""}, execution_count=2),
        v4.new_output("error", ename="E", evalue="no", traceback=["x\ny", "z"]),
    ]
    notebook = v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Titel\n\n→ Text", id="a"),
            v4.new_code_cell("x = 1\n\nx", id="b", execution_count=2, outputs=outputs),
            v4.new_raw_cell("", id="c"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    wanted = nbformat.writes(notebook, version=4) + "\n"
    assert notebook_bytes(nbformat.from_dict(notebook)).decode() == wanted
