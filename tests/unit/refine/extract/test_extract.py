"""Definitions go to modules, and each cell shows what it showed before."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from tests.steps_in_memory import extract_steps, run, sources, step

from nbrefine.refine.extract.extract import Extraction
from nbrefine.refine.extract.moved import rewritten

A = "notebooks/a.ipynb"
B = "notebooks/b.ipynb"

# Values that are no constants.
_K = "k = [*map(int, '1')]"
_RATE = "rate = [*map(int, '3')]"
_BOX = '''\
class Box:
    def __init__(self, x):
        """Make."""
        self.x = x + k[0]

    def __repr__(self):
        return f"Box of {self.x}"

    def size(self):
        return [self.x * k[0] for _ in k]'''
_LOUD = """\
def loud(f):
    @functools.wraps(f)
    def inner(*args):
        return f(*args).upper()
    return inner"""
# What is to move, as cells of one notebook; names that have to move; and what takes which argument.
MOVING = {
    "plain": (["def double(x):\n    return 2 * x", "double(4)"], {"double": ()}),
    "import": (["import math", "def area(r):\n    return math.pi * r", "area(1)"], {"area": ()}),
    "variable": (
        [_RATE, "def pay(x):\n    return x * rate[0]", "pay(2)", "rate = [4]", "pay(2)"],
        {"pay": ("rate",)},
    ),
    "through another": (
        [
            _RATE,
            "def pay(x):\n    return x * rate[0]",
            "def twice(x):\n    return pay(x) + pay(x=x)",
            "twice(2)",
        ],
        {"pay": ("rate",), "twice": ("rate",)},
    ),
    "applied": (
        [_RATE, "def pay(x):\n    return x * rate[0]", "sorted([2, 1], key=pay)", "rate = 1"],
        {"pay": ("rate",)},
    ),
    "passed in a dict": (
        [
            _RATE,
            "class Xs(list):\n    def agg(self, ways):\n        return ways['p'](self[0])",
            "def pay(x):\n    return x * rate[0]",
            "Xs([2]).agg({'p': pay})",
        ],
        {"Xs": (), "pay": ("rate",)},
    ),
    "mutual recursion": (
        [
            "def even(n):\n    return n == 0 or odd(n - 1)",
            "def odd(n):\n    return n != 0 and even(n - 1)",
            "even(6), odd(6)",
        ],
        {"even": (), "odd": ()},
    ),
    "recursion with a variable": (
        [_K, "def up(n):\n    return k[0] if n == 0 else up(n - 1)", "up(5)"],
        {"up": ("k",)},
    ),
    "decorator of the notebook": (
        [
            "import functools",
            _LOUD,
            "@loud\ndef name(x):\n    return x",
            "name('ada')",
        ],
        {"loud": (), "name": ()},
    ),
    "closure": (
        ["def adder(n):\n    def add(x):\n        return x + n\n    return add", "adder(2)(3)"],
        {"adder": ()},
    ),
    "class with a subclass": (
        [
            "class Shape:\n    def size(self):\n        return self.side ** 2",
            "class Box(Shape):\n    def __init__(self, side):\n        self.side = side",
            "Box(3).size(), isinstance(Box(1), Shape)",
        ],
        {"Shape": (), "Box": ()},
    ),
    "constant": (["LIMIT = 3", "def cap(x):\n    return min(x, LIMIT)", "cap(9)"], {"cap": ()}),
    "default argument": (
        ["WIDTH = 3 * 2", "def pad(x, width=WIDTH):\n    return x.ljust(width)", "pad('a')"],
        {"pad": ()},
    ),
    "constants in one assignment": (
        ["low, high = 1, 5", "def clip(x):\n    return max(low, min(high, x))", "clip(9), clip(0)"],
        {"clip": ()},
    ),
    "constant made of others": (
        [
            "import os",
            "ROOT = 'data'",
            "FILE = os.path.join(ROOT, 'x.csv')",
            "def where(file=FILE):\n    return file",
            "where()",
        ],
        {"where": ()},
    ),
    "redefined, both used": (
        ["def f(x):\n    return x", "f(1)", "def f(x):\n    return x + 1", "f(1)"],
        {"f": ()},
    ),
    "redefined, with variables": (
        [
            _K,
            "def f(x):\n    return x + k[0]",
            "f(1)",
            "m = [*k]",
            "def f(x):\n    return x + m[0] + 1",
            "f(1)",
        ],
        {"f": ("m",)},
    ),
    "called in a line with others": (
        [
            _RATE,
            "def pay(x):\n    return x * rate[0]",
            "a = 1; print(pay(2)); pay(a);",
            "pay(3); 4",
        ],
        {"pay": ("rate",)},
    ),
    "called in the last line of a call": (
        [_RATE, "def pay(x):\n    return x * rate[0]", "print(pay(\n    2,\n)); b = pay(3)", "b"],
        {"pay": ("rate",)},
    ),
    "constants in a line with others": (
        [
            "A = 1; b = 'é'; B = 2; C = [b]  # sizes",
            "def f(x, n=A):\n    return x + n + B",
            "f(1); C",
        ],
        {"f": ()},
    ),
    "constants alone in a line": (
        ["A = 1; B = 2", "def f(x, n=A):\n    return x + n + B", "f(1)"],
        {"f": ()},
    ),
    "rebinds a variable, in a line with others": (
        [
            "n = len('ab'); m = 1",
            "def up():\n    global n\n    n = 5",
            "m = 2; up(); print(n, m)",
        ],
        {"up": ()},
    ),
    "rebinds a variable": (
        [
            "n = len('ab')",
            "def up(by):\n    global n\n    if by:\n        n += by",
            "up(1)\nup(2)\nn",
        ],
        {"up": ("n",)},
    ),
    "rebinds two, and returns early": (
        [
            "m, n = len('ab'), len('abc')",
            "def swap(x):\n    global m, n\n    if not x:\n        return\n    m, n = n, m",
            "for i in (0, 1):\n    swap(i)\nm, n",
        ],
        {"swap": ("n", "m")},
    ),
    "default that all callers give": (
        [_K, "def f(x, y=k):\n    return x, y", "for k in (1, 2):\n    print(f(0, k), f(0, y=k))"],
        {"f": ()},
    ),
    "default that is never another": (
        [_K, "def f(x, *, y=k):\n    y.append(x)\n    return y", "f(1)\nf(2, y=[])", "f(3), k"],
        {"f": ()},
    ),
    "default of a class": (
        [
            _K,
            "class Box:\n    def __init__(self, x, y=k):\n        self.size = x * y[0]",
            "Box(2).size, Box(2, [3]).size",
        ],
        {"Box": ()},
    ),
    "methods that read a variable": (
        [
            _K,
            _BOX,
            "box = Box(2)\nbox.size(), isinstance(box, Box)",
        ],
        {"Box": ("k",)},
    ),
    "remembers, and reads a variable": (
        [
            "from functools import lru_cache",
            _K,
            "@lru_cache(maxsize=None)\ndef f(x):\n    return x + k[0]",
            "f(1), f(1), f(2), f.cache_info().hits",
        ],
        {"f": ("k",)},
    ),
    "star import": (["from math import *", "def f(x):\n    return sqrt(x)", "f(4)"], {"f": ()}),
    "name bound to its result": (
        ["def total(x):\n    return sum(x)", "total = total([1, 2])", "total"],
        {"total": ()},
    ),
    "positional-only, rest, keyword-only": (
        [_K, "def f(a, /, *rest, b=2, **more):\n    return a, rest, b, more, k", "f(1, 2, c=3)"],
        {"f": ("k",)},
    ),
    "generator expression as the argument": (
        [_K, "def f(xs):\n    return sum(xs) + k[0]", "f(x for x in range(3))"],
        {"f": ("k",)},
    ),
    "argument list over several lines": (
        [_K, "def f(\n    a,\n    b,\n):\n    return a + b + k[0]", "f(\n    1,\n    2,\n)"],
        {"f": ("k",)},
    ),
    "import after the definition": (
        ["def root(x):\n    return math.sqrt(x)", "import math", "root(9)"],
        {"root": ()},
    ),
    "import in two ways": (
        [
            "from os import path",
            "import posixpath as path",
            "def base(x):\n    return path.basename(x)",
            "base('a/b')",
        ],
        {"base": ()},
    ),
    "evaluates its own names": (
        ["def f(x):\n    y = x + 1\n    return eval('y * x') + eval('1 + 1')", "f(2)"],
        {"f": ()},
    ),
    "default made of a variable": (
        ["n = next(iter([3]))", "def f(x, k=n + 1):\n    return x * k", "f(2), f(3, k=4), f(3, 5)"],
        {"f": ()},
    ),
    "default that a function gives on": (
        [
            "n = next(iter([3]))",
            "def f(x, k=n):\n    return x * k",
            "def g(x):\n    y = f(x)\n    return y + f(x, 5)",
            "g(2), f(3)",
        ],
        {"f": (), "g": ("n",)},
    ),
    "changes an object of the notebook": (
        ["log = []", "def note(x):\n    log.append(x)", "note(1)\nnote(2)", "log"],
        {"note": ("log",)},
    ),
}  # fmt: skip


def test_a_default_whose_name_its_user_has_for_something_else_stays() -> None:
    """What `g` gave on would be its own `n`."""
    cells = (
        "n = next(iter([3]))",
        "def f(x, k=n):\n    return x * k",
        "def g(n):\n    y = f(n)\n    return y",
        "g(2)",
    )
    extraction = extract_steps(step(*cells))
    assert extraction.moved == ()
    assert [(each.name, each.reason) for each in extraction.left] == [
        ("f", "it reads `n` already when it is defined"),
        ("g", "it uses `f`, which stays in the notebook"),
    ]


@pytest.mark.parametrize("name", MOVING)
def test_each_cell_shows_what_it_showed(name: str) -> None:
    """It moves, takes what it looked up, and nothing else is different."""
    cells, expected = MOVING[name]
    notebook = step(*cells)
    extraction = extract_steps(notebook)
    assert {each.name: each.arguments for each in extraction.moved} == expected
    assert extraction.left == ()
    before, after = run(notebook), run(extraction.notebooks[A], extraction.modules)
    assert after.shown == before.shown
    assert after.values == before.values
    assert before.names <= after.names


# What cannot move, and words of the reason.
STAYING = {
    "rebinds and returns": (
        ["n = 0", "def up():\n    global n\n    n += 1\n    return n", "up()"],
        "rebinds `n` in the notebook, and returns something too",
    ),
    "rebinds in an expression": (
        ["n = 0", "def up():\n    global n\n    n += 1", "x = up()"],
        "not only called by itself",
    ),
    "globals": (["a = 1", "def look():\n    return globals()['a']", "look()"], "`globals`"),
    "exec": (["def do(text):\n    exec(text)", "do('1')"], "`exec`"),
    "under an if": (["if True:\n    def f():\n        return 1", "f()"], "under `if`"),
    "in a loop": (["for i in [1]:\n    def f():\n        return i", "f()"], "under `for`"),
    "methods": (
        [
            _K,
            "class Box:\n    @staticmethod\n    def size():\n        return k[0]",
            "Box.size()",
        ],
        "methods use `k`",
    ),
    "late and changing": (
        [
            _K,
            "def make():\n    return lambda: k[0]",
            "f = make()\nf()",
            "k = [2]",
            "f()",
        ],
        "`k`, which changes",
    ),
    "evaluates a name of the notebook": (
        [_K, "def f(x):\n    return eval('k') + [x]", "f(1)"],
        "uses `eval`",
    ),
    "evaluates what it is given": (
        ["def f(x):\n    return eval(x)", "f('1')"],
        "uses `eval`",
    ),
    "default made of what changes": (
        [
            "ks = [next(iter([1]))]",
            "def f(x=ks + [1]):\n    return x",
            "f()",
            "ks.append(2)",
            "f()",
        ],
        "reads `ks` already when it is defined",
    ),
    "read when defined": (
        [_K, "def f(x=k):\n    return x", "f()", "k = 2", "f()"],
        "reads `k` already when it is defined",
    ),
    "passed on and changing": (
        [_K, "def f(x):\n    return x + k[0]", "fs = map(f, [1])", "k = [2]", "list(fs)"],
        "passed on",
    ),
    "called before a variable is there": (
        ["def f(x):\n    return x or k[0]", "f(1)", _K, "f(0)"],
        "called before `k` is bound",
    ),
    "called by a text": (
        [_K, "def f(x):\n    return x + k[0]", "eval('f(' + '1)')"],
        "look up any name",
    ),
}


@pytest.mark.parametrize("name", STAYING)
def test_what_cannot_move_stays_with_its_reason(name: str) -> None:
    """The notebook is as it was, and the reason names what is in the way."""
    cells, reason = STAYING[name]
    notebook = step(*cells)
    run(notebook)
    extraction = extract_steps(notebook)
    assert extraction.moved == ()
    assert [reason in each.reason for each in extraction.left] == [True], extraction.left
    assert (extraction.notebooks, extraction.modules) == ({}, {})


def test_what_registers_itself_stays() -> None:
    """A module would register all of them at once, before the first use."""
    extraction = extract_steps(
        step(
            "from functools import singledispatch",
            "@singledispatch\ndef show(x):\n    return 'any'",
            "show(1)",
            "@show.register\ndef show_whole(x: int):\n    return 'whole'",
            "show(1)",
        )
    )
    assert [each.name for each in extraction.moved] == ["show"]
    assert [each.reason for each in extraction.left] == [
        "its decorator changes `show` when it is defined"
    ]


def test_a_step_that_repeats_a_definition_imports_it() -> None:
    """The definition is in one module, and imports that it alone needed go with it."""
    text = "def length(x):\n    return len(re.sub(' ', '', x))"
    first = step("import re", text, "length('a b')")
    second = step(
        "imports:\nimport math\nimport re", f"definitions:\n{text}", "length('cc')", start=3
    )
    extraction = extract_steps(first, second)
    assert [each.name for each in extraction.moved] == ["length"]
    [module] = [path for path in extraction.modules if "__init__" not in path]
    assert extraction.modules[module].count("def length") == 1
    cells = sources(extraction.notebooks[B])
    assert "definitions" not in cells
    assert "import re" not in cells["imports"]
    assert "import math" in cells["imports"]
    assert extraction.resources == {A: (module,), B: (module,)}
    assert run(extraction.notebooks[B], extraction.modules).shown == {3: "2\n"}


@pytest.mark.parametrize(("author", "stays"), [("import re\n", False), ("re.I\nimport re\n", True)])
def test_an_import_that_only_a_moved_definition_needed_goes(author: str, stays: bool) -> None:  # noqa: FBT001
    """A cell that refine added before the author's own import of the same is not left behind."""
    added = "definitions:\nimport re\n\n\ndef width(x: re.Pattern):\n    return len(x.pattern)"
    extraction = extract_steps(step(added, f"{author}width(re.compile('ab'))"))
    assert [each.name for each in extraction.moved] == ["width"]
    assert ("definitions" in sources(extraction.notebooks[A])) is stays
    assert run(extraction.notebooks[A], extraction.modules).shown == {0: "2\n"}


