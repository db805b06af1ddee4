"""What a dotted name stands for: `plt.rcParams` is `matplotlib.rcParams`."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.analysis.cell_names import CellNames

# What these names mean in a cell that does not import them itself.
CONVENTIONS = {
    **{
        name: name
        for name in (
            *("os", "sys", "random", "warnings", "logging", "locale", "decimal", "time", "uuid"),
            *("datetime", "subprocess", "shutil", "requests", "seaborn", "sklearn", "torch"),
            *("tensorflow", "keras", "matplotlib", "pandas", "numpy", "plotly", "altair", "polars"),
            *("urllib", "socket", "secrets", "pickle", "joblib", "json", "sqlite3", "jax"),
        )
    },
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "tf": "tensorflow",
    "alt": "altair",
    "pl": "polars",
    "px": "plotly.express",
    "pio": "plotly.io",
    "sm": "statsmodels.api",
    "dt": "datetime",
}
# The same object under several names.
_SAME = tuple(
    (re.compile(rf"{pattern}(?=\.|\Z)"), name)
    for pattern, name in (
        (r"(?:matplotlib\.)?pylab", "matplotlib.pyplot"),
        (r"matplotlib\.pyplot\.(?:matplotlib|mpl)", "matplotlib"),
        (r"matplotlib\.pyplot\.(rcParams|style|rc|rcdefaults|rc_file)", r"matplotlib.\1"),
        (r"seaborn\.mpl", "matplotlib"),
        (r"tensorflow\.keras", "keras"),
        (r"datetime\.now", "datetime.datetime.now"),
        (r"bokeh\.(?:plotting|io)", "bokeh.io"),
    )
)
# Functions that a star import is known to bring, as far as they have effects.
_STARS = {
    "random": "random seed shuffle choice choices sample randint randrange uniform gauss",
    "numpy.random": "seed shuffle choice permutation randint rand randn normal uniform",
    "pylab": "rcParams rc seed rand randn",
    "matplotlib.pyplot": "rcParams rc style ion ioff",
    "seaborn": "set set_theme set_style set_context set_palette",
}
_IN_NUMPY = frozenset({"seed", "rand", "randn"})


def module_aliases(cells: Iterable[CellNames]) -> dict[str, str]:
    """Say what names stand for after some cells.

    Parameters
    ----------
    cells
        Names of the cells, in their order.

    Returns
    -------
    dict of str to str
        Dotted origin of each imported name: ``{"npr": "numpy.random"}``.
    """
    found: dict[str, str] = {}
    for cell in cells:
        for module in cell.star_imports:
            found |= _from_star(module)
        for each in cell.imports:
            origin = each.module if each.attribute is None else f"{each.module}.{each.attribute}"
            plain = each.attribute is None and each.name == each.module.partition(".")[0]
            found[each.name] = each.name if plain else origin
    return found


def aliases_of(tree: ast.AST) -> dict[str, str]:
    """Return what the imports in some code, those in functions too, make names stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if alias.name == "*":
                    found |= _from_star(node.module)
                else:
                    found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def resolved(name: str, aliases: Mapping[str, str]) -> str | None:
    """Return what a dotted name stands for.

    Parameters
    ----------
    name
        As the code has it: ``plt.style.use``.
    aliases
        What names stand for.

    Returns
    -------
    str or None
        ``matplotlib.style.use``; None where its first part was not imported.
    """
    first, dot, rest = name.partition(".")
    origin = aliases.get(first)
    if origin is None:
        return None
    full = origin + dot + rest
    for pattern, replacement in _SAME:
        full = pattern.sub(replacement, full, count=1) if pattern.match(full) else full
    return full


def _from_star(module: str) -> dict[str, str]:
    names = _STARS.get(module, "").split()
    if module == "pylab":
        return {name: f"numpy.random.{name}" if name in _IN_NUMPY else name for name in names} | {
            "rcParams": "matplotlib.rcParams",
            "rc": "matplotlib.rc",
        }
    return {name: f"{module}.{name}" for name in names}
