from __future__ import annotations

import copy
import ctypes
import decimal
import functools
import os
import pickle
import re
import subprocess
import sys
import threading
import time
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.observer import kinds, stored
from nbrefine.observer import walk as walk_module
from nbrefine.observer.kinds import handler_of
from nbrefine.observer.own import OwnModules
from nbrefine.observer.walk import Walk

sys.path.insert(0, str(Path(__file__).parent))
from walking import digest, walk

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
        | st.tuples(inner, inner)
        | st.sets(st.integers(), max_size=4)
    ),
    max_leaves=12,
)


class Plain:
    def __init__(self, value: object) -> None:
        self.value = value


class Slotted:
    __slots__ = ("left", "right")


def own(source: str) -> dict[str, Any]:
    """Return the names of a program of the user's."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)  # noqa: S102  (the test's own program)
    return names


@given(PLAIN)
def test_a_copy_has_the_same_digest(value: object) -> None:
    """Content alone counts: not addresses, nor interned strings, nor how parts are shared."""
    assert (
        digest(value) == digest(copy.deepcopy(value)) == digest(pickle.loads(pickle.dumps(value)))
    )


@given(PLAIN, PLAIN)
def test_other_content_has_another_digest(left: object, right: object) -> None:
    """Two values have one digest only if their types and contents are the same."""
    same = repr(left) == repr(right) or (
        _has_set(left) and _has_set(right) and left == right and type(left) is type(right)
    )
    assert (digest(left) == digest(right)) == same


def _has_set(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_set, value))
    if isinstance(value, dict):
        return any(map(_has_set, value.values()))
    return isinstance(value, set)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        ("1", 1),
        (b"a", "a"),
        ([1, 2], (1, 2)),
        ([[1], [2]], [[1, 2], []]),
        (["ab", "c"], ["a", "bc"]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1}, frozenset({1})),
        ({1: 2}, OrderedDict({1: 2})),
        (defaultdict(list), defaultdict(dict)),
        (range(3), range(4)),
        (len, abs),
        (int, float),
        (time, os),
        ([].append, [1].append),
        (bytearray(b"a"), bytearray(b"b")),
    ],
)
def test_what_differs_differs(left: object, right: object) -> None:
    """Types, order and grouping are part of the content."""
    assert digest(left) != digest(right)


def test_a_match_is_its_pattern_text_and_groups() -> None:
    """Two searches that find the same are the same, though a match cannot be pickled."""
    found = digest(re.search("(a)(b)?", "cab"))
    assert found == digest(re.search("(a)(b)?", "cab"))
    others = [re.search("(a)(b)?", "cabc"), re.search("(a)b?", "cab"), re.search("(a)(c)?", "cab")]
    assert len({found, *map(digest, others)}) == 4


def test_a_path_stays_the_same_when_it_is_asked_for_its_parts() -> None:
    """It keeps what it was asked for: nothing that a reader could tell."""
    path, same = Path("data") / "rates.csv", Path("data/rates.csv")
    before = digest(path)
    assert [str(path), path.parts, path.parent, hash(path), path.exists()]
    assert digest(path) == before == digest(same)
    assert digest(path.parent) != before != digest("data/rates.csv")


def test_a_partial_is_what_it_calls_with_what() -> None:
    """Function and arguments count, those that are mutable too."""
    given: list[int] = []
    partial = functools.partial(sorted, given, reverse=True)
    before = digest(partial)
    assert before == digest(functools.partial(sorted, [], reverse=True))
    assert before != digest(functools.partial(sorted, [], reverse=False))
    given.append(1)
    assert before != digest(partial)


def test_sets_have_no_order_and_strings_no_seed() -> None:
    """A digest is the same in a process with another ``PYTHONHASHSEED``."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from functools import partial\n"
        "from walking import digest\n"
        "print(digest({'alpha', 'beta', 'gamma', ('x', 1)}), digest({'k': {'v', 'w'}}))\n"
        "print(digest(partial(sorted, reverse=True)))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1


def test_a_cycle_ends() -> None:
    """A list that holds itself has a digest, and other cycles have others."""
    one: list[Any] = [1]
    one.append(one)
    same: list[Any] = [1]
    same.append(same)
    other: list[Any] = [2]
    other.append(other)
    assert digest(one) == digest(same) != digest(other)


def test_instances_are_known_by_their_attributes() -> None:
    """Attributes count, in ``__dict__`` and in slots; their order does not."""
    left, right = Plain([1]), Plain([1])
    assert digest(left) == digest(right)
    right.value.append(2)
    assert digest(left) != digest(right)
    one, two = Slotted(), Slotted()
    one.left, two.left = 1, 1
    assert digest(one) == digest(two)
    two.right = 2
    assert digest(one) != digest(two)