def test_a_step_that_unpickles_can_import_the_class() -> None:
    """It does not name the class, yet has the path to it, and depends on its module."""
    first = step("class Box:\n    size = 3", "box = Box()")
    second = step("read:\nbox = pickle.load(file)", "1 + 1", start=2)
    extraction = extract_steps(first, second)
    assert "sys.path" in sources(extraction.notebooks[B])["path"]
    assert extraction.resources[B] == extraction.resources[A]


def test_comments_docstring_and_layout_stay() -> None:
    """The text in the module is the author's, to the letter."""
    text = (
        "# rounds half up\n@staticmethod\ndef half_up(x,   digits = 0):  # not as round() does\n"
        '    """Round.\n\n    Half up.\n    """\n    return int(x*10**digits + .5)   # cut'
    )
    extraction = extract_steps(step(f"x = 1\n\n{text}\n\ny = 2"))
    [module] = [text for path, text in extraction.modules.items() if "__init__" not in path]
    assert text in module
    cell = sources(extraction.notebooks[A])[0]
    assert "rounds half up" not in cell
    assert cell.startswith("from late.")
    assert cell.endswith("x = 1\n\ny = 2")


@pytest.mark.parametrize("asked", ["", "\n\nsay?"])
def test_blanks_at_the_end_of_a_line_go_unless_a_string_holds_them(asked: str) -> None:
    """What a function says of itself, and the text that it makes, are what IPython makes them."""
    cell = (
        'def say(x):  # aloud  \n    """Say.  \n    \n    More.\n    """\n    \n'
        '    return f"""{x}  \n\t\n"""  '
    )
    extraction = extract_steps(step(cell + asked))
    [module] = [text for path, text in extraction.modules.items() if "__init__" not in path]
    assert "# aloud\n" in module
    assert '"""\n\n    return' in module
    assert module.endswith('"""\n')
    moved, own = {}, {}
    exec(module, moved)  # noqa: S102
    exec(TransformerManager().transform_cell(cell), own)  # noqa: S102
    assert moved["say"].__doc__ == own["say"].__doc__
    assert moved["say"](1) == own["say"](1)


