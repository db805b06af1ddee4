"""The text of a declaration, with what was not decided as comments."""

from __future__ import annotations

import keyword
import re
import textwrap
from typing import TYPE_CHECKING

from nbrefine.transforms import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.declare.choosing import Choice, Transform
    from nbrefine.refine.declare.kinds import Column

_JOIN = re.compile(r"\.(?:merge|join)\(")
_WIDTH = 88  # of a line, as formatters have it
_HEAD = '''"""The features, declared once for training and serving.

`nbrefine serve init` wrote this for you to review; what it could not decide is marked with
DECIDE. Nothing here is needed to build the pipeline.
"""'''
_FUTURE = "from __future__ import annotations"
_ASKED_AT = '''def asked_at(requests: pd.DataFrame) -> pd.Series:
    """Say when each request is asked."""
    return pd.Series(pd.Timestamp("2000-01-01", tz="UTC"), requests.index)'''
_WHEN = (
    "DECIDE: nothing is looked up yet, so that the time of asking does not matter. As soon as "
    "there are LOOKUPS it says what was known: work it out from the request's columns. Without "
    "this function a request is asked when it comes, and recorded ones need a column `asked_at`."
)
_LOOKUPS = (
    "DECIDE: which of these columns does a request not carry, but a table knows? Such a column "
    "goes from Request to LOOKUPS, with the table, its key, and when a row became known."
)


def declaration(choice: Choice, columns: Sequence[Column]) -> str:
    """Write a declaration.

    Parameters
    ----------
    choice
        What can be declared.
    columns
        What a request carries.

    Returns
    -------
    str
        The text of a module.
    """
    declared = [each for each in choice.transforms if not each.why_not]
    dates = any("dt." in each.annotation for each in columns)
    imports = [
        _HEAD,
        _FUTURE,
        *(["import datetime as dt"] if dates else []),
        "import pandas as pd",
        "\n".join(_imports(declared)),
    ]
    sections = [
        "\n\n".join(each for each in imports if each),
        "\n".join(_request(columns)),
        "\n".join([*_comment(_LOOKUPS), "LOOKUPS: dict[str, dict[str, object]] = {}"]),
        "\n".join([*_comment(_WHEN), _ASKED_AT]),
        "\n".join([*_left_out(choice), *_transforms(declared)]),
    ]
    return "\n\n\n".join(sections) + "\n"


def _imports(declared: Sequence[Transform]) -> Iterator[str]:
    by_module: dict[str, list[str]] = {}
    for each in declared:
        by_module.setdefault(each.called.module, []).append(each.called.name)
    for module, names in sorted(by_module.items()):
        line = f"from {module} import {', '.join(sorted(names))}"
        if len(line) > _WIDTH:
            inner = "".join(f"    {name},\n" for name in sorted(names))
            line = f"from {module} import (\n{inner})"
        yield line


def _request(columns: Sequence[Column]) -> Iterator[str]:
    yield "class Request:"
    yield '    """What a request carries."""\n'
    for each in columns:
        if each.open:
            yield from _comment(f"DECIDE: {each.open}.", "    ")
        plain = each.name.isidentifier() and not keyword.iskeyword(each.name)
        if plain:
            yield f"    {each.name}: {each.annotation}"
        else:
            said = f"DECIDE: the column {each.name!r} needs a name that Python can write."
            yield from _comment(said, "    ")


def _transforms(declared: Sequence[Transform]) -> Iterator[str]:
    names = [each.called.name for each in declared]
    line = f"TRANSFORMS = [{', '.join(names)}]"
    if len(line) > _WIDTH:
        line = "TRANSFORMS = [\n" + "".join(f"    {name},\n" for name in names) + "]"
    yield line


def _left_out(choice: Choice) -> Iterator[str]:
    yield from _comment("Each row is made of that row alone, in this order.")
    for each in choice.transforms:
        if each.why_not and each.kind.kind is not Kind.RESHAPING:
            yield from _comment(f"DECIDE: {each.called.name} is not here: {each.why_not}.")
            if each.kind.kind is not Kind.ROW_WISE:
                yield from _comment(f"It is {each.kind}", before="#   ")
    for name, maker in choice.lacking.items():
        yield from _comment(f"DECIDE: the model is fitted on {name!r}, which {maker} makes.")
    # What makes training data is decided: a request has one row.
    reshaping = [each for each in choice.transforms if each.kind.kind is Kind.RESHAPING]
    if joins := ", ".join(each.called.name for each in reshaping if _joins(each)):
        yield from _comment(
            f"DECIDE: {joins}: to join a table is a look-up while serving. Declare it in LOOKUPS."
        )
    if reshaping:
        yield from _comment("For training data only, since they change which rows there are:")
        for each in reshaping:
            yield from _comment(f"{each.called.name}: {each.kind}", before="#   ")
    if choice.elsewhere:
        names = ", ".join(dict.fromkeys(each.name for each in choice.elsewhere))
        yield from _comment(
            f"DECIDE: these are called on other tables: {names}. Does a request need what is in "
            "them? Then they belong to the step that writes the look-up tables."
        )


def _joins(transform: Transform) -> bool:
    """Tell whether a table is joined."""
    return bool(_JOIN.search(transform.kind.statement or ""))


def _comment(text: str, indent: str = "", before: str = "# ") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent + before,
        subsequent_indent=indent + before,
        break_long_words=False,
        break_on_hyphens=False,
    )
