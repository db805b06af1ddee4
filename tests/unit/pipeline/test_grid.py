from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.pipeline.grid import GridError, combinations, filled, numbered

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Project


def test_a_grid_is_all_combinations() -> None:
    """The last name varies fastest; a list of grids follows one on the other; params join all."""
    grid = [{"a": [1, 2], "b": ["x", "y"]}, {"a": 3}]
    assert list(combinations(grid, {"c": 0})) == [
        {"a": 1, "b": "x", "c": 0},
        {"a": 1, "b": "y", "c": 0},
        {"a": 2, "b": "x", "c": 0},
        {"a": 2, "b": "y", "c": 0},
        {"a": 3, "c": 0},
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("out/fit.csv", "out/fit-3.csv"),
        ("fit.tar.gz", "fit-3.tar.gz"),
        ("a.b/fit", "a.b/fit-3"),
        (".hidden", ".hidden-3"),
    ],
)
def test_numbers_go_before_the_suffixes(path: str, expected: str) -> None:
    """Each step of a grid has its own product."""
    assert numbered(path, 3) == expected


def test_names_are_filled_with_parameters() -> None:
    """[[name]] is the parameter's value; an unknown one, or more than a name, is refused."""
    assert filled("fit-[[ k ]]-[[depth]]", {"k": "a", "depth": 2}) == "fit-a-2"
    with pytest.raises(GridError, match="no parameter"):
        filled("[[x]]", {"k": 1})
    with pytest.raises(GridError, match="more than plain names"):
        filled("[[k + 1]]", {"k": 1})


@pytest.mark.parametrize("grid", [3, [3], {}, [{}]])
def test_what_is_no_grid_is_refused(grid: object) -> None:
    """A grid is a mapping or a list of mappings."""
    with pytest.raises(GridError, match="mapping"):
        list(combinations(grid, {}))


def test_grids_make_steps(project: Project) -> None:
    """Names take the parameters or a number, products both."""
    project.notebook("fit.ipynb")
    pipeline = project.read(
        "tasks:\n"
        "  - source: fit.ipynb\n    name: fit-[[k]]\n    product: out/[[k]].ipynb\n"
        "    grid: {k: [a, b]}\n    params: {c: 1}\n"
        "  - source: fit.ipynb\n    name: more\n    product: {nb: m.ipynb}\n    grid: {k: [1]}\n"
    )
    assert {name: step.params for name, step in pipeline.steps.items()} == {
        "fit-a": {"k": "a", "c": 1},
        "fit-b": {"k": "b", "c": 1},
        "more0": {"k": 1},
    }
    assert [
        str(path.relative_to(project.root))
        for step in pipeline.steps.values()
        for path in step.files.values()
    ] == ["out/a-0.ipynb", "out/b-1.ipynb", "m-0.ipynb"]
