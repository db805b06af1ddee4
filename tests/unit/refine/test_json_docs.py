"""What commands print with ``--json`` is what `docs/json.md` says, key by key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nbrefine.compare.verdict import Difference, Verdict
from nbrefine.refine.analyze.analyze import analyze
from nbrefine.refine.analyze.as_json import analysis_json
from nbrefine.refine.describe import refinement_json
from nbrefine.refine.generated_tests.generate import GeneratedTests
from nbrefine.refine.options import Options
from nbrefine.refine.prove.proof import CellProof, ItemProof, Proof, proof_json
from nbrefine.refine.refine import refine
from nbrefine.refine.tested import describe_tests

PAGE = Path(__file__).parents[3] / "docs" / "json.md"
SOURCES = (
    "import random\n\nnumbers = [random.random() for _ in range(3)]",
    "numbers.append(1.0)\nnumbers",
    "total = sum(numbers)\nlen(numbers)",
    "print(total > 0)",
)


def documented() -> dict[str, set[str]]:
    """The keys that each section of the page names."""
    sections = re.split(r"^#{2,3} (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        title: set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
        for title, text in zip(sections[::2], sections[1::2], strict=True)
    }


def named_in(section: str, key: str) -> set[str]:
    """The keys of what is in a key, which its row names too."""
    row = next(
        line
        for line in PAGE.read_text(encoding="utf-8").split(section)[1].splitlines()
        if line.startswith(f"| `{key}` |")
    )
    return set(re.findall(r"`(\w+)`", row)) - {key}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in SOURCES
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "a.ipynb").write_text(json.dumps(document))
    return tmp_path / "a.ipynb"


def test_refine_prints_the_keys_of_its_section(notebook: Path) -> None:
    """Whoever adds a key says in `docs/json.md` what it holds."""
    found = refine(notebook, notebook.parent / "project", Options(static=True, steps=2))
    report = json.loads(json.dumps(refinement_json(found)))
    pages = documented()
    assert set(report) == pages["`nbrefine refine --json`"]
    assert set(report["steps"][0]) == pages["A step"]
    assert set(report["steps"][0]["gives"][0]) == named_in("### A step", "gives")
    assert set(report["steps"][1]["takes"][0]) == named_in("### A step", "takes")
    assert report["basis"] == "none"
    assert report["verdict"] == "not proved"
    assert report["proof"] is None


def test_tests_have_the_keys_of_their_section() -> None:
    """Those of generated tests, too."""
    said = describe_tests(GeneratedTests())
    assert set(said) == documented()["Tests"]


def test_prove_prints_the_keys_of_its_section(tmp_path: Path) -> None:
    """And the words of its verdicts are those of the page."""
    difference = Difference(Verdict.DIFFERENT, "stdout", 0, "it differs", "a", "b", picture="x")
    cell = CellProof(0, "load", Verdict.DIFFERENT, (difference,))
    item = ItemProof("x", "load", Verdict.EQUAL)
    proof = json.loads(json.dumps(proof_json(Proof(tmp_path, (cell,), (item,), (item,)))))
    pages = documented()
    assert set(proof) == pages["`nbrefine prove --json`"]
    assert set(proof["cells"][0]) == pages["A cell"]
    assert set(proof["variables"][0]) == named_in("## `nbrefine prove --json`", "variables")
    words: dict[str, Any] = proof["cells"][0]["differences"][0]
    assert set(words) <= named_in("### A cell", "differences") | {"output"}
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{verdict}`" in text for verdict in Verdict)


def test_analyze_prints_the_keys_of_its_section(notebook: Path) -> None:
    """For one notebook, by its code alone."""
    analysis = json.loads(json.dumps(analysis_json(analyze(notebook))))
    pages = documented()
    assert set(analysis) == pages["`nbrefine analyze --json`"]
    assert set(analysis["findings"][0]) == pages["A finding"]
    section = "## `nbrefine analyze --json`"
    assert set(analysis["steps"][0]) == named_in(section, "steps") - {"refine"}
    assert set(analysis["expected"]) <= set(analysis)
