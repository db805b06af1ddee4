"""Static names against what a run of the same code really reads, binds and changes."""

from __future__ import annotations

import contextlib
import dis
import string
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Self

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbrefine.analysis.scopes import CellNames, analyse_cell
from nbrefine.notebook.syntax import to_python

VARIABLES = ("a", "b", "c", "d")
CALLABLES = ("f", "g")
LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
STORES = {"STORE_NAME", "STORE_GLOBAL"}
DELETES = {"DELETE_NAME", "DELETE_GLOBAL"}
# A program that goes on for ever is stopped here; what it has shown so far still counts.
MOST_OPCODES = 3000


class Thing:
    """A value on which every operation of the generated programs works, and some change it."""

    def __init__(self, *items: object) -> None:
        self.items = list(items)
        self.changes = 0
        self.asked = 0

    def append(self, value: object) -> Self:
        """Count a change; what was added does not matter."""
        del value
        self.changes += 1
        return self

    def __bool__(self) -> bool:
        """Return yes and no in turn, so that every loop ends."""
        self.asked += 1
        return self.asked % 2 == 1

    def __add__(self, other: object) -> Thing:
        """Make something new."""
        return Thing(self, other)

    def __iadd__(self, other: object) -> Self:
        """Change in place."""
        return self.append(other)

    def __call__(self, *args: object) -> Thing:
        """Make something new."""
        return Thing(*args)

    def __iter__(self) -> Iterator[object]:
        """Return what it was made with."""
        return iter(self.items[:2])

    def __getitem__(self, key: object) -> object:
        """Return a part."""
        return self.items[0] if self.items else self

    def __setitem__(self, key: object, value: object) -> None:
        """Change in place."""
        self.append(value)

    def __setattr__(self, name: str, value: object) -> None:
        """Count a change if it is one of the program's."""
        super().__setattr__(name, value)
        if name == "k":
            self.append(value)

    def __enter__(self) -> Self:
        """Return itself, so that two names share it."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        """Swallow one kind of exception."""
        return isinstance(error, KeyError)


class Stopped(BaseException):
    """Raised by the tracer."""


@dataclass
class Observed:
    """What a run did with the global names."""

    exposed: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    killed: set[str] = field(default_factory=set)
    finished: bool = False
    left: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)


def run(source: str) -> Observed:
    """Run a program under a tracer that sees every access to a global name."""
    seen = Observed()
    code = compile(source, "<program>", "exec")
    steps = 0
    operations: dict[CodeType, dict[int, tuple[str, object]]] = {}

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., object] | None:
        nonlocal steps
        if frame.f_code.co_filename != "<program>":
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps > MOST_OPCODES:
                raise Stopped
            found = operations.get(frame.f_code)
            if found is None:
                found = {i.offset: (i.opname, i.argval) for i in dis.get_instructions(frame.f_code)}
                operations[frame.f_code] = found
            note(seen, frame, *found[frame.f_lasti])
        return trace

    initial = {name: Thing(Thing()) for name in (*VARIABLES, *CALLABLES)}
    namespace: dict[str, object] = {"__name__": "program", **initial}
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        # What a program has shown before it fails counts too.
        with contextlib.suppress(Exception, Stopped):
            exec(code, namespace)  # noqa: S102  (generated here)
            seen.finished = True
    finally:
        sys.settrace(before)
    seen.left = set(namespace)
    seen.changed = {name for name, value in initial.items() if value.changes}
    return seen


def note(seen: Observed, frame: FrameType, operation: str, name: object) -> None:
    """Note an access, unless it is to a name of a function or of a class body."""
    if not isinstance(name, str) or name.startswith("__"):
        return
    module = frame.f_locals is frame.f_globals
    if operation in LOADS:
        local = operation != "LOAD_GLOBAL" and not module and name in frame.f_locals
        if not local and name not in seen.killed:
            seen.exposed.add(name)
    elif operation in STORES and (module or operation == "STORE_GLOBAL"):
        seen.bound.add(name)
        seen.killed.add(name)
    elif operation in DELETES and (module or operation == "DELETE_GLOBAL"):
        if name not in seen.killed:
            seen.exposed.add(name)
        seen.killed.add(name)


# In templates {n} {m} are names, {f} is called, {x} {y} {z} are expressions, {p} {q} {r} blocks.
EXPRESSIONS = (
    "({x} + {y})",
    "[{x} for {n} in {y}]",
    "[{x} for {n} in {y} if {z}]",
    "{{{n}: {x} for {n} in {y} for {m} in {n}}}",
    "sum(({x} for {n} in {y}), {z})",
    "({x} if {y} else {z})",
    "({x} and {y})",
    "({x} or {y})",
    "({n} := {x})",
    "{f}({x})",
    "(lambda {n}={x}: {y})()",
    "(lambda: {x})()",
    "f'{{{n}}}'",
    "{n}[{x}]",
    "eval('{n} + {m}')",
)
SIMPLE = (
    "{n} = {x}",
    "{n} = {x}",
    "{n} = {m}",
    "{f} = {x}",
    "{n}: {m} = {x}",
    "{n} += {x}",
    "{n}[0] = {x}",
    "{n}.append({x})",
    "{n}, {m} = {x}, {y}",
    "{n}.k = {x}",
    "{f}()",
    "{f}()",
    "del {n}",
    "import math as {n}",
    "exec('{n} = {m}')",
    "{x}",
    "raise KeyError",
)
COMPOUND = (
    "if {x}:\n{p}",
    "if {x}:\n{p}\nelse:\n{q}",
    "for {n} in {x}:\n{p}\nelse:\n{q}",
    "for {n} in {x}:\n{p}\n    if {y}:\n        break\n{r}\nelse:\n{q}",
    "for {n} in {x}:\n    if {y}:\n        continue\n{p}",
    "while {n}:\n{p}",
    "try:\n{p}\nexcept KeyError as {n}:\n{q}",
    "try:\n{p}\nexcept Exception:\n{q}\nelse:\n{r}",
    "try:\n{p}\nfinally:\n{q}",
    "with {n} as {m}:\n{p}",
    "match {x}:\n  case [{n}, *_] if {y}:\n{p}\n  case {m}:\n{q}",
    "def {f}({n}=None):\n{p}",
    "def {f}({n}={x}):\n    global {m}\n{p}\n    return {y}",
    "def {f}():\n{p}\n    def inner():\n        nonlocal_ = {x}\n        return {y}\n    inner()",
    "@{n}\ndef {f}():\n{p}",
    "{f} = lambda: {x}",
    "class {f}:\n{p}",
    "class {f}({g}):\n    def __init__(self):\n        super().__init__()\n{p}\n    {n} = {x}",
)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw an expression."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from((*VARIABLES, *CALLABLES)))
    return filled(draw, draw(st.sampled_from(EXPRESSIONS)), depth - 1)


@st.composite
def blocks(draw: st.DrawFn, depth: int, most: int) -> str:
    """Draw some statements."""
    statements = []
    for _ in range(draw(st.integers(1, most))):
        forms = COMPOUND if depth and draw(st.integers(0, 2)) == 0 else SIMPLE
        statements.append(filled(draw, draw(st.sampled_from(forms)), max(depth - 1, 0)))
    return "\n".join(statements)


def filled(draw: st.DrawFn, template: str, depth: int) -> str:
    """Fill a template with drawn parts."""
    parts = {}
    for _, name, _, _ in string.Formatter().parse(template):
        if name in {"n", "m"}:
            parts[name] = draw(st.sampled_from(VARIABLES))
        elif name in {"f", "g"}:
            parts[name] = draw(st.sampled_from(CALLABLES))
        elif name in {"x", "y", "z"}:
            parts[name] = draw(expressions(min(depth, 2)))
        elif name is not None:
            # Deep enough for the block of a `case` too.
            parts[name] = textwrap.indent(draw(blocks(depth, 3)), "    ")
    return template.format(**parts)


programs = blocks(2, 6).filter(lambda source: to_python(source).error is None)


def analysed(source: str) -> CellNames:
    return analyse_cell(to_python(source))


@settings(max_examples=200, deadline=None)
@given(programs)
@example("def f():\n    global a\n    a = b\nf()\nb = a")
@example("class f:\n    a = a\n    b = [a for c in a]")
@example("def f(a=a):\n    a += b\nf()")
@example("a = (lambda: b)()\na += c")
@example("for a in b:\n    del a\nelse:\n    c = a")
def test_static_names_hold_in_a_run(source: str) -> None:
    """No read, binding, deletion or change of a run is missed; no kill is claimed falsely."""
    found, seen = analysed(source), run(source)
    maybe = found.reads | found.string_names
    assert seen.exposed <= maybe, "a value from before the cell was read"
    assert seen.bound <= found.binds, "a name was bound"
    assert seen.changed <= found.mutates | found.may_mutate | found.binds, "an object was changed"
    if seen.finished:
        assert found.kills <= seen.killed - seen.exposed, "a name was not bound, or read before"
        assert not found.deletes & seen.left, "a name is still there"
