"""Placeholders such as ``{{root}}`` in ``pipeline.yaml``, replaced as Ploomber replaces them.

Ploomber renders every text with Jinja and then reads what comes out as a Python literal, so that
``"{{n}}"`` with ``n: 15`` is a number, and so is ``"15"``. Of Jinja, names and their parts
(``{{path.data}}``) are understood; anything more is refused.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbrefine.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbrefine.pipeline.located import Document, Keys

_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_JINJA = re.compile(r"\{[{%#]")
_NAME = re.compile(r"\s*([A-Za-z_]\w*)((?:\.\w+|\[\s*(?:'[^']*'|\"[^\"]*\"|\d+)\s*\])*)\s*\Z")
_PART = re.compile(r"\.(\w+)|\[\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+))\s*\]")
# No literal begins with such a letter: paths and names mostly do, and parsing each takes long.
_NO_LITERAL = frozenset("acdeghijklmnopqtvwxyz/")
_WORDS = {"false": False, "true": True, "none": None, "null": None}


def expand(
    document: Document, value: object, environment: Mapping[str, object], keys: Keys = ()
) -> object:
    """Replace the placeholders in a value and in all that it holds.

    Parameters
    ----------
    document
        The file that the value is from.
    value
        The value.
    environment
        What the placeholders stand for.
    keys
        The keys that lead to the value.

    Returns
    -------
    object
        The value with placeholders replaced, and texts that are literals read as such.

    Raises
    ------
    PipelineSpecError
        If a placeholder is not known, or not understood.
    """
    if isinstance(value, Mapping):
        return {k: expand(document, v, environment, (*keys, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [expand(document, v, environment, (*keys, i)) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value
    return as_literal(render(document, value, environment, keys))


def as_literal(text: str) -> object:
    """Read a text as the literal that it may be, as Ploomber does after rendering."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if text[:1] in _NO_LITERAL:
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def render(document: Document, text: str, environment: Mapping[str, object], keys: Keys) -> str:
    """Replace the placeholders in a text.

    Parameters
    ----------
    document, environment, keys
        As for `expand`.
    text
        The text.

    Raises
    ------
    PipelineSpecError
        If a placeholder is not known, or not understood.
    """
    if not _JINJA.search(text):
        return text
    if _JINJA.search(_EXPRESSION.sub("", text)):
        raise document.error(
            f"Only placeholders such as {{{{name}}}} are understood, but this is {text!r}.",
            *keys,
            hint="Jinja's statements and comments ({% %}, {# #}) are left to Ploomber.",
        )

    def replace(match: re.Match[str]) -> str:
        return str(_look_up(document, match[1], environment, keys))

    # Jinja drops one line break from the end of what it renders.
    return _EXPRESSION.sub(replace, text.removesuffix("\n"))


def _look_up(
    document: Document, expression: str, environment: Mapping[str, object], keys: Keys
) -> object:
    match = _NAME.match(expression)
    if match is None:
        raise document.error(
            f"The placeholder {{{{{expression}}}}} is not a plain name.",
            *keys,
            hint="Only names and their parts are understood, such as {{root}} or {{path.data}}.",
        )
    name, path = match[1], match[2]
    if name not in environment:
        raise document.error(
            f"The placeholder {{{{{name}}}}} stands for nothing.",
            *keys,
            hint=f"Define it in env.yaml. {did_you_mean(name, environment)}",
        )
    value = environment[name]
    for part in _PART.finditer(path):
        key = next(group for group in part.groups() if group is not None)
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif part[4] and isinstance(value, list | tuple) and int(key) < len(value):
            value = value[int(key)]
        else:
            raise document.error(
                f"The placeholder {{{{{expression.strip()}}}}} has no part {key!r}.",
                *keys,
                hint=did_you_mean(key, map(str, value)) if isinstance(value, Mapping) else "",
            )
    return value


class Lazy(Mapping[str, object]):
    """A mapping of names to what is worked out when it is first asked for.

    Parameters
    ----------
    sources
        What gives each name's value.
    """

    def __init__(self, sources: Mapping[str, Callable[[], object]]) -> None:
        self._sources = dict(sources)
        self._values: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        """Work a value out, once."""
        if name not in self._values:
            self._values[name] = self._sources[name]()
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, working nothing out."""
        return iter(self._sources)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._sources)
