"""Names that a cell reads, binds, kills and changes."""

from __future__ import annotations

import ast
import textwrap

import pytest

from nbrefine.analysis.scopes import CellNames, analyse_cell, analyse_statement
from nbrefine.notebook.syntax import to_python

BUILTINS = frozenset(
    {"print", "range", "len", "list", "open", "sum", "sorted", "Exception", "eval"}
)


def names(source: str) -> CellNames:
    return analyse_cell(to_python(textwrap.dedent(source)))


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


READS = {
    "assignment": ("y = x + 1\nz = y", "x"),
    "read then bound": ("y = x\nx = 1", "x"),
    "bound then read": ("x = 1\ny = x", ""),
    "augmented": ("x += 1", "x"),
    "item assignment reads its holder": ("df['a'] = b", "df b"),
    "attribute assignment reads its holder": ("a.b = 1", "a"),
    "if binds on one path": ("if c:\n    x = 1\nprint(x)", "c x"),
    "if binds on both paths": ("if c:\n    x = 1\nelse:\n    x = 2\nprint(x)", "c"),
    "if raises on the other path": (
        "if c:\n    x = 1\nelse:\n    raise ValueError\ny = x",
        "c ValueError",
    ),
    "a loop may not run": ("for i in xs:\n    y = i\nprint(y, i)", "xs y i"),
    "within a loop": ("for i in xs:\n    y = i\n    z = y", "xs"),
    "a loop goes round": ("for i in xs:\n    print(y)\n    y = i", "xs y"),
    "else of a loop without break": ("for i in xs:\n    pass\nelse:\n    y = 1\nz = y", "xs"),
    "else of a loop with break": ("for i in xs:\n    break\nelse:\n    y = 1\nz = y", "xs y"),
    "while": ("while c:\n    c = f(c)\nprint(c)", "c f"),
    "try may be cut short": ("try:\n    x = f()\nexcept E:\n    pass\ny = x", "f E x"),
    "try and handler both bind": ("try:\n    x = f()\nexcept E:\n    x = 0\ny = x", "f E"),
    "handler raises again": ("try:\n    x = f()\nexcept E:\n    raise\ny = x", "f E"),
    "finally binds": ("try:\n    f()\nfinally:\n    x = 0\ny = x", "f"),
    "finally reads": ("try:\n    x = f()\nfinally:\n    g(x)", "f g x"),
    "else of try": ("try:\n    a = 1\nexcept E:\n    b = 1\nelse:\n    b = a\nc = b", "E"),
    "exception name": ("try:\n    f()\nexcept E as e:\n    print(e)", "f E"),
    "with open lets exceptions pass": ("with open(p) as h:\n    x = h\ny = x", "p"),
    "with suppress swallows them": ("with suppress(E):\n    x = f()\ny = x", "suppress E f x"),
    "list comprehension": ("[i * k for i in xs if i > m]", "k xs m"),
    "its target stays inside": ("[i for i in xs]\nprint(i)", "xs i"),
    "nested comprehension": ("[[j for j in i] for i in xs if j]", "xs j"),
    "comprehension shadows": ("[x for x in x]", "x"),
    "dict comprehension": ("{k: v for k, v in d.items()}", "d"),
    "walrus": ("if (n := f()) > 1:\n    print(n)", "f"),
    "walrus behind and": ("a and (n := 1)\nprint(n)", "a n"),
    "walrus in a comprehension": ("[y := i for i in xs]\nprint(y)", "xs y"),
    "walrus in a conditional": ("(x := 1) if c else (x := 2)\nprint(x)", "c"),
    "lambda passed on": ("f(lambda v: v + k)", "f k"),
    "lambda default": ("g = lambda v=k: v", "k"),
    "lambda parameter": ("f(lambda k: k)", "f"),
    "function is not called": ("def f():\n    return x", ""),
    "function is called": ("def f():\n    return x\nf()", "x"),
    "function is passed": ("def f():\n    return x\ng = map(f, xs)", "map x xs"),
    "function calls a function": ("def f():\n    return x\ndef g():\n    return f()\ng()", "x"),
    "function called after its global is bound": ("def f():\n    return x\nx = 1\nf()", ""),
    "function called before": ("def f():\n    return x\nf()\nx = 1", "x"),
    "named lambda is called": ("f = lambda: x\nf()", "x"),
    "default argument": ("def f(a=x):\n    return a", "x"),
    "keyword-only default": ("def f(*, a=x):\n    return a", "x"),
    "annotation": ("def f(a: T) -> R:\n    return a", "T R"),
    "decorator": ("@deco\ndef f():\n    return x", "deco x"),
    "local of a function": ("def f():\n    x = 1\n    return x\nf()", ""),
    "closure": ("def f():\n    x = 1\n    def g():\n        return x + y\n    return g\nf()", "y"),
    "nonlocal": (
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    g()\nf()",
        "y",
    ),
    "global in a function": ("def f():\n    global x\n    x += 1\nf()", "x"),
    "class body": ("class A(B):\n    k = x\n    m = k", "B x"),
    "class scope does not nest": (
        "class A:\n    k = 1\n    def f(self):\n        return k\nA().f()",
        "k",
    ),
    "class scope and comprehension": ("class A:\n    k = 1\n    z = [k for i in xs]", "k xs"),
    "class body falls back to the global": ("class A:\n    if c:\n        k = 1\n    z = k", "c k"),
    "class name deleted falls back": ("class A:\n    k = 1\n    del k\n    z = k", "k"),
    "class is only defined": ("class A:\n    def f(self):\n        return x", ""),
    "class is used": ("class A:\n    def f(self):\n        return x\nA()", "x"),
    "method used in the body": ("class A:\n    def f():\n        return x\n    y = f()", "x"),
    "method of a subclass may run at once": (
        "class A(B):\n    def f(self):\n        return x",
        "B x",
    ),
    "match captures": (
        "match v:\n    case [a, *b]: print(a, b)\n    case {'k': c, **d}: print(c, d)",
        "v",
    ),
    "match value and class": (
        "match v:\n    case m.X:\n        pass\n    case P(a=q):\n        print(q)",
        "v m P",
    ),
    "match without a default": ("match v:\n    case 1:\n        x = 1\nprint(x)", "v x"),
    "match with a default": (
        "match v:\n    case 1:\n        x = 1\n    case _:\n        x = 2\nprint(x)",
        "v",
    ),
    "match guard": ("match v:\n    case w if w > lim:\n        pass", "v lim"),
    "f-string": ("print(f'{x:>{w}} {y!r}')", "x w y"),
    "del needs the name": ("del x", "x"),
    "del of an item": ("del x[k]", "x k"),
    "annotated": ("x: T = y", "T y"),
    "annotation alone": ("x: T\nprint(x)", "T x"),
    "chained comparison": ("a < (b := 1) < (c := 2)\nprint(b, c)", "a c"),
    "import": ("import a.b\nimport c as d\nfrom e import f\na, d, f", ""),
    "unpacking": ("a, *b = x\nprint(a, b)", "x"),
    "swap": ("a, b = b, a", "a b"),
    "subscript target": ("x[i], y = y, 1", "x i y"),
    "star arguments": ("f(*a, **k)", "f a k"),
    "assert message": ("assert x, m", "x m"),
    "await": ("await x", "x"),
    "async for": ("async for i in xs:\n    print(i)", "xs"),
    "generator expression": ("g = (i * k for i in xs)", "k xs"),
    "eval of a literal": ("eval('a + b')", "a b"),
    "exec of a literal": ("exec('a = b')\nprint(a)", "exec b a"),
    "globals by a literal": ("y = globals()['x']", "x"),
    "sought in globals": ("if 'x' not in globals():\n    x = 1", "x"),
    "from main": ("from __main__ import x", "x"),
}


