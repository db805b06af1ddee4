"""What of a project's own code a notebook reaches: too much costs a run, too little a wrong result.

Each case is a project of a few modules, the notebook's code, one edit, and whether the edit can
change what the notebook does.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

from nbrefine.analysis.facts import Module
from nbrefine.analysis.modules import Finder, Reached, reach
from nbrefine.analysis.normal import read_cell
from nbrefine.analysis.pieces import read_module
from nbrefine.analysis.uses import uses_of

TWO = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
CACHED = (
    "import functools\n\n\n@functools.lru_cache(g())\ndef b():\n    return 1\n\n\n"
    "def a():\n    pass\n"
)
REGISTRY = (
    "FOUND = {}\n\n\ndef register(f):\n    FOUND[f.__name__] = f\n    return f\n\n\n"
    "@register\ndef one():\n    return 1\n\n\ndef run():\n    return FOUND['one']()\n"
)


def read(file: Path) -> Module:
    return read_module(file.read_text())


def reached(root: Path, files: dict[str, str], cell: str, loaded: tuple[str, ...] = ()) -> Reached:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    uses = uses_of([read_cell(cell).tree])
    return reach(uses, Finder([root]), read, loaded=[root / name for name in loaded])


def is_noticed(root: Path, files: dict[str, str], cell: str, edit: dict[str, str]) -> bool:
    before = reached(root, files, cell)
    return before != reached(root, files | edit, cell)


# Name: the files, the notebook's code, what the edit makes of some files.
NOTICED: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "the function itself": ({"m.py": TWO}, "from m import a\na()", {"m.py": TWO.replace("1", "3")}),
    "through the module": ({"m.py": TWO}, "import m\nm.a()", {"m.py": TWO.replace("1", "3")}),
    "under another name": ({"m.py": TWO}, "import m as n\nn.a()", {"m.py": TWO.replace("1", "3")}),
    "a function that it calls": (
        {"m.py": "def a():\n    return b()\n\n\ndef b():\n    return 2\n"},
        "from m import a",
        {"m.py": "def a():\n    return b()\n\n\ndef b():\n    return 3\n"},
    ),
    "a constant": (
        {"m.py": "N = 1\n\n\ndef a():\n    return N\n"},
        "from m import a",
        {"m.py": "N = 2\n\n\ndef a():\n    return N\n"},
    ),
    "a default": (
        {"m.py": "N = 1\n\n\ndef a(n=N):\n    return n\n"},
        "from m import a",
        {"m.py": "N = 2\n\n\ndef a(n=N):\n    return n\n"},
    ),
    "a method": (
        {"m.py": "class A:\n    def f(self):\n        return 1\n"},
        "from m import A\nA().f()",
        {"m.py": "class A:\n    def f(self):\n        return 2\n"},
    ),
    "a base class": (
        {"m.py": "class A:\n    x = 1\n\n\nclass B(A):\n    pass\n"},
        "from m import B",
        {"m.py": "class A:\n    x = 2\n\n\nclass B(A):\n    pass\n"},
    ),
    "in another module": (
        {"m.py": "from n import b\n\n\ndef a():\n    return b()\n", "n.py": TWO},
        "from m import a",
        {"n.py": TWO.replace("2", "3")},
    ),
    "a relative import": (
        {"p/__init__.py": "", "p/m.py": "from .n import b\n\n\ndef a():\n    b()\n", "p/n.py": TWO},
        "from p.m import a",
        {"p/n.py": TWO.replace("2", "3")},
    ),
    "handed on by the package": (
        {"p/__init__.py": "from .m import a\n", "p/m.py": TWO},
        "from p import a",
        {"p/m.py": TWO.replace("1", "3")},
    ),
    "an import within a function": (
        {"m.py": "def a():\n    from n import b\n\n    return b()\n", "n.py": TWO},
        "from m import a",
        {"n.py": TWO.replace("2", "3")},
    ),
    "a registry": ({"m.py": REGISTRY}, "from m import run", {"m.py": REGISTRY.replace("1", "9")}),
    "a registry in another module": (
        {
            "m.py": REGISTRY,
            "n.py": "from m import register\n\n\n@register\ndef two():\n    return 2",
        },
        "import n\nfrom m import run",
        {"n.py": "from m import register\n\n\n@register\ndef two():\n    return 3"},
    ),
    "a register by subclass": (
        {"m.py": "class A:\n    pass\n\n\nclass B(A):\n    x = 1\n\n\ndef run():\n    return 0\n"},
        "from m import run",
        {"m.py": "class A:\n    pass\n\n\nclass B(A):\n    x = 2\n\n\ndef run():\n    return 0\n"},
    ),
    "a decorator's argument": (
        {"m.py": CACHED},
        "from m import a",
        {"m.py": CACHED.replace("1", "3")},
    ),
    "a module that is handed on": (
        {"p/__init__.py": "", "p/m.py": TWO},
        "from p import m\nuse(m)",
        {"p/m.py": TWO.replace("2", "3")},
    ),
    "a star import": ({"m.py": TWO}, "from m import *\na()", {"m.py": TWO.replace("2", "3")}),
    "a star import in a module": (
        {"m.py": "from n import *\n\n\ndef a():\n    return b()\n", "n.py": TWO},
        "from m import a",
        {"n.py": TWO.replace("2", "3")},
    ),
    "getattr": ({"m.py": TWO}, "import m\ngetattr(m, 'a' + '')", {"m.py": TWO.replace("2", "3")}),
    "globals": ({"m.py": TWO}, "from m import a\nglobals()[x]", {"m.py": TWO.replace("2", "3")}),
    "globals in the module": (
        {"m.py": "def a(x):\n    return globals()[x]\n\n\ndef b():\n    return 2\n"},
        "from m import a",
        {"m.py": "def a(x):\n    return globals()[x]\n\n\ndef b():\n    return 3\n"},
    ),
    "eval": ({"m.py": TWO}, "import m\neval(text)", {"m.py": TWO.replace("2", "3")}),
    "a name in a text": (
        {"m.py": "def a(df):\n    return df.query('x > @LEAST')\n\n\nLEAST = 2\n"},
        "from m import a",
        {"m.py": "def a(df):\n    return df.query('x > @LEAST')\n\n\nLEAST = 3\n"},
    ),
    "importlib": (
        {"m.py": TWO},
        "import importlib\nm = importlib.import_module('m')",
        {"m.py": TWO.replace("2", "3")},
    ),
    "a patched module": ({"m.py": TWO}, "import m\nm.b = 1\n", {"m.py": TWO.replace("1", "3")}),
    "a module that patches": (
        {"m.py": TWO, "n.py": "import m\n\nm.a = m.b\n"},
        "import n\nfrom m import a",
        {"n.py": "import m\n\nm.a = None\n"},
    ),
    "a statement on import": (
        {"m.py": TWO + "\nprint(1)\n"},
        "from m import a",
        {"m.py": TWO + "\nprint(2)\n"},
    ),
    "a call on import": (
        {"m.py": TWO + "\nX = make(1)\n"},
        "from m import a",
        {"m.py": TWO + "\nX = make(2)\n"},
    ),
    "a chosen definition": (
        {"m.py": "if X:\n    def a():\n        return 1\n"},
        "from m import a",
        {"m.py": "if Y:\n    def a():\n        return 1\n"},
    ),
    "what unpickling brings back": (
        {"m.py": "class A:\n    x = 1\n\n\ndef b():\n    return 2\n"},
        "import pickle\nimport m\npickle.load(f)",
        {"m.py": "class A:\n    x = 2\n\n\ndef b():\n    return 2\n"},
    ),
    "the package's own code": (
        {"p/__init__.py": "print(1)\n", "p/m.py": TWO},
        "from p.m import a",
        {"p/__init__.py": "print(2)\n"},
    ),
    "a module's __getattr__": (
        {"m.py": TWO + "\n\ndef __getattr__(name):\n    return 1\n"},
        "import m\nm.c",
        {"m.py": TWO + "\n\ndef __getattr__(name):\n    return 2\n"},
    ),
    "another import of the same name": (
        {"m.py": "from n import a as f\n\n\ndef g():\n    return f()\n", "n.py": TWO},
        "from m import g",
        {"m.py": "from n import b as f\n\n\ndef g():\n    return f()\n"},
    ),
    "a module that appears": ({"m.py": TWO}, "import n\nimport m", {"n.py": TWO}),
    "a plugin that a package finds": (
        {
            "p/__init__.py": "import importlib, pkgutil\n\n"
            "for each in pkgutil.iter_modules(__path__):\n"
            "    importlib.import_module(f'p.{each.name}')\n",
            "p/m.py": TWO,
        },
        "import p",
        {"p/n.py": "print(1)\n"},
    ),
    "a module that shadows": (
        {"p/m.py": TWO},
        "from p import m\nm.a()",
        {"p/__init__.py": "m = None\n"},
    ),
    "not Python any more": ({"m.py": TWO}, "from m import a", {"m.py": TWO + "("}),
}
LEFT_ALONE: dict[str, tuple[dict[str, str], str, dict[str, str]]] = {
    "another function": ({"m.py": TWO}, "from m import a", {"m.py": TWO.replace("2", "3")}),
    "another function, by module": (
        {"m.py": TWO},
        "import m\nm.a()",
        {"m.py": TWO.replace("2", "3")},
    ),
    "another function, by a module of a package": (
        {"p/__init__.py": "", "p/m.py": TWO},
        "from p import m\nm.a()",
        {"p/m.py": TWO.replace("2", "3")},
    ),
    "a new function": (
        {"m.py": TWO},
        "from m import a",
        {"m.py": TWO + "\n\ndef c():\n    return 3\n"},
    ),
    "a comment": ({"m.py": TWO}, "from m import a", {"m.py": "# Two.\n" + TWO}),
    "the module's docstring": ({"m.py": TWO}, "from m import a", {"m.py": '"""Two."""\n' + TWO}),
    "formatting": ({"m.py": TWO}, "from m import a", {"m.py": TWO.replace("    ", "  ")}),
    "a module that is not imported": (
        {"m.py": TWO, "n.py": TWO},
        "from m import a",
        {"n.py": TWO.replace("2", "3")},
    ),
    "a sibling of a dataclass": (
        {
            "m.py": "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass A:\n"
            "    x: int = 1\n\n\ndef b():\n    return 2\n"
        },
        "from m import A",
        {
            "m.py": "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass A:\n"
            "    x: int = 1\n\n\ndef b():\n    return 3\n"
        },
    ),
    "what only a script does": (
        {"m.py": TWO + '\n\nif __name__ == "__main__":\n    print(1)\n'},
        "from m import a",
        {"m.py": TWO + '\n\nif __name__ == "__main__":\n    print(2)\n'},
    ),
    "in another module that nothing of it uses": (
        {"m.py": "from n import b\n\n\ndef a():\n    return 1\n", "n.py": TWO},
        "from m import a",
        {"n.py": TWO.replace("2", "3")},
    ),
}


@pytest.mark.parametrize("name", NOTICED)
def test_an_edit_that_may_matter_is_noticed(tmp_path: Path, name: str) -> None:
    """What the notebook reaches is another after the edit."""
    assert is_noticed(tmp_path, *NOTICED[name])


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_an_edit_of_what_is_not_used_is_left_alone(tmp_path: Path, name: str) -> None:
    """What the notebook reaches is the same after the edit."""
    assert not is_noticed(tmp_path, *LEFT_ALONE[name])


def test_pieces_are_named_by_file_and_definition(tmp_path: Path) -> None:
    """A reason can name the function; of a module that cannot be taken apart only the file."""
    files = {"m.py": TWO, "n.py": "print(1)\n"}
    found = reached(tmp_path, files, "from m import a\nimport n, pandas, os")
    assert {(file.name, name) for file, name in found.pieces} == {("m.py", "a"), ("n.py", "")}
    assert found.libraries == {"pandas"}


def test_what_a_run_loaded_counts_even_where_no_code_shows_it(tmp_path: Path) -> None:
    """A module that came in by a way that is not understood counts as a whole."""
    found = reached(tmp_path, {"m.py": TWO, "n.py": TWO}, "from m import a", ("n.py", "m.py"))
    assert {(file.name, name) for file, name in found.pieces} == {("m.py", "a"), ("n.py", "")}


def test_environment_variables_and_files_are_named(tmp_path: Path) -> None:
    """Also those that only a function of the project asks for."""
    text = "import os\n\n\ndef a():\n    return os.environ['HOST'], open('raw/x.csv')\n"
    cell = "from m import a\nimport os\nos.getenv('PORT')\n'USER' in os.environ"
    found = reached(tmp_path, {"m.py": text}, cell)
    assert found.environ == {"HOST", "PORT", "USER"}
    assert found.named == {"raw/x.csv"}


def test_a_circle_of_imports_ends(tmp_path: Path) -> None:
    """Modules that import each other are each followed once."""
    files = {
        "m.py": "import n\n\n\ndef a():\n    return n.b()\n",
        "n.py": "import m\n\n\ndef b():\n    return m.a()\n",
    }
    found = reached(tmp_path, files, "from m import a")
    assert {(file.name, name) for file, name in found.pieces} == {("m.py", "a"), ("n.py", "b")}


def test_names_that_modules_hand_to_each_other_end(tmp_path: Path) -> None:
    """Two modules that each take one name from the other are both reached, once."""
    files = {"m.py": "from n import a\n", "n.py": "from m import a\n"}
    assert len(reached(tmp_path, files, "from m import a").files) == 2


def test_a_long_chain_needs_no_deep_stack(tmp_path: Path) -> None:
    """A hundred modules, each calling the next, with room for a hundred more calls."""
    files = {
        f"m{i}.py": f"from m{i + 1} import f as g\n\n\ndef f():\n    return g()\n"
        for i in range(100)
    }
    files["m100.py"] = "def f():\n    return 1\n"
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(traceback.extract_stack()) + 100)
    try:
        edit = {"m100.py": "def f():\n    return 2\n"}
        assert is_noticed(tmp_path, files, "from m0 import f", edit)
    finally:
        sys.setrecursionlimit(limit)
