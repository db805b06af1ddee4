"""Chance spreads with the names that it wrote, and no further."""

from __future__ import annotations

from typing import Any

from nbrefine.recording.causes import FOLLOWS_HASH
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording, ValueFacts
from nbrefine.refine.prove.chance import cells_of_chance


def facts(digest: str, kind: str = "numpy.ndarray") -> ValueFacts:
    return ValueFacts(kind, digest, 100)


def chance(cells: list[tuple[str, str]], *, drawing: int = 0, **more: Any) -> set[int]:  # noqa: ANN401  (any field)
    """Judge cells, each given by its code and the names that it binds; one draws."""
    return set(causes(cells, drawing=drawing, **more))


def causes(cells: list[tuple[str, str]], *, drawing: int = 0, **more: Any) -> dict[int, str]:  # noqa: ANN401  (any field)
    """Judge them, and say why those that use what was drawn depend on chance."""
    records = tuple(
        CellRecord(
            origin,
            bound=frozenset(names.split()),
            values={name: facts("", "builtins.module") for name in names.split() if name == "np"},
            random_unseeded=origin == drawing,
        )
        for origin, (_, names) in enumerate(cells)
    )
    recording = Recording(records, more.pop("final", {}), PythonFacts("", ""), **more)
    return cells_of_chance(recording, {origin: code for origin, (code, _) in enumerate(cells)})


def test_what_uses_a_drawn_name_depends_on_chance_too() -> None:
    """Also over further names; what uses none of them does not."""
    cells = [("x = draw()", "x"), ("y = x + 1", "y"), ("print(y)", ""), ("print(z)", "")]
    assert chance(cells) == {0, 1, 2}


def test_what_uses_a_drawn_name_says_which() -> None:
    """The cell that draws has a cause of its own, in the recording."""
    cells = [("x = draw()", "x"), ("y = x + 1", "y"), ("print(y)", "")]
    uses = {1: "It uses `x`, which varies.", 2: "It uses `y`, which varies."}
    assert causes(cells) == {0: "", **uses}


def test_any_word_is_taken_for_a_use() -> None:
    """A name may be read before it is bound anew; that it is steady from there on is not known."""
    cells = [("x = draw()", "x"), ("x = 5", "x"), ("df.query('a > @x')", "")]
    assert chance(cells) == {0, 1, 2}


def test_a_name_that_is_bound_anew_by_other_words_is_steady_again() -> None:
    """As by a star import."""
    cells = [("x = draw()", "x"), ("from constants import *", "x"), ("print(x)", "")]
    assert chance(cells) == {0}


def test_a_module_that_is_imported_where_something_is_drawn_is_steady() -> None:
    """Else all that uses numpy would depend on chance."""
    cells = [("import numpy as np; x = np.random.rand()", "np x"), ("np.sum(1)", "")]
    assert chance(cells) == {0}


def test_a_name_that_ends_the_same_in_all_runs_is_steady() -> None:
    """What a cell reads before it draws is no matter of chance."""
    cells = [("df = read(); x = draw()", "df x"), ("len(df)", ""), ("print(x)", "")]
    final = {"df": facts("a"), "x": facts("b")}
    rerun = {"df": facts("a"), "x": facts("c")}
    assert chance(cells, final=final, rerun_finals=(rerun,)) == {0, 2}
    assert chance(cells, final=final) == {0, 1, 2}


def test_a_cell_that_is_said_to_vary_though_its_runs_agree_depends_on_chance() -> None:
    """They agreed by luck. One whose runs disagree shows by itself what varies in it."""
    cells = [("a()", ""), ("b()", "")]
    assert chance(cells, drawing=-1, varying=frozenset({1})) == {1}
    output = {"output_type": "stream", "name": "stdout", "text": "12:00:01"}
    reruns = (((), (output,)),)
    assert chance(cells, drawing=-1, varying=frozenset({1}), reruns=reruns) == set()


def test_where_the_order_of_a_set_is_shown_anything_may_differ() -> None:
    """Two runs may agree by luck on what stands at one place of it."""
    cells = [("words = set('abc')", "words"), ("list(words)", ""), ("len(words)", "")]
    more: dict[str, Any] = {"causes": {1: FOLLOWS_HASH}, "varying": frozenset({1})}
    assert chance(cells, drawing=-1, **more) == {1}