@pytest.mark.parametrize(("source", "expected"), READS.values(), ids=READS)
def test_reads(source: str, expected: str) -> None:
    """A name counts as read where its value before the cell can be seen, on any path."""
    assert names(source).reads - BUILTINS == words(expected)


BINDS = {
    "assignments": ("a = b = 1\nc: int = 2\nd += 1\nf, (g, *h) = x", "a b c d f g h"),
    "blocks": ("for a in x: b = 1\nwith y as d: pass\n(k := 1)", "a b d k"),
    "imports and definitions": ("import e.f\ndef g(): h = 1\nclass i: j = 1", "e g i"),
    "annotation alone binds nothing": ("x: int", ""),
    "a comprehension's target is its own": ("[i for i in x]", ""),
    "walrus leaves a comprehension": ("[j := i for i in x]", "j"),
    "match": ("match v:\n case [a, *b] | {'k': a, **b}: pass\n case C(x=c) as d: pass", "a b c d"),
    "exception name": ("try: f()\nexcept E as e: pass", "e"),
    "global of a function that is called": ("def f():\n    global x\n    x = 1\nf()", "f x"),
    "global of a function that is not called": ("def f():\n    global x\n    x = 1", "f"),
    "global in a class body": ("class A:\n    global x\n    x = 1", "A x"),
    "exec": ("exec('x = 1')", "x"),
    "globals": ("globals()['x'] = 1", "x"),
    "%%capture": ("%%capture out\nx = 1", "out x"),
    "%time": ("%time x = f()", "x"),
    "%timeit keeps its names": ("%timeit x = f()", ""),
    "shell": ("x = !ls", "x"),
    "%%bash --out": ("%%bash --out x\nls", "x"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), BINDS.values(), ids=BINDS)
