"""What a notebook shows is the same wherever the project lies."""

from __future__ import annotations

from pathlib import Path

from nbrefine.testing.portable import portable, roots_of


def test_paths_become_relative_and_the_folder_itself_a_word() -> None:
    """Also deep in JSON; a folder whose name only begins so is another one."""
    value = {"a": ["read /my shop/raw.txt in /my shop", "/my shop2/raw.txt"], "n": 1}
    assert portable(value, ["/my shop"]) == {
        "a": ["read raw.txt in <project>", "/my shop2/raw.txt"],
        "n": 1,
    }


def test_a_copy_knows_where_it_was_run() -> None:
    """By the products that were injected."""
    setting = 'n = 3\nproduct = {"nb": "/old place/out/a.ipynb", "data": "/old place/out/a.csv"}\n'
    root = Path("/old place/copy")
    products = {"nb": root / "out/a.ipynb", "data": root / "out/a.csv", "else": Path("/data/x")}
    roots = roots_of(setting, root, products)
    assert roots == ("/old place/copy", "/old place")
    assert portable("/old place/copy/x /old place/y", roots) == "x y"
