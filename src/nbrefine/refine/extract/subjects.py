"""Which module a definition belongs to, told by what it does and by the step it comes from."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from nbrefine.refine.segment.verbs import PATTERNS, calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.refine.extract.definitions import Definition, Key
    from nbrefine.refine.extract.needs import Needs

# For each verb the module, and what the module is for.
_MODULES = {
    "load": "loading",
    "clean": "cleaning",
    "features": "features",
    "split": "modeling",
    "train": "modeling",
    "evaluate": "evaluation",
    "test": "hypotheses",
    "simulate": "simulation",
    "plot": "plots",
    "save": "saving",
    "explore": "summaries",
}
DOCSTRINGS = {
    "loading": "Load the data.",
    "cleaning": "Clean the data.",
    "features": "Make features.",
    "modeling": "Fit models.",
    "evaluation": "Judge models.",
    "hypotheses": "Test hypotheses.",
    "simulation": "Simulate.",
    "plots": "Plot.",
    "saving": "Save results.",
    "summaries": "Summarize the data.",
    "calculations": "Calculate.",
    "classes": "The classes that the steps use.",
}
# What a name says of its function outweighs what the function calls.
_NAMES = {
    "loading": r"load|read|fetch|get_data|download|import",
    "cleaning": r"clean|fix|tidy|drop|fill|impute|normali[sz]e_text|parse|strip|sample_rows"
    r"|select_rows|rename|replace|convert|cap|(?:re)?set_index",
    "features": r"feature|encode|bin|bucket|add|make|build|transform|scale|is|has",
    "modeling": r"train|fit|model|optimi[sz]e|learn",
    "evaluation": r"eval|evaluate|score|accuracy|rmse|mae|mape|r2|f1|auc|gini|recall|metric|error"
    r"|loss|predict|forecast",
    "simulation": r"simulate|sample|generate|draw_random|random",
    "plots": r"plot|draw|chart|hist|visuali[sz]e|graph|scatter",
    "summaries": r"summar\w+|describe|report|print|explore|count|aggregate|pivot"
    r"|sum|mean|median|distinct",
    "saving": r"save|write|export|dump",
}
_WORDS = {name: re.compile(rf"(?:^|_)(?:{words})(?:_|$|s$)") for name, words in _NAMES.items()}
# What a call says, beside the others: a plot in a function makes it a function that plots.
_SAYS = {
    "plot": 3,
    "train": 3,
    "load": 3,
    "save": 2,
    "evaluate": 2,
    "simulate": 2,
    "test": 2,
    "explore": 0.4,
}
_DRAWING = re.compile(r"(?:plt|ax(?:es|s)?\d*|fig|sns)\.")
_TRIVIAL_LINES = 4
_EARLIER = "earlier_"


def choose_modules(
    moving: Mapping[Key, Definition], needs: Mapping[Key, Needs], arguments: Iterable[str] = ()
) -> dict[Key, str]:
    """Choose a module for each definition.

    Parameters
    ----------
    moving
        The definitions, in their order.
    needs
        What each needs of the others.
    arguments
        Names that no module may have.

    Returns
    -------
    dict of Key to str
        Names of modules: as few as tell subjects apart, none with a trivial function alone, and
        none that import each other.
    """
    taken = frozenset(arguments)
    chosen = {key: _subject(each) for key, each in moving.items()}
    for key, each in moving.items():
        if each.is_class:
            _follow_base(key, chosen, needs, moving)
    chosen = _without_trivial(chosen, moving, needs)
    chosen = _without_cycles(chosen, needs)
    chosen = _each_version_apart(chosen)
    return {key: f"{name}_" if name in taken else name for key, name in chosen.items()}


def is_earlier(module: str) -> bool:
    """Whether a module holds earlier versions of definitions."""
    return module.startswith(_EARLIER)


def is_trivial(definition: Definition) -> bool:
    """Whether a definition is too short to have a module for itself."""
    lines = len(definition.text.split("\n"))
    first = definition.node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines <= _TRIVIAL_LINES


def module_docstring(module: str) -> str:
    """Return the docstring of a module."""
    subject = module.strip("_")
    plain = re.sub(r"_\d+$", "", subject.removeprefix(_EARLIER))
    known = DOCSTRINGS.get(plain, "Values that never change.")
    return f"Earlier versions. {known}" if subject.startswith(_EARLIER) else known


def _each_version_apart(chosen: Mapping[Key, str]) -> dict[Key, str]:
    """Give the earlier versions of a definition a module of their own."""
    taken: set[tuple[str, str]] = set()
    result = {}
    for key, module in reversed([*chosen.items()]):
        apart, number = module, 0
        while (key[0], apart) in taken:
            number += 1
            apart = f"{_EARLIER}{module}" + (f"_{number}" if number > 1 else "")
        taken.add((key[0], apart))
        result[key] = apart
    return {key: result[key] for key in chosen}


def _subject(definition: Definition) -> str:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", definition.name).lower()
    methods = {each.name for each in ast.walk(definition.node) if isinstance(each, ast.FunctionDef)}
    if definition.is_class and "fit" in methods:
        return "features" if "transform" in methods else "modeling"
    if not definition.is_class:
        for module, words in _WORDS.items():
            # What makes a picture makes no feature.
            if words.search(name) and not (module == "features" and _draws(definition.node)):
                return module
    votes: dict[str, float] = defaultdict(float)
    for call in calls(definition.node):
        verb = next((verb for verb, pattern in PATTERNS.items() if pattern.match(call)), None)
        if verb is not None:
            votes[_MODULES[verb]] += _SAYS.get(verb, 1)
    step = definition.first.namespace.path.rpartition("/")[2].removesuffix(".ipynb")
    for verb, module in _MODULES.items():
        if re.match(rf"{verb}|{module}", step):
            votes[module] += 1
    if votes:
        return max(sorted(votes), key=lambda module: votes[module])
    return "classes" if definition.is_class else "calculations"


def _draws(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and _DRAWING.match(ast.unparse(each.func))
        for each in ast.walk(node)
    )


def _follow_base(
    key: Key,
    chosen: dict[Key, str],
    needs: Mapping[Key, Needs],
    moving: Mapping[Key, Definition],
) -> None:
    """Put a subclass where its base is."""
    node = moving[key].node
    bases = {each.id for each in getattr(node, "bases", ()) if isinstance(each, ast.Name)}
    for other in needs[key].definitions:
        if other[0] in bases and other in chosen:
            chosen[key] = chosen[other]


def _without_trivial(
    chosen: Mapping[Key, str], moving: Mapping[Key, Definition], needs: Mapping[Key, Needs]
) -> dict[Key, str]:
    """Dissolve modules that hold one short definition: it goes where it is used, or most are."""
    result = dict(chosen)
    sizes = Counter(chosen.values())
    for key, module in chosen.items():
        short = is_trivial(moving[key])
        if sizes[module] > 1 or not short or len(sizes) == 1:
            continue
        near = Counter(
            result[other]
            for other in result
            if other != key and (key in needs[other].definitions or other in needs[key].definitions)
        )
        rest = Counter(result[other] for other in result if other != key)
        result[key] = max(sorted(near or rest), key=lambda name: (near[name], rest[name]))
        sizes = Counter(result.values())
    return result


def _without_cycles(chosen: Mapping[Key, str], needs: Mapping[Key, Needs]) -> dict[Key, str]:
    """Join modules that would import each other."""
    result = dict(chosen)
    while True:
        reached = _reached(result, needs)
        joined = next(
            ((a, b) for a in sorted(reached) for b in sorted(reached[a])
             if a != b and a in reached.get(b, ())),
            None,
        )  # fmt: skip
        if joined is None:
            return result
        sizes = Counter(result.values())
        kept, gone = sorted(joined, key=lambda name: (-sizes[name], name))
        result = {key: kept if name == gone else name for key, name in result.items()}


def _reached(chosen: Mapping[Key, str], needs: Mapping[Key, Needs]) -> dict[str, set[str]]:
    """Return for each module those that it imports, also through others."""
    direct: dict[str, set[str]] = defaultdict(set)
    for key, module in chosen.items():
        direct[module] |= {chosen[other] for other in needs[key].definitions} - {module}
    reached = {module: set(others) for module, others in direct.items()}
    for _ in reached:
        for others in reached.values():
            others |= {far for near in tuple(others) for far in reached.get(near, ())}
    return reached
