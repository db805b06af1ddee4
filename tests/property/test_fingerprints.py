"""Laws of fingerprints: equal inputs, equal keys; any one change, another key and a reason."""

from __future__ import annotations

import json
import keyword
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nbrefine.analysis.normal import normal_cells, read_cell
from nbrefine.pipeline.changes import changes
from nbrefine.pipeline.fingerprint import Fingerprint
from nbrefine.pipeline.inputs import fingerprint_of
from nbrefine.pipeline.observed import Observed
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.survey import Survey

NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
FACTS = st.fixed_dictionaries(
    {
        "number": st.integers(0, 99),
        "params": st.dictionaries(NAMES, VALUES, max_size=3),
        "raw": st.text(max_size=9),
        "constant": st.integers(0, 99),
    }
)
LABELS = st.sampled_from(
    [
        *("code", "python", "kernel", "param:a", "param:b", "product:nb", "upstream:load.data"),
        "place:load.data",
        *("upstream:load", "file:raw.csv", "folder:raw", "module:src/m.py:f", "module:src/m.py"),
        *("package:pandas", "environ:HOST"),
    ]
)
PARTS = st.dictionaries(LABELS, st.sampled_from(["1", "2", "absent"]), max_size=8)


def key_of(root: Path, facts: dict[str, object]) -> str:
    """Write a project that says these facts, and return the key of its step."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    source = f"from m import f\nx = f({facts['number']})"
    cells = [
        cell | {"source": "upstream = None", "metadata": {"tags": ["parameters"]}},
        cell | {"source": source},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    task = {"source": "a.ipynb", "product": "out.ipynb", "params": facts["params"]}
    (root / "a.ipynb").write_text(json.dumps(notebook))
    (root / "pipeline.yaml").write_text(json.dumps({"tasks": [task]}))
    (root / "m.py").write_text(f"N = {facts['constant']}\n\n\ndef f(x):\n    return x + N\n")
    (root / "raw.csv").write_text(str(facts["raw"]), newline="")
    pipeline = read_pipeline(root)
    observed = Observed(read=("raw.csv",))
    return fingerprint_of(pipeline, pipeline.steps["a"], Survey(root), {}, observed).key


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(one=FACTS, other=FACTS, what=st.sampled_from(["number", "params", "raw", "constant"]))
def test_a_key_says_all_inputs_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, one: dict, other: dict, what: str
) -> None:
    """In two folders the same inputs have one key; with one of them changed they have another."""
    assume("{{" not in json.dumps([one, other]))
    first = key_of(tmp_path_factory.mktemp("one"), one)
    root = tmp_path_factory.mktemp("other")
    assert key_of(root, one) == first
    changed = one | {what: other[what]}
    same = json.dumps(changed, sort_keys=True) == json.dumps(one, sort_keys=True)
    assert (key_of(root, changed) == first) == same


@given(old=PARTS, new=PARTS)
def test_whatever_changes_the_key_is_said(old: dict[str, str], new: dict[str, str]) -> None:
    """There is a reason for each rebuild, and no reason without a change."""
    differs = Fingerprint(old).key != Fingerprint(new).key
    assert bool(changes(old, new, "a.ipynb")) == differs


@given(parts=PARTS)
def test_a_key_does_not_depend_on_the_order(parts: dict[str, str]) -> None:
    """Nor on whether the code or a run has shown a part."""
    turned = dict(reversed(parts.items()))
    label = next(iter(parts), None)
    seen = {k: v for k, v in parts.items() if k == label}
    rest = {k: v for k, v in parts.items() if k != label}
    assert Fingerprint(parts).key == Fingerprint(turned).key == Fingerprint(rest, seen).key


LINES = st.sampled_from(
    [
        "x = 1",
        "y = [1,\n     2]",
        "def f(a, b=2):\n    return a",
        "for i in range(3):\n    print(i)",
        "z = f'{x}'",
        "%matplotlib inline",
        "files = !ls",
        "'''text # no comment'''",
        "s = 'a # b'",
        "with open('a') as g:\n    pass",
    ]
)
COMMENTS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=12)


def form(source: str) -> list[list[object]]:
    return normal_cells([(read_cell(source), ())])


@given(lines=st.lists(LINES, min_size=1, max_size=5), comment=COMMENTS, place=st.integers(0, 5))
def test_comments_and_blank_lines_change_nothing(
    lines: list[str], comment: str, place: int
) -> None:
    """Wherever they stand between statements."""
    more = [*lines]
    more.insert(min(place, len(lines)), f"\n# {comment}\n\n")
    assert form("\n".join(more)) == form("\n".join(lines))


@given(lines=st.lists(LINES, min_size=1, max_size=5, unique=True), data=st.data())
def test_any_other_line_changes_the_normal_form(lines: list[str], data: st.DataObject) -> None:
    """A line more, a line less, two lines turned round."""
    before = form("\n".join(lines))
    place = data.draw(st.integers(0, len(lines) - 1))
    assert form("\n".join([*lines[:place], *lines[place + 1 :]])) != before
    assert form("\n".join([*lines, "w = 1"])) != before
    if len(lines) > 1:
        assert form("\n".join([*lines[1:], lines[0]])) != before