def test_subclasses_of_builtins_keep_both_sides() -> None:
    """A list with attributes has elements and attributes, whatever its own methods say."""

    class Odd(list):
        def __iter__(self) -> object:
            raise AssertionError

        def __len__(self) -> int:
            raise AssertionError

    left, right = Odd([1]), Odd([1])
    assert digest(left) == digest(right)
    right.note = "x"  # type: ignore[attr-defined]
    assert digest(left) != digest(right)
    assert digest(Counter("aab")) != digest(Counter("abb"))
    point = namedtuple("Point", "x y")  # noqa: PYI024  (that is what users write)
    assert digest(point(1, 2)) != digest((1, 2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: (n for n in [1]),
        lambda: sys.stdout,
        lambda: open(os.devnull),  # noqa: SIM115, PTH123  (closed by the test)
        sys._getframe,
        lambda: memoryview(b"x"),
        lambda: map(str, [1]),
    ],
)
def test_what_cannot_be_looked_into_is_opaque(make: object) -> None:
    """Opaque values have no digest, alone and inside of others, and the reason is said."""
    value = make()
    for holder in (value, [value], {"k": (value,)}, Plain(value)):
        found, walked = walk(holder)
        if isinstance(value, map):  # can be pickled, and is not consumed by that
            assert list(value) == ["1"]
            return
        assert found is None
        assert walked.opaque
    if value is not sys.stdout and hasattr(value, "close"):
        value.close()


def test_looking_runs_nothing_that_is_seen() -> None:
    """A value's own ``__repr__``, ``__eq__``, ``__len__``, ``__getattr__`` are not called."""

    class Trap:
        def __init__(self) -> None:
            self.kept = 1

        def _sprung(self, *_: object) -> object:
            raise AssertionError

        __repr__ = __eq__ = __hash__ = __len__ = __iter__ = __bool__ = __getattr__ = _sprung

    assert digest(Trap()) == digest(Trap())


def test_locks_and_loggers_say_nothing() -> None:
    """Objects with a lock in them have a digest: a lock has no content."""
    assert digest(Plain(threading.Lock())) == digest(Plain(threading.Lock()))


def test_functions_are_known_by_their_code() -> None:
    """Code, defaults and what a closure holds count; where the function stands does not."""
    here = own("def f(a, b=[1]):\n    return a + 1\n")["f"]
    there = own("\n\n\ndef f(a, b=[1]):\n    return a + 1\n")["f"]
    assert digest(here) == digest(there)
    assert digest(here) != digest(own("def f(a, b=[1]):\n    return a + 2\n")["f"])
    there.__defaults__[0].append(2)
    assert digest(here) != digest(there)
    source = "def make(n):\n    def inner():\n        return n\n    return inner\nf = make({})\n"
    assert digest(own(source.format(1))["f"]) != digest(own(source.format(2))["f"])


def test_classes_of_the_user_are_known_by_what_is_in_them() -> None:
    """Methods and class attributes count, also one that is counted up at run time."""
    source = "class A:\n    made = 0\n    def f(self):\n        return 1\n"
    one, two = own(source)["A"], own(source)["A"]
    assert digest(one) == digest(two)
    two.made += 1
    assert digest(one) != digest(two)
    assert digest(one) != digest(own(source.replace("return 1", "return 2"))["A"])


def test_global_names_that_code_reads_are_noted() -> None:
    """A function's globals are found, also those of functions inside it; so is a class."""
    names = own("def f():\n    return [g(x) for x in data]\nclass A:\n    pass\na = A()\n")
    assert {"g", "data"} <= walk([names["f"]])[1].reads
    found = walk({"k": names["a"]})[1]
    assert (found.reads, set(found.classes)) == (set(), {"A"})


def test_reached_objects_are_the_mutable_ones() -> None:
    """Lists, dicts and instances are reached; atoms, tuples, classes and modules are not."""
    inner: list[int] = []
    value = {"k": (inner, 1, "x", int, time)}
    assert walk(value)[1].reached == {id(value), id(inner)}


def test_objects_of_libraries_are_not_shared() -> None:
    """What a library keeps for everyone is left out of what is reached."""
    everyone: dict[str, int] = {}
    assert walk([everyone], {id(everyone): everyone})[1].reached.isdisjoint({id(everyone)})


def test_what_exists_for_the_walk_alone_is_not_reached() -> None:
    """State that pickling would make is forgotten, so that its address ties no names together."""
    inner: list[int] = [1]
    queue = deque([inner, {"k": (inner,)}])
    assert walk(queue)[1].reached == {id(queue), id(inner), id(queue[1])}
    later = functools.partial(print, inner)
    assert walk(later)[1].reached == {id(later), id(inner), id(later.keywords)}


def test_long_containers_are_sampled_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many parts some are looked at, the same ones each time; the length counts."""
    monkeypatch.setattr(walk_module, "MANY_PARTS", 100)
    monkeypatch.setattr(walk_module, "SAMPLED_PARTS", 10)
    value = [[n] for n in range(1000)]
    first, walked = walk(value)
    assert walked.sampled
    assert first == digest([[n] for n in range(1000)])
    assert first != digest([*value, [0]])
    value[0].append(1)
    assert first != digest(value)


def test_too_many_objects_are_opaque(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory and time are bounded: past a number of objects a value counts as opaque."""
    monkeypatch.setattr(walk_module, "MOST_OBJECTS", 50)
    found, walked = walk([[n] for n in range(100)])
    assert found is None
    assert walked.opaque == "too many objects"


