"""The step notebooks in JupyterLab: they open, they save unchanged, and the day's loop works."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbrefine.pipeline.spec import Pipeline, read_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.browser

STEP = "train_model"
# The kernel fills these in when a notebook is opened, whatever is installed.
KERNELS_OWN = ("kernelspec", "language_info")


def read(pipeline_folder: Path) -> Pipeline:
    return read_pipeline(pipeline_folder, env_file=pipeline_folder / "env.ci.yaml")


def without_kernel(content: bytes) -> bytes:
    """Return a notebook without what the kernel says about itself, in the form that is saved."""
    document: dict[str, Any] = json.loads(content)
    for key in KERNELS_OWN:
        document["metadata"].pop(key, None)
    return canonical(document)


def canonical(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def test_every_step_opens_and_saves_unchanged(
    server: tuple[str, str],
    visit: Callable[..., Any],
    project: Path,
    build: Callable[[], dict[str, bool]],
) -> None:
    """Opened and saved, no byte differs but the kernel's own, and nothing is built again."""
    notebooks = sorted(project.glob("notebooks/*.ipynb"))
    before = {path: path.read_bytes() for path in notebooks}
    lab = visit(server)
    for path in notebooks:
        if path is notebooks[0]:
            lab.open(f"notebooks/{path.name}")
        else:
            lab.open_beside(path.name)
        written = path.stat().st_mtime_ns
        lab.save(f"notebooks/{path.name}")
        assert path.stat().st_mtime_ns > written
    for path in notebooks:
        after = path.read_bytes()
        assert json.loads(after)["metadata"]["language_info"]["version"]
        assert after == canonical(json.loads(after)), path.name
        assert without_kernel(after) == without_kernel(before[path]), path.name
        assert canonical(json.loads(before[path])) == before[path], path.name
    assert build() == dict.fromkeys(read(project).steps, False)


def test_days_loop(
    server: tuple[str, str],
    visit: Callable[..., Any],
    project: Path,
    build: Callable[[], dict[str, bool]],
) -> None:
    """Open, %step, run all, edit, save, build: that step runs; it makes the same, so no other."""
    pipeline = read(project)
    step = pipeline.step(STEP)
    notebook = step.source.relative_to(project).as_posix()
    products = {path: path.read_bytes() for path in step.files.values()}
    on_disk = step.source.read_bytes()
    lab = visit(server)
    lab.open(notebook)
    printed = lab.console("%load_ext nbrefine", "%step")
    assert f"step {STEP}, in {project}" in printed
    assert step.source.read_bytes() == on_disk

    lab.run_all()
    lab.append("\nprint('edited by hand')")
    lab.save(notebook)
    cells = json.loads(step.source.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    assert all(cell["execution_count"] for cell in code)
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert "%step" not in "".join("".join(cell["source"]) for cell in code)
    assert {path: path.read_bytes() for path in products} == products
    tried = [path for path in products if path.suffix not in {".ipynb", ".html"}]
    assert tried
    for path in tried:
        assert list((project / ".scratch" / STEP).rglob(path.name)), path.name

    assert build() == {name: name == STEP for name in pipeline.steps}


def test_nothing_opens_without_the_mend(
    server_without_mend: tuple[str, str], visit: Callable[..., Any], project: Path
) -> None:
    """Where nbrefine's configuration file is missing, the same notebook does not open."""
    lab = visit(server_without_mend)
    name = min(project.glob("notebooks/*.ipynb")).name
    with lab.page.expect_response(
        lambda answer: f"/api/contents/notebooks/{name}" in answer.url
    ) as got:
        lab.page.goto(lab.address(f"notebooks/{name}"))
    assert got.value.status == 500
    lab.page.locator(".jp-Dialog", has_text="Unhandled error").first.wait_for()
    assert lab.page.locator(".jp-Cell").count() == 0
