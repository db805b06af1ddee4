"""Code that reaches the variables other than by their names: `globals()`, `exec`, `__main__`."""

from __future__ import annotations

import ast

from nbrefine.analysis.mutation import dotted

_HERE = frozenset({"locals", "vars"})
_WHOLE = frozenset(
    {
        *("sys._getframe", "inspect.currentframe", "inspect.stack", "dill.dump_session"),
        *("dill.load_session", "dill.dump_module", "dill.load_module"),
    }
)
_RUNNERS = frozenset({"cProfile.run", "profile.run", "runpy.run_path"})
_SHELL_METHODS = frozenset({"run_cell", "run_code", "ev", "ex", "push", "drop_by_id", "reset"})


def is_namespace(node: ast.AST, *, in_function: bool) -> bool:
    """Whether an expression is the dictionary of the notebook's variables.

    Parameters
    ----------
    node
        The expression.
    in_function
        Whether it stands in a function, where ``locals()`` is another.
    """
    if isinstance(node, ast.Attribute):
        return node.attr in {"user_ns", "user_global_ns"}
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    if node.args or node.keywords:
        return False
    return node.func.id == "globals" or (node.func.id in _HERE and not in_function)


def reaches_all(node: ast.Call, *, in_function: bool) -> bool:
    """Whether a call may look at any variable, or change any."""
    if isinstance(node.func, ast.Name) and node.func.id == "dir":
        return not node.args and not in_function
    name = dotted(node.func)
    if name in _WHOLE:
        return True
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in _SHELL_METHODS
        and (
            "get_ipython" in ast.unparse(node.func.value) or name in {"ip.ev", "ip.ex", "shell.ev"}
        )
    )


def executed(node: ast.Call) -> tuple[str, bool] | None:
    """Return what a call executes as code, if it does.

    Returns
    -------
    tuple of str and bool, or None
        The code and whether it is known: not if it is computed when the notebook runs. None
        where the call executes nothing, or only in a dictionary that it spells out.
    """
    name = dotted(node.func)
    if name not in {"eval", "exec", *_RUNNERS} or not node.args:
        return None
    if len(node.args) > 1 and isinstance(node.args[1], ast.Dict) and name in {"eval", "exec"}:
        return None
    first = node.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value, name != "runpy.run_path"
    return "", False