def test_a_title_and_a_magic_stay_on_top() -> None:
    """The import comes behind what has to be first."""
    cell = "%%time\n# Clean\n\ndef clean(x):\n    return x\n\nclean(1)"
    extraction = extract_steps(step(cell))
    text = sources(extraction.notebooks[A])[0]
    assert text.split("\n")[0] == "%%time"
    assert "from late.cleaning import clean" in text


def test_versions_in_two_steps_are_in_two_modules() -> None:
    """Each step imports the one that it had."""
    first = step("def f(x):\n    return x", "f(1)")
    second = step("def f(x):\n    return x + 1", "f(1)", start=2)
    extraction = extract_steps(first, second)
    assert len({each.module for each in extraction.moved}) == 2
    assert run(extraction.notebooks[A], extraction.modules).shown == {0: "", 1: "1\n"}
    assert run(extraction.notebooks[B], extraction.modules).shown == {2: "", 3: "2\n"}


def test_a_name_that_is_kept_stays() -> None:
    """So does what uses it; the rest moves."""
    notebook = step("def a():\n    return 1", "def b():\n    return a()", "def c():\n    return 3")
    extraction = extract_steps(notebook, keep={"a": "since it varies"})
    assert [each.name for each in extraction.moved] == ["c"]
    assert {each.name: each.reason for each in extraction.left} == {
        "a": "since it varies",
        "b": "it uses `a`, which stays in the notebook",
    }


def test_the_same_input_gives_the_same_text() -> None:
    """Nothing depends on the order of sets."""
    cells = [cell for name in ("constant", "import", "variable") for cell in MOVING[name][0]]
    found = {repr(extract_steps(step(*cells))) for _ in range(3)}
    assert len(found) == 1


def test_nothing_to_move_changes_nothing() -> None:
    """A notebook without definitions is left as it is."""
    assert extract_steps(step("x = 1")) == Extraction()


def test_what_stays_and_passes_on_more_than_before_is_not_what_it_was() -> None:
    """No proof may hold its code against that of the notebook."""
    scale = "def scale(x):\n    return x / len(df)"
    stays = "def show(x):\n    return draw(scale(x))"
    extraction = extract_steps(step("df = next(iter([[1, 2]]))", scale, stays, "scale(3)"))
    [left] = extraction.left
    assert (left.name, left.passes_on) == ("show", True)
    assert rewritten(extraction)["show"] == "it passes on what functions in `src/` take now"