def test_binds(source: str, expected: str) -> None:
    """A name counts as bound where the cell may bind it among the notebook's variables."""
    assert names(source).binds == words(expected)


KILLS = {
    "bound first": ("x = 1", "x"),
    "read first": ("x = x + 1", ""),
    "one branch": ("if c: x = 1", ""),
    "both branches": ("if c: x = 1\nelse: x = 2", "x"),
    "loop": ("for x in y: z = 1", ""),
    "deleted unread": ("x = 1\ndel x", "x"),
    "deleted": ("del x", ""),
    "try": ("try: x = 1\nexcept E: pass", ""),
    "suppressed": ("with suppress(E): x = 1", ""),
    "two managers of which the second suppresses": ("with open(a) as b, suppress(E): x = 1", "b"),
    "function called first": ("def f(): return x\nf()\nx = 1", "f"),
    "named in a query first": ("df.query('a > @x')\nx = 1", ""),
    "named in a query after": ("x = 1\ndf.query('a > @x')", "x"),
    "all names are looked at": ("x = 1\nprint(globals())", ""),
    "%timeit": ("%timeit x = 1", ""),
    "star import": ("from m import *", ""),
    "walrus maybe": ("a or (x := 1)", ""),
    "ended": ("x = 1\nraise E", ""),
}


@pytest.mark.parametrize(("source", "expected"), KILLS.values(), ids=KILLS)
def test_kills(source: str, expected: str) -> None:
    """A name counts as killed only where every path rebinds or deletes it unread."""
    assert names(source).kills == words(expected)


def test_kills_nothing_where_the_notebook_goes_on_after_a_failure() -> None:
    """A cell that may fail half-way has surely bound nothing."""
    python = to_python("x = 1\ny = 2")
    assert analyse_cell(python).kills == {"x", "y"}
    assert analyse_cell(python, may_fail=True).kills == frozenset()


@pytest.mark.parametrize(
    ("source", "sure", "maybe"),
    [
        ("del x", "x", "x"),
        ("x = 1\ndel x", "x", "x"),
        ("del x\nx = 2", "", "x"),
        ("if c: del x", "", "x"),
        ("for i in y: del x", "", "x"),
        ("try: f()\nexcept E as x: pass", "", "x"),
        ("def f():\n    global x\n    del x\nf()", "", "x"),
        ("try:\n    del x\nfinally:\n    x = 1", "", "x"),
        ("%xdel x", "", "x"),
    ],
)
def test_deletes(source: str, sure: str, maybe: str) -> None:
    """What is surely gone at the end is told from what may be."""
    found = names(source)
    assert (found.deletes, found.may_delete) == (words(sure), words(maybe))


