from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbrefine.observer.names import RESTLESS, Names, same_objects
from nbrefine.observer.patches import attributes_of, patched


class Kernel:
    """Runs cells on names, and looks at them after each as the observer does."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {"__name__": "__main__"}
        self.names = Names({"__main__"})

    def run(self, cell: str) -> tuple[set[str], set[str], set[str]]:
        exec(cell, self.space)  # noqa: S102  (the test's own cell)
        words = set(cell.replace("(", " ").replace(")", " ").replace(".", " ").split())
        return self.names.look(self.visible(), words)

    def visible(self) -> dict[str, Any]:
        return {name: value for name, value in self.space.items() if not name.startswith("__")}


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


def test_new_and_rebound_names_are_bound(kernel: Kernel) -> None:
    """A name is bound when it is new, or stands for another object; reading it is neither."""
    assert kernel.run("a = [ 1 ]")[0] == {"a"}
    assert kernel.run("a")[:2] == (set(), set())
    assert kernel.run("a = [ 1 ]") == ({"a"}, set(), set())
    assert kernel.run("del a") == (set(), set(), {"a"})


def test_a_mutation_changes_every_name_that_reaches_the_object(kernel: Kernel) -> None:
    """An alias, and what holds the object, change with it; bystanders do not."""
    kernel.run("a = [ 1 ] ; b = a ; held = { 'k' : ( a, ) } ; other = [ 1 ]")
    assert kernel.run("a . append ( 2 )")[1] == {"a", "b", "held"}
    assert kernel.names.aliases() == [frozenset({"a", "b", "held"})]


def test_changes_through_functions_are_seen(kernel: Kernel) -> None:
    """What a function mentions may change when the function is named, however deep below it."""
    kernel.run("seen = [ ]\ndef note():\n    seen.append(1)\ndef outer():\n    note()\n")
    assert kernel.run("outer ( )")[1] == {"seen"}


def test_changes_through_methods_and_class_attributes_are_seen(kernel: Kernel) -> None:
    """A method may change a global, and the class itself."""
    kernel.run(
        "total = [ ]\nclass A:\n    made = 0\n    def go(self):\n"
        "        total.append(1)\n        A.made += 1\n"
    )
    kernel.run("a = A ( )")
    assert kernel.run("a . go ( )")[1] == {"total", "A"}


def test_an_alias_out_of_nowhere_is_followed(kernel: Kernel) -> None:
    """A name that gets hold of an object in some other way ties the object's names to it."""
    kernel.run("a = [ 1 ]")
    kernel.space["hidden"] = {"a": kernel.space["a"]}
    assert "a" in kernel.run("c = globals ( ) [ 'hid' + 'den' ] ; c [ 'a' ] += [ 2 ]")[1]


def test_what_cannot_be_looked_into_counts_as_changed_when_named(kernel: Kernel) -> None:
    """Nothing is concluded of an opaque value but that it may have changed."""
    kernel.run("g = iter ( n for n in [ 1 ] )")
    assert kernel.run("g")[1] == {"g"}
    assert kernel.names.known["g"].facts["digest"] is None


def test_what_is_different_at_each_look_is_opaque(kernel: Kernel) -> None:
    """An object that no two looks agree on tells of no change; one that has changed does."""
    kernel.run("import itertools ; count = itertools . count ( )")
    kernel.run(
        "class Box(dict):\n    default_factory = property ( lambda self : next ( count ) )\n"
        "b = Box ( ) ; l = [ 1 ]"
    )
    assert {"b", "l"} <= kernel.run("b ; l . append ( 2 )")[1]
    assert kernel.names.known["b"].facts["opaque"] == RESTLESS
    assert kernel.names.known["b"].facts["digest"] is None
    assert kernel.names.known["l"].facts["digest"] is not None


def test_names_that_share_an_array_are_one_group(kernel: Kernel) -> None:
    """A view changes with its array, and neither ties in a copy."""
    kernel.space["np"] = np
    kernel.run("a = np . zeros ( 3 ) ; v = a [ 1 : ] ; c = a . copy ( )")
    assert kernel.run("v [ 0 ] = 1")[1] == {"a", "v"}


def test_frames_share_nothing_under_copy_on_write(kernel: Kernel) -> None:
    """A column taken out of a frame is its own; two names of one frame are not."""
    kernel.space["pd"] = pd
    kernel.run("f = pd . DataFrame ( { 'x' : [ 1 ] } ) ; g = f ; x = f [ 'x' ]")
    assert kernel.names.aliases() == [frozenset({"f", "g"})]
    assert kernel.run("f [ 'y' ] = 2")[1] == {"f", "g"}


def test_a_value_that_fails_when_looked_at_is_opaque(kernel: Kernel) -> None:
    """Code of the user's that raises while it is looked at does no harm."""
    kernel.run(
        "class Bad(dict):\n    def __reduce_ex__(self, p):\n        raise ValueError\n"
        "    @property\n    def default_factory(self):\n        raise ValueError\nb = Bad ( )"
    )
    assert kernel.names.known["b"].facts["opaque"] == "cannot be looked into (ValueError)"


def test_names_of_one_object() -> None:
    """Groups are of the very same object; numbers and texts are left out."""
    shared: list[int] = []
    now = {"a": shared, "b": shared, "c": [], "one": 1, "uno": 1}
    assert same_objects(now) == [frozenset({"a", "b"})]


def test_patches_of_modules_and_classes_are_seen() -> None:
    """An attribute set on a module or class that the words lead to is a patch."""
    words = {"pd", "DataFrame", "shout"}
    before = attributes_of({"pd": pd, "x": 1}, words)
    pd.DataFrame.shout = lambda _: "!"  # type: ignore[attr-defined]
    try:
        after = attributes_of({"pd": pd, "x": 1}, words)
    finally:
        del pd.DataFrame.shout  # type: ignore[attr-defined]
    assert patched(before, after) == ["pd.DataFrame.shout"]
    assert patched(after, attributes_of({"pd": pd}, words)) == ["pd.DataFrame.shout"]
    assert patched(before, before) == []
