"""Transformers that learn in ``fit`` what functions take from all rows, and tests of them."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.extract.extraction import module_file
from nbrefine.refine.generated_tests.layout import comprehension, statement, tidy
from nbrefine.refine.generated_tests.properties import MOST_ROWS
from nbrefine.refine.generated_tests.subject import Names, TestText, snake_case
from nbrefine.refine.write.code_layout import wrapped
from nbrefine.refine.write.imports import import_block
from nbrefine.transforms import fitted_transformer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbrefine.refine.extract.extraction import Moved
    from nbrefine.refine.generated_tests.calls import RecordedCall

_DOCSTRING = (
    '''"""Transformers that learn from the training data what functions take from all rows."""'''
)
_BASES = (
    "from sklearn.base import BaseEstimator",
    "from sklearn.base import TransformerMixin",
)


@dataclass(frozen=True)
class Transformer:
    """A class that learns what a function takes from all rows.

    Parameters
    ----------
    name
        Of the class.
    function, home
        Name of the function, and its module.
    imports
        What the class needs: statements that import one name each.
    text
        The class.
    """

    name: str
    function: str
    home: str
    imports: tuple[str, ...]
    text: str

    def source(self) -> str:
        """Return it as a module of its own."""
        return "\n".join([*self.imports, "", "", self.text])


def transformers_of(moved: Iterable[Moved], modules: Mapping[str, str]) -> dict[str, Transformer]:
    """Write what may learn what functions take from all rows.

    Parameters
    ----------
    moved
        The functions and classes in ``src/``.
    modules
        Path relative to the root (``src/delays/cleaning.py``) and text.

    Returns
    -------
    dict of str to Transformer
        By function. Of two of one name there is none, nor where the project has a module that is
        called as theirs would be.
    """
    definitions = list(moved)
    if any(each.module.endswith(".transformers") for each in definitions):
        return {}
    often = Counter(each.name for each in definitions)
    found: dict[str, Transformer] = {}
    names = {*often}
    for each in definitions:
        if each.kind != "function" or often[each.name] > 1:
            continue
        transformer = transformer_of(each, modules[module_file(each.module)])
        if transformer is not None and transformer.name not in names:
            names.add(transformer.name)
            found[each.name] = transformer
    return found


def transformer_of(moved: Moved, module: str) -> Transformer | None:
    """Write the class that learns what a function takes from all rows.

    Parameters
    ----------
    moved
        The function.
    module
        The text of its module.

    Returns
    -------
    Transformer or None
        None where there is nothing to learn, or no fixed statistic stands for the batch.
    """
    written = fitted_transformer(with_last(module, moved.name))
    if written is None:
        return None
    node = ast.parse(written.source).body[-1]
    text = ast.get_source_segment(written.source, node) or ""
    lines = [part for line in tidy(text).splitlines() for part in _laid_out(line)]
    return Transformer(
        written.name,
        moved.name,
        moved.module,
        tuple(_imports(node, module, moved.module)),
        "\n".join(lines),
    )


def with_last(module: str, name: str) -> str:
    """Return a module's text with one of its functions at the end.

    Parameters
    ----------
    module
        The text.
    name
        The function's.
    """
    nodes = ast.parse(module).body
    own = [node for node in nodes if getattr(node, "name", None) == name]
    return ast.unparse(ast.Module([*(node for node in nodes if node not in own), *own], []))


def write_module(transformers: Iterable[Transformer], package: str) -> str:
    """Return the text of the module that has transformers.

    Parameters
    ----------
    transformers
        At least one.
    package
        The project's.
    """
    found = list(transformers)
    imports = [line for each in found for line in each.imports]
    classes = "\n\n\n".join(each.text for each in found)
    return "\n".join([_DOCSTRING, "", *import_block(imports, package), "", "", classes]) + "\n"


def transformer_tests(transformer: Transformer, record: RecordedCall) -> list[TestText]:
    """Write that a transformer gives what its function gives, and the same for a row alone.

    Parameters
    ----------
    transformer
        The class.
    record
        A recorded call of the function.
    """
    (argument,) = record.calls[0].arguments
    taken = {*Names().taken, "learnt", "fitted", "place", transformer.function}
    frame = Names(taken).free(argument.name)
    result = record.calls[0].outcome.result
    kind = "series" if result is not None and result.kind == "series" else "frame"
    stem, given = snake_case(transformer.name), tidy(argument.value.expression)
    same = f"test_{stem}_learns_what_the_function_takes"
    alone = f"test_{stem}_serves_row_by_row_once_fitted"
    row = f"{frame}.iloc[[place]]"
    lines = [
        f"def {same}():",
        f"    {frame} = {given}",
        "",
        f"    learnt = {transformer.name}().fit_transform({frame})",
        "",
        f"    assert_{kind}_equal(learnt, {transformer.function}({frame}.copy()))",
    ]
    compared = ["pd.concat(rows)", f"fitted.transform({frame})", "check_dtype=False"]
    more = [
        f"def {alone}():",
        f"    {frame} = {given}.head({MOST_ROWS})",
        "",
        f"    fitted = {transformer.name}().fit({frame})",
        *comprehension("rows", ("fitted.transform(", [row], ")"), f"place in range(len({frame}))"),
        "",
        *statement(f"assert_{kind}_equal(", compared, ")"),
    ]
    texts = {same: lines, alone: more}
    return [
        TestText(name, tuple(text), (record,), (transformer.name,)) for name, text in texts.items()
    ]


def _laid_out(line: str) -> list[str]:
    pad = line[: len(line) - len(line.lstrip())]
    return [f"{pad}{part}".rstrip() for part in wrapped(line.lstrip(), 88 - len(pad))]


def _imports(node: ast.stmt, module: str, home: str) -> Iterator[str]:
    """Give what a class imports: as its function's module does, and of that module itself."""
    used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    bound = _bound(module, home)
    yield from _BASES
    for name in sorted(used & bound.keys()):
        yield bound[name]


def _bound(module: str, home: str) -> Mapping[str, str]:
    """Return by each name that a module binds the statement that imports it elsewhere."""
    bound: dict[str, str] = {}
    for node in ast.parse(module).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                bound[name] = ast.unparse(_one(node, alias))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound[node.name] = f"from {home} import {node.name}"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for each in ast.walk(target):
                    if isinstance(each, ast.Name):
                        bound[each.id] = f"from {home} import {each.id}"
    return bound


def _one(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(node.module, [alias], node.level)