@pytest.mark.parametrize(
    ("source", "sure", "maybe"),
    [
        ("df['a'] = 1", "df", ""),
        ("df.loc[m, 'a'] = 1", "df", ""),
        ("a.b.c = 1", "a", ""),
        ("del d['k']", "d", ""),
        ("x += 1", "x", ""),
        ("x[0] += y", "x", ""),
        ("df.drop(c, inplace=True)", "df", "c"),
        ("df.drop(c, inplace=False)", "", "df c"),
        ("np.add(a, b, out=c)", "c", "np a b"),
        ("setattr(x, 'a', 1)", "x", ""),
        ("x.append(1)", "", "x"),
        ("f(x)", "", "x"),
        ("f([x, y.z])", "", "x y"),
        ("len(x)\nprint(x)\nisinstance(x, y)", "", ""),
        ("y = x\ny.append(1)", "", "x y"),
        ("y = x.a[0]\ny['b'] = 1", "y", "x"),
        ("for r in rows: r.append(1)", "", "rows r"),
        ("[r.pop() for r in rows]", "", "rows"),
        ("for i in it: pass", "", "it"),
        ("a, b = it", "", "it"),
        ("3 in it", "", "it"),
        ("graph << node", "", "graph node"),
        ("def f(): x.append(1)", "", ""),
        ("def f(): x.append(1)\nf()", "", "x"),
        ("def f():\n    y = x\n    y[0] = 1\nf()", "", "x"),
        ("def f(y=x): y.append(1)\nf()", "", "x"),
        ("def f(x=x): x += 1\nf()", "", "x"),
        ("with x as y: y.write(1)", "", "x y"),
        ("(a if c else b)[0] = 1", "a b", ""),
    ],
)
def test_changes(source: str, sure: str, maybe: str) -> None:
    """Objects that are changed by the code's form are told from those that may be."""
    found = names(source)
    local = words("f")
    assert (found.mutates, found.may_mutate - local) == (words(sure), words(maybe))


def test_definition() -> None:
    """A definition says what it reads when made, what when called, what it rebinds and changes."""
    cell = names(
        """
        x = 1

        @deco(d)
        def f(a: T, b=x, *, c=y):
            global counter
            counter += 1
            cache[a] = helper(b)
            local = a
            return local

        class Model(Base):
            size = width
            def fit(self, data: Frame = None):
                return train(data, rate)
        """
    )
    function, model = cell.definitions
    assert (function.name, function.kind, function.line, function.end_line) == (
        "f",
        "function",
        4,
        10,
    )
    assert function.eager == words("deco d T x y")
    assert function.reads == words("deco d T x y counter cache helper")
    assert function.binds == {"counter"}
    assert function.mutates >= words("cache counter")
    assert (model.name, model.kind, model.line, model.end_line) == ("Model", "class", 12, 15)
    assert model.eager == words("Base width Frame")
    assert model.reads == words("Base width Frame train rate")


def test_named_lambda_is_a_definition() -> None:
    """``name = lambda`` is told like a function, so that it can be repeated elsewhere."""
    (found,) = names("f = lambda v, w=k: v + m").definitions
    assert (found.kind, found.eager, found.reads) == ("lambda", {"k"}, {"k", "m"})


def test_definition_in_a_block_is_found() -> None:
    """A function that is defined under a condition is a definition too."""
    (found,) = names("if c:\n    def f():\n        return x").definitions
    assert (found.name, found.line) == ("f", 2)


def test_imports() -> None:
    """Each name that an import binds comes with a statement that binds it alone."""
    cell = names(
        """
        import a.b, c as d
        from ..e import f as g, h
        from i import *
        try:
            import j
        except ImportError:
            j = None
        """
    )
    found = [
        (i.name, i.module, i.attribute, i.statement, i.line, i.is_toplevel) for i in cell.imports
    ]
    assert found == [
        ("a", "a.b", None, "import a.b", 2, True),
        ("d", "c", None, "import c as d", 2, True),
        ("g", "..e", "f", "from ..e import f as g", 3, True),
        ("h", "..e", "h", "from ..e import h", 3, True),
        ("j", "j", None, "import j", 6, False),
    ]
    assert cell.star_imports == ("i",)
    assert cell.binds_unknown


@pytest.mark.parametrize(
    "source",
    [
        "globals()",
        "locals().update(d)",
        "vars()",
        "dir()",
        "eval(text)",
        "exec(open(p).read())",
        "exec(f'{a} = 1')",
        "import __main__",
        "sys.modules['__main__']",
        "get_ipython().user_ns",
        "timeit.timeit('f()', 'from __main__ import f')",
        "inspect.currentframe()",
        "%whos",
        "%run -i other.py",
        "%run other.ipynb",
        "%reset -f",
        "def f(): return globals()\nf()",
        "x = = 1",
    ],
)
def test_uses_all(source: str) -> None:
    """Code that can reach any variable is known as such; broken code counts among it."""
    assert names(source).uses_all


