"""Names that may share an object are told from the code."""

from __future__ import annotations

import ast

import pytest

from nbrefine.refine.flow.code_aliases import Groups, alias_groups


def groups_after(*sources: str, functions: frozenset[str] = frozenset()) -> list[list[str]]:
    """The groups after cells that follow one another."""
    groups: Groups = ()
    for source in sources:
        groups = alias_groups(ast.parse(source), groups, functions)
    return [sorted(group) for group in groups]


@pytest.mark.parametrize(
    "source",
    [
        "b = a",
        "b = a.values",
        "b = a['x']",
        "b = a.fit(1)",
        "b = [a, 1]",
        "b = {'key': a}",
        "b = a if flag else None",
        "b = Pipeline([('scale', a)])",
        "b = list(zip(names(), [a]))",
        "for b in a:\n    use(b)",
        "with a as b:\n    use(b)",
        "if flag:\n    b = a",
        "(b := a)",
        "b = []\nb.append(a)",
        "b = Box()\nb.item = a",
        "b = own(a)",
    ],
)
def test_two_names_share_an_object(source: str) -> None:
    """By assignment, as part, in a container, by iteration, by what holds or gives it back."""
    assert ["a", "b"] in groups_after(source, functions=frozenset({"own"}))


@pytest.mark.parametrize(
    "source",
    ["b = a + 1", "b = len(a)", "b = pd.DataFrame(a)", "b = a == 3", "b = library.clean(a)"],
)
def test_new_objects_are_not_shared(source: str) -> None:
    """Sums, comparisons, copies and what libraries compute."""
    assert groups_after(source) == []


def test_a_name_that_is_bound_anew_leaves_its_group() -> None:
    """It stands for something else from then on."""
    assert groups_after("b = a", "b = make()") == []
    assert groups_after("b = a", "c = b", "b = make()") == [["a", "c"]]


def test_pairs_are_told_apart() -> None:
    """In ``a, b = c, d`` each name has its own object."""
    assert groups_after("a, b = c, d") == [["a", "c"], ["b", "d"]]


def test_modules_hold_nothing() -> None:
    """Each step imports them anew; what is set in them is known as a setting."""
    tree = ast.parse("plt.rcParams['figure.figsize'] = size\nax = plt.gca()\nb = a")
    assert alias_groups(tree, (), modules={"plt"}) == (frozenset({"a", "b"}),)


def test_bodies_of_functions_bind_nothing_here() -> None:
    """What is bound in them is theirs."""
    assert groups_after("def f():\n    b = a\n    return b") == []
