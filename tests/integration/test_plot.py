"""``nbrefine plot`` as it is installed: the real command, on the reference project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
STEPS = [
    *("ingest", "validate_data", "build_features", "train_model", "evaluate_model", "report"),
    "share_model",
]


def nbrefine(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if k != "PLOOMBER_ENV_FILENAME"}
    return subprocess.run(
        [Path(sys.executable).with_name("nbrefine"), *arguments],
        cwd=cwd,
        env=environment | variables,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_the_reference_project_is_drawn(tmp_path: Path) -> None:
    """All its steps are in the page, in the order of the build, and all links lead somewhere."""
    done = nbrefine("plot", "-o", str(tmp_path / "page.html"), cwd=ROOT / "notebooks")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "page.html").read_text()
    assert re.findall(r'<tr id="step-(\w+)">', text) == STEPS
    targets = [t for t in re.findall(r'href="([^"]*)"', text) if not t.startswith("#")]
    assert len(targets) > len(STEPS)
    for target in targets:
        assert (tmp_path / unquote(target)).exists(), target


def test_the_picture_is_one_file(tmp_path: Path) -> None:
    """The SVG is well-formed, and shows each step once."""
    done = nbrefine("plot", "-o", str(tmp_path / "a.svg"), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    root = ET.fromstring((tmp_path / "a.svg").read_text())  # noqa: S314  (our own text)
    names = [e.text for e in root.iter() if e.get("class") == "name"]
    assert names == STEPS


def test_the_json_follows_the_env_file() -> None:
    """With the variable that Ploomber knows, the products are those of the sample."""
    done = nbrefine("plot", "--json", cwd=ROOT, PLOOMBER_ENV_FILENAME="env.ci.yaml")
    assert done.returncode == 0, done.stderr
    full = nbrefine("plot", "--json", cwd=ROOT)
    ours, theirs = (json.loads(out.stdout)["steps"] for out in (done, full))
    assert [step["name"] for step in ours] == [step["name"] for step in theirs] == STEPS
    assert all(a["products"] != b["products"] for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(("encoding", "rail"), [("utf-8", "├─"), ("ascii", "+-")])
def test_text_fits_the_terminal(encoding: str, rail: str) -> None:
    """Where the output cannot carry the lines, plain characters are printed, not question marks."""
    done = nbrefine("plot", cwd=ROOT, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert rail in done.stdout.decode(encoding)
    assert b"?" not in done.stdout


def test_faults_end_in_a_message(tmp_path: Path) -> None:
    """Exit code 2, a code, a place and a hint on standard error; nothing on standard output."""
    (tmp_path / "pipeline.yaml").write_text("tasks:\n  - source: a.ipynb\n    prm: x\n")
    done = nbrefine("plot", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == (
        "error[NBE101]: A task of the class NotebookRunner has no key 'prm'.\n"
        "  --> pipeline.yaml:line 3\n"
        "  hint: Did you mean 'params'?\n"
    )
