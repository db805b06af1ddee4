"""Whatever an edit of the project's code changes in a notebook's result, the notebook reaches.

Packages of modules are made up that use each other in many ways, and really run: where a number
that was changed shows in the result, what the notebook reaches has to be another.
"""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrefine.analysis.modules import Finder, Reached, reach
from nbrefine.analysis.normal import read_cell
from nbrefine.analysis.pieces import read_module
from nbrefine.analysis.uses import uses_of

MODULES = 2
REGISTRY = "FOUND = []\n\n\ndef register(f):\n    FOUND.append(f)\n    return f"
COUNT = "def count():\n    return sum(f() for f in FOUND)"
NUMBERS = itertools.count()

# Each makes a definition: of a name, with a number, that uses an expression of earlier ones.
SHAPES = {
    "constant": "{name} = {value}",
    "derived constant": "{name} = {value} + {other}",
    "function": "def {name}():\n    return {value} + {other}",
    "default": "def {name}(x={value} + {other}):\n    return x",
    "lambda": "{name} = lambda: {value} + {other}",
    "called": "{name} = int(str({value})) + {other}",
    "registered": "@register\ndef {name}():\n    return {value} + {other}",
    "class": (
        "class {name}:\n    v = {value}\n\n    def get(self):\n        return self.v + {other}"
    ),
    "cached": (
        "import functools\n\n\n@functools.cache\ndef {name}():\n    return {value} + {other}"
    ),
    "by name": 'def {name}():\n    return {value} + eval("{other}")',
    "text": 'def {name}():\n    return {value} + int(f"{{other}}")',
    "statement": "{name} = 0\nfor _ in [1]:\n    {name} += {value}",
    "chosen": "if {value} % 2:\n    {name} = {other}\nelse:\n    {name} = 0",
    "global": (
        "{name} = 0\n\n\ndef set_{name}():\n    global {name}\n    {name} = {value} + {other}"
    ),
}
# What is easy to get wrong comes more often.
DRAWN = [*sorted(SHAPES), *["registered", "by name"] * 4]
# Without what makes all of a module count.
CALM = [each for each in DRAWN if each not in {"by name", "statement", "chosen"}]
CALLED = {"function", "default", "lambda", "registered", "cached", "by name", "text"}


def use(shape: str, name: str) -> str:
    """Return an expression for a definition's number."""
    if shape == "class":
        return f"{name}().get()"
    if shape == "global":
        return name if "." in name else f"(set_{name}(), {name})[1]"
    return f"{name}()" if shape in CALLED else name


@st.composite
def projects(draw: st.DrawFn) -> tuple[list[list[tuple[str, str, str]]], list[int], str]:
    """Return the definitions of each module, their numbers, and the notebook's code."""
    modules: list[list[tuple[str, str, str]]] = []
    earlier: list[tuple[int, str, str]] = []
    numbers: list[int] = []
    shapes = draw(st.sampled_from([DRAWN, CALM, CALM]))
    for module in range(MODULES):
        definitions = []
        for _ in range(draw(st.integers(1, 3))):
            shape, name = draw(st.sampled_from(shapes)), f"n{len(numbers)}"
            other = "0"
            if earlier and draw(st.booleans()):
                where, other_shape, other_name = draw(st.sampled_from(earlier))
                way = draw(st.sampled_from(["own", "module", "inner"]))
                other = _named(way, where, module, other_shape, other_name)
            definitions.append((shape, name, other))
            earlier.append((module, shape, name))
            numbers.append(draw(st.integers(1, 50)))
        modules.append(definitions)
    where, shape, name = draw(st.sampled_from(earlier))
    own = name if shape == "global" else use(shape, name)
    cells = [
        f"from PACKAGE.m{where} import {name}\nresult = {own}",
        f"from PACKAGE.m{where} import *\nresult = {own}",
        f"import PACKAGE.m{where} as m\nresult = {use(shape, f'm.{name}')}",
        f"import PACKAGE.m{where}\nresult = getattr(PACKAGE.m{where}, 'count')()",
        f"from PACKAGE import m{where}\nresult = m{where}.count()",
    ]
    cell = draw(st.sampled_from(cells))
    return modules, numbers, cell


def _named(way: str, where: int, module: int, shape: str, name: str) -> str:
    if where == module:
        return use(shape, name)
    if way == "inner":
        return f"__import__('importlib').import_module('PACKAGE.m{where}').count()"
    return use(shape, f"m{where}.{name}") if way == "module" else f"m{where}.count()"


def write(folder: Path, package: str, modules: list, numbers: list[int]) -> None:
    numbered = iter(numbers)
    (folder / package).mkdir(parents=True, exist_ok=True)
    (folder / package / "__init__.py").write_text("")
    for index, definitions in enumerate(modules):
        texts = [f"from {package} import m{earlier}" for earlier in range(index)]
        texts += [REGISTRY, COUNT]
        for shape, name, other in definitions:
            text = SHAPES[shape].replace("{name}", name).replace("{value}", str(next(numbered)))
            texts.append(text.replace("{other}", other.replace("PACKAGE", package)))
        (folder / package / f"m{index}.py").write_text("\n\n\n".join(texts) + "\n")


def result(package: str, cell: str) -> object:
    """Run the notebook's code in modules that are loaded anew."""
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        del sys.modules[name]
    importlib.invalidate_caches()
    space: dict[str, object] = {}
    exec(cell, space)  # noqa: S102  (it was made up here)
    return space["result"]


def reached(folder: Path, cell: str) -> Reached:
    uses = uses_of([read_cell(cell).tree])
    return reach(uses, Finder([folder]), lambda file: read_module(file.read_text()))


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(project=projects(), data=st.data())
def test_what_shows_in_the_result_is_reached(
    tmp_path_factory: pytest.TempPathFactory,
    project: tuple[list, list[int], str],
    data: st.DataObject,
) -> None:
    """One number anywhere is changed; where the result is another, the fingerprint has to be."""
    modules, numbers, cell = project
    folder, package = tmp_path_factory.mktemp("reach"), f"made_up_{next(NUMBERS)}"
    cell = cell.replace("PACKAGE", package)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setattr(sys, "dont_write_bytecode", True)
        write(folder, package, modules, numbers)
        before = result(package, cell), reached(folder, cell)
        place = data.draw(st.integers(0, len(numbers) - 1))
        changed = [*numbers]
        changed[place] += data.draw(st.integers(1, 60))
        write(folder, package, modules, changed)
        after = result(package, cell), reached(folder, cell)
    if before[0] != after[0]:
        assert before[1].pieces != after[1].pieces