def test_time_is_bounded() -> None:
    """Past the deadline a value counts as opaque."""
    late = Walk({"__main__"}, handler_of, {}, {}, time.perf_counter() - 1)
    assert late.digest([[n] for n in range(1000)]) is None
    assert late.opaque == "ran out of time"


def test_deep_nesting_is_opaque() -> None:
    """A chain too deep to be walked is opaque, and nothing is raised."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    found, walked = walk(value)
    while value:  # taking it apart by hand: freeing it at once goes as deep
        value = value.pop()
    assert found is None
    assert walked.opaque in ("nested too deeply", "too many objects")


def test_caches_of_libraries_are_no_content_and_those_of_users_are() -> None:
    """What a library's class fills when it is read is no change; the user's own may be."""
    source = (
        "from functools import cached_property\n"
        "class A:\n    @cached_property\n    def total(self):\n        return 1\n"
    )
    library: dict[str, Any] = {"__name__": "some_library"}
    exec(source, library)  # noqa: S102  (the test's own program)
    for names, same in ((library, True), (own(source), False)):
        value = names["A"]()
        before = digest(value)
        assert value.total == 1
        assert (digest(value) == before) is same


def test_modules_of_an_installation_are_not_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module beside a notebook is the user's; those of Python and of packages are not."""
    (tmp_path / "module_beside.py").write_text("def f():\n    return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("module_beside")
    own_modules = OwnModules()
    mine = {"__main__", "module_beside"}
    others = {"json", "sys", "pytest", "hypothesis.strategies", "never_imported"}
    assert {name for name in mine | others if name in own_modules} == mine


def test_what_pickling_takes_out_of_a_result_is_no_content() -> None:
    """A stand-in that pickles as statsmodels' results do: two functions go, in the object itself.

    All else in the settings counts.
    """

    class Results:
        def __init__(self) -> None:
            self.params = [0.5]
            self.mle_settings = {"optimizer": "newton", "cov_params_func": lambda: 0}

        def __getstate__(self) -> dict[str, Any]:
            self.mle_settings["cov_params_func"] = None  # type: ignore[assignment]
            return self.__dict__

    Results.__module__ = "statsmodels.base.model"
    result = Results()
    before = digest(result)
    result.__getstate__()
    assert result.mle_settings["cov_params_func"] is None
    assert digest(result) == before
    result.mle_settings["optimizer"] = "bfgs"
    assert digest(result) != before


def test_the_content_of_a_library_s_cache_counts() -> None:
    """An attribute called a cache does not; one of a class that is called so does."""

    class Cache:
        def __init__(self) -> None:
            self.__data = {"a": 1}
            self._cache = {"b": 2}

        def put(self, key: str) -> None:
            self.__data[key] = 1

    Cache.__module__ = "cachetools"
    cache = Cache()
    before = digest(cache)
    cache._cache["c"] = 3
    assert digest(cache) == before
    cache.put("c")
    assert digest(cache) != before


def test_a_decimal_context_can_be_shared() -> None:
    """Numbers are never changed, but the context that they are computed in is."""
    context = decimal.Context(prec=5)
    assert id(context) in walk([context])[1].reached
    assert not walk(decimal.Decimal("1.5"))[1].reached


def test_what_methods_read_counts_for_what_is_stored() -> None:
    """A copy of an instance's class would keep what its methods lead to; the class itself too."""
    names = own(
        "def tax():\n    return 1\nclass A:\n    def m(self):\n        return tax()\na = A()\n"
    )
    found = stored.signature(names, ["a"])
    assert (found.held, "tax" in found.reads, "A" in found.reads) == (["A"], True, False)


def test_models_behind_handles_are_what_pickling_takes_from_them() -> None:
    """A stand-in for the boosters of lightgbm and xgboost, which hold a pointer of C's."""

    class Booster:
        def __init__(self, text: str) -> None:
            self.handle = ctypes.c_void_p(1)
            self.text = text

        def __getstate__(self) -> dict[str, Any]:
            return {"handle": self.text, "text": ""}

    opaque = walk(Booster("a"))[1]
    assert opaque.opaque == "ctypes.c_void_p"
    Booster.__module__ = "lightgbm.basic"
    kinds._chosen.pop(Booster)
    assert digest(Booster("a")) == digest(Booster("a")) != digest(Booster("b"))
    assert walk(model := Booster("a"))[1].reached == {id(model)}


def test_lines_are_executed_without_what_the_observer_imports_of_the_future(tmp_path: Path) -> None:
    """What remembers the flags of the code that reads it would differ from what was written."""
    (tmp_path / "flags.py").write_text(
        "import sys\nclass Flags:\n    def __init__(self, *_):\n"
        "        frames = [sys._getframe(depth) for depth in range(1, 15)]\n"
        "        self.flags = {frame.f_code.co_flags & 0x1FFF000 for frame in frames}\n"
    )
    form = {"imports": ["import flags"], "read": "{name} = flags.Flags({path})"}
    sys.path.insert(0, str(tmp_path))
    assert stored.load(["it"], form, "", ())["it"].flags == {0}
    sys.path.remove(str(tmp_path))