@pytest.mark.parametrize(
    "source",
    [
        "def f(): return locals()\nf()",
        "vars(x)",
        "dir(x)",
        "exec(code, {})",
        "if __name__ == '__main__':\n    f()",
        "df.eval('a + b')",
        "model.eval()",
        "%matplotlib inline",
        "%load_ext autoreload",
    ],
)
def test_does_not_use_all(source: str) -> None:
    """Code that only resembles such code is not taken for it."""
    assert not names(source).uses_all


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("df.query('a > @low and b < @ high')", "low high"),
        ("df.eval('c = a * @k')", "k"),
        ("pd.eval('a + b')", "a b"),
        ("smf.ols('y ~ np.log(x) + f(z)', data)", "y np log x f z"),
        ("formula = 'y ~ x'", "y x"),
        ("fit(f'y ~ {a} + b')", "y b"),
        ("duckdb.sql('select * from df join other using (k)')", "select df join other using k"),
        ("%sql SELECT * FROM flights", "SELECT FROM flights"),
        ("%%R -i df -o out\nplot(df)", "i o df out plot"),
        ("print('select a row from the table')", ""),
        ("read('~/data/x.csv')", ""),
        ("f('a plain text')", ""),
        ("'''y ~ x in a docstring'''", ""),
    ],
)
def test_names_in_texts(source: str, expected: str) -> None:
    """Queries, formulas and SQL name the variables that their library may look up."""
    assert names(source).string_names - {"in"} == words(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("!ls {folder} $name", "folder name"),
        ("x = !ls {folder / 'a'}", "folder"),
        ("files = %sx ls $d", "d"),
        ("%timeit -n 10 -r3 f(x)", "f x"),
        ("%timeit y = f(x); y", "f x"),
        ("%%timeit n = f(k)\ng(n, m)\n%time h", "f k g m h"),
        ("%time f(x)", "f x"),
        ("%%time\nf(x)", "f x"),
        ("%memit f(x)", "f x"),
        ("df.head?", "df head"),
        ("f??", "f"),
        ("%store x", "x"),
        ("%store -r x", ""),
        ("%pdef f", "f"),
        ("%cd {d}", "d"),
        ("%env A=$b", "b"),
        ("%%bash -s '$a'\necho $b", "a"),
        ("%%html\n<b>x</b>", ""),
        ("get_ipython().magic('timeit f(x)')", "f x"),
    ],
)
def test_reads_in_magics(source: str, expected: str) -> None:
    """Names in IPython's own syntax count as reads."""
    found = names(source)
    assert found.reads - {"get_ipython"} == words(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("_ + 1", "_"),
        ("Out[3]", "Out"),
        ("_5 + _i2", "_5 _i2"),
        ("for _ in x: print(_)", ""),
        ("%history", "In"),
    ],
)
def test_history(source: str, expected: str) -> None:
    """Earlier inputs and outputs are told, a throw-away ``_`` is not."""
    assert names(source).history == words(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("d = {'a': lambda v: v + k}", {"d": {"k"}}),
        ("key['x'] = lambda v: v + k", {"key": {"k"}}),
        ("formula = 'y ~ x'", {"formula": {"x", "y"}}),
        ("y = x + 1", {}),
    ],
)
def test_carries(source: str, expected: dict[str, set[str]]) -> None:
    """Values that look names up later are told with these names."""
    assert names(source).carries == expected


def test_calls() -> None:
    """Names that are called, or passed to a call, are told; those of functions are not."""
    assert names("f(x, k=y.z)\nm.fit(X)\nw = v").calls == words("f x y m X")


def test_statement() -> None:
    """One statement is analysed as if it were a cell of its own."""
    tree = ast.parse("x = 1\ny = x")
    assert analyse_statement(tree.body[1]).reads == {"x"}


def test_many_functions_that_call_each_other() -> None:
    """The work stays small where each function of a cell calls all later ones."""
    count = 60
    source = "".join(
        f"def f{i}():\n    return v{i}, {', '.join(f'f{j}' for j in range(i + 1, count + 1))}\n"
        for i in range(count)
    )
    assert len(names(f"{source}f0()").reads) == count + 1
