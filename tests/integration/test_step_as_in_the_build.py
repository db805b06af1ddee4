"""What ``%step`` loads is what Ploomber injects: types, shapes and working directory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_client.blocking import BlockingKernelClient

PROJECT = Path(__file__).parents[1] / "fixtures" / "lab_project"
STEPS = {"load": "load", "fit-low": "fit", "fit-high": "fit", "compare": "compare"}
TIMEOUT = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, built by stock Ploomber from a session that a notebook's kernel started."""
    root = tmp_path_factory.mktemp("lab").resolve() / "project"
    shutil.copytree(PROJECT, root)
    subprocess.run(
        [Path(sys.executable).parent / "ploomber", "build"],
        cwd=root,
        env={
            **os.environ,
            "PLOOMBER_STATS_ENABLED": "false",
            # as after !ploomber build in a notebook: the build's kernels inherit it
            "JPY_SESSION_NAME": str(root / "notebooks" / "load.ipynb"),
        },
        check=True,
        timeout=120,
        capture_output=True,
    )
    return root


@pytest.fixture(scope="module")
def run(built: Path) -> Iterator[Callable[..., str]]:
    """Run a cell in a kernel that JupyterLab would have started for a step's notebook."""
    notebooks = built / "notebooks"
    manager = KernelManager()
    session = {**os.environ, "JPY_SESSION_NAME": str(notebooks / "load.ipynb")}
    manager.start_kernel(env=session, cwd=str(notebooks), stderr=subprocess.DEVNULL)
    client: BlockingKernelClient = manager.blocking_client()
    client.start_channels()

    def run_cell(source: str, **options: bool) -> str:
        shown: list[str] = []

        def note(message: dict[str, Any]) -> None:
            content = message["content"]
            shown.extend(content.get("traceback", [content.get("text", "")]))

        client.execute_interactive(source, output_hook=note, timeout=TIMEOUT, **options)
        return "".join(shown)

    try:
        client.wait_for_ready(timeout=TIMEOUT)
        run_cell("%load_ext nbrefine")
        yield run_cell
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def printed(cell: dict[str, Any]) -> str:
    return "".join("".join(output["text"]) for output in cell["outputs"])


def seen_in_build(root: Path, step: str) -> dict[str, Any]:
    """Return what the step's own cell printed about its names while Ploomber ran it."""
    for cell in code_cells(root / "build" / "nb" / f"{step}.ipynb"):
        if "json.dumps" in "".join(cell["source"]):
            return dict(json.loads(printed(cell)))
    raise AssertionError(step)


def flat(product: str | dict[str, str]) -> dict[str, str]:
    return product if isinstance(product, dict) else {"": product}


@pytest.mark.parametrize("step", STEPS)
def test_same_values_as_in_the_build(built: Path, run: Callable[..., str], step: str) -> None:
    """After %step and all of the notebook's cells, only the paths in product differ."""
    assert f"step {step}, in {built}" in run(f"%step {step}")
    output = ""
    for cell in code_cells(built / "notebooks" / f"{STEPS[step]}.ipynb"):
        source = "".join(cell["source"])
        if "%step" not in source:
            output = run(source) or output
    here, build = json.loads(output), seen_in_build(built, step)
    scratch, real = flat(here.pop("product")), flat(build.pop("product"))
    assert here == build
    assert build["folder"] == str(built)
    assert {name: Path(path).name for name, path in scratch.items()} == {
        name: Path(path).name for name, path in real.items()
    }
    assert all(Path(path).is_relative_to(built / ".scratch" / step) for path in scratch.values())
    run("%step --off")


@pytest.mark.parametrize("step", ["fit-low", "compare"])
def test_magic_in_the_notebook_is_harmless_in_a_build(built: Path, step: str) -> None:
    """A kept %step, before or after the parameters, changes nothing in Ploomber's run."""
    cells = code_cells(built / "build" / "nb" / f"{step}.ipynb")
    (magic,) = (cell for cell in cells if "%step" in "".join(cell["source"]))
    assert printed(magic) == "%step: nobody types here, so the values come from the build.\n"
    product = flat(seen_in_build(built, step)["product"])
    assert all(Path(path).is_relative_to(built / "build") for path in product.values())


def test_errors_show_without_a_traceback(run: Callable[..., str]) -> None:
    """A mistake shows in the notebook as it does in a terminal, and stops "run all cells"."""
    assert run("%step laod") == (
        "error[NBE102]: The pipeline has no step 'laod'.  hint: Did you mean 'load'?"
    )


def test_a_request_without_a_keyboard_is_a_build(run: Callable[..., str]) -> None:
    """The sign of a build is that its client takes no input, as papermill's does."""
    assert "nobody types here" in run("%step load", allow_stdin=False)
    assert "step load, in" in run("%step load", allow_stdin=True)
    run("%step --off")


def test_own_notebook_and_its_files(built: Path, run: Callable[..., str]) -> None:
    """Without a name the kernel's notebook decides; modules in the root import as in a build."""
    (built / "beside_pipeline.py").write_text("WORD = 'found'\n", encoding="utf-8")
    assert "step load, in" in run("%step")
    assert run("import beside_pipeline; print(beside_pipeline.WORD)") == "found\n"
    assert "back in" in run("%step --off")
