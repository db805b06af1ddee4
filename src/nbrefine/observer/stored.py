"""Tries which format stores values exactly: writes them, reads them back, compares digests."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .kinds import handler_of
from .own import OwnModules
from .repair import repairs
from .walk import ATOMS, Walk

_SECONDS = 60.0
_OF_THIS_RUN = (
    (re.compile(r"0x[0-9a-f]+"), "..."),
    (re.compile(r"<module '__main__'[^>]*>"), "the notebook"),
    (re.compile(r"(?<![^\s'\"])[^\s'\"]*nbrefine-\w{8}/(?:run|backup)/(?:stored/)?"), ""),
)

Formats = Mapping[str, Mapping[str, Any]]


class Signature(NamedTuple):
    """What has to be the same for values to count as stored exactly.

    Parameters
    ----------
    digests
        Of each name; None if it is opaque.
    sharing
        Groups of names that reach the same objects, and how many objects that are.
    distinct
        How many mutable objects all names reach together.
    opaque
        Why a name is opaque, by name.
    held
        Functions and classes of the user's that are reached: then a file alone may not be enough.
    reads
        Names that such functions, and the methods of such classes, read.
    """

    digests: dict[str, Any]
    sharing: list[Any]
    distinct: int
    opaque: dict[str, str]
    held: list[str]
    reads: list[str]


def signature(names: Mapping[str, Any], wanted: Sequence[str]) -> Signature:
    """Return the signature of some names.

    Parameters
    ----------
    names
        All names and their values.
    wanted
        Those that are stored together.
    """
    holders: dict[int, list[str]] = {}
    digests, opaque, walks = {}, {}, []
    for name in wanted:
        walk = _new_walk()
        walks.append(walk)
        digests[name] = walk.digest(names[name])
        if walk.opaque:
            opaque[name] = walk.opaque
        for address in walk.reached:
            holders.setdefault(address, []).append(name)
    groups: dict[str, int] = {}
    for held_by in holders.values():
        if len(held_by) > 1:
            groups[" ".join(held_by)] = groups.get(" ".join(held_by), 0) + 1
    sharing = [list(item) for item in sorted(groups.items())]
    held = sorted({name for walk in walks for name in walk.held})
    methods = _new_walk()
    for walk in walks:
        methods.digest(list(walk.classes.values()))
    reads = sorted({name for walk in (*walks, methods) for name in walk.reads})
    return Signature(digests, sharing, len(holders), opaque, held, reads)


def _new_walk() -> Walk:
    return Walk(OwnModules(), handler_of, {}, {}, time.perf_counter() + _SECONDS)


def same(left: Signature, right: Signature, *, strict: bool) -> bool:
    """Tell whether two signatures stand for the same values."""
    exact = left.digests == right.digests and left.sharing == right.sharing
    return exact and (not strict or left.distinct == right.distinct)


def store(groups: Sequence[Sequence[str]], stem: str, formats: Formats) -> list[dict[str, Any]]:
    """Write each group of names in the formats that may do.

    Parameters
    ----------
    groups
        Names that are to be stored together.
    stem
        Path that the files begin with.
    formats
        What is known of each format.

    Returns
    -------
    list of dict
        For each group its signature, and the tries that were exact here, plainest first.
    """
    names = sys.modules["IPython"].get_ipython().user_ns
    return [
        _store_group(names, list(group), f"{stem}-{number}", formats)
        for number, group in enumerate(groups)
    ]


def _store_group(
    names: Mapping[str, Any], group: list[str], stem: str, formats: Formats
) -> dict[str, Any]:
    report: dict[str, Any] = {"names": group, "tries": [], "reason": ""}
    missing = [name for name in group if name not in names]
    if missing:
        report["reason"] = f"{missing[0]} is not bound"
        return report
    expected = signature(names, group)
    if expected.opaque:
        name, why = next(iter(expected.opaque.items()))
        report["reason"] = f"{name} holds something that cannot be looked into: {why}"
        return report
    value = names[group[0]]
    alone = all(names[name] is value for name in group)
    strict = not alone or type(value).__module__ in ("builtins", "__main__")
    report.update(signature=expected._asdict(), strict=strict)
    reasons = []
    for kind in _candidates(value) if alone else _BUNDLES:
        attempt, why = _attempt(names, group, formats[kind], stem, expected, strict=strict)
        if attempt is not None:
            report["tries"].append(attempt)
            if not (
                expected.held or expected.reads
            ):  # where code of the user's matters, one try may not be enough
                break
        else:
            reasons.append(f"{kind}: {why}")
    report["reason"] = "; ".join(reasons)
    return report


def _attempt(  # noqa: PLR0913  (a try has that many sides)
    names: Mapping[str, Any],
    group: list[str],
    form: Mapping[str, Any],
    stem: str,
    expected: Signature,
    *,
    strict: bool,
) -> tuple[dict[str, Any] | None, str]:
    """Write in one format and read back; the second value says why that was not exact."""
    # A file for each try: a fresh process reads them all, when the last is written.
    path = f"{stem}-{form['name']}{form['extension']}"
    try:
        _run(form["imports"], form["write"], {name: names[name] for name in group}, group, path)
        back = load(group, form, path, ())
        lines = repairs(group, names, back)
        for line in lines:
            _execute(line, back)
        if not same(expected, signature(back, group), strict=strict):
            return None, "what is read back is not what was written"
    except Exception as error:  # whatever a format does not take
        return None, _said(error)
    size = os.path.getsize(path)
    return {"format": form["name"], "path": path, "repair": lines, "bytes": size}, ""


def load(
    group: Sequence[str], form: Mapping[str, Any], path: str, repair: Sequence[str]
) -> dict[str, Any]:
    """Read names from a file, by the very lines that a step would have.

    Returns
    -------
    dict
        The names, and what the lines imported.
    """
    names: dict[str, Any] = {}
    _run(form["imports"], form["read"], names, group, path)
    for line in repair:
        _execute(line, names)
    return names


def check(tries: Sequence[Mapping[str, Any]], formats: Formats, path: str, start: int) -> None:
    """Read files in a process of their own, and write down what was read, one line a file.

    Parameters
    ----------
    tries
        What `store` reported, each with its group's ``names``.
    formats
        What is known of each format.
    path
        Where to write.
    start
        The first try to look at; those before are done.
    """
    for number, attempt in enumerate(tries[start:], start):
        group = attempt["names"]
        try:
            form = formats[attempt["format"]]
            names = load(group, form, attempt["path"], attempt["repair"])
            found: dict[str, Any] = signature(names, group)._asdict()
        except Exception as error:  # it does not load here
            found = {"error": _said(error)}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"number": number, "found": found}) + "\n")


def _said(error: Exception) -> str:
    """Return what an error says, without addresses and paths of ours: they differ in each run."""
    first = (str(error).splitlines() or [""])[0]
    for pattern, plain in _OF_THIS_RUN:
        first = pattern.sub(plain, first)
    return f"{type(error).__name__}: {first[:200]}"


def _run(
    imports: Sequence[str], line: str, names: dict[str, Any], group: Sequence[str], path: str
) -> None:
    fields = {
        "name": group[0],
        "names": ", ".join(f'"{name}": {name}' for name in group),
        "targets": ", ".join(group),
        "path": repr(path),
    }
    # what is imported must not hide a name that is stored
    taken = {name: names.pop(name) for name in list(names)}
    for statement in imports:
        _execute(statement, names)
    names.update(taken)
    _execute(line.format(**fields), names)


def _execute(line: str, names: dict[str, Any]) -> None:
    """Execute a line of ours as a notebook would: deep below frames that import nothing special.

    Formulas remember the flags of the code that reads them, some frames up: ours has others, by
    what it imports of the future.
    """
    _deep["execute"](_DEPTH, compile(line, "<line>", "exec", dont_inherit=True), names)


_DEPTH = 20
_deep: dict[str, Any] = {}
exec(  # noqa: S102  (a text of ours)
    compile(
        "def execute(depth, code, names):\n"
        "    execute(depth - 1, code, names) if depth else exec(code, names)\n",
        "<deep>",
        "exec",
        dont_inherit=True,
    ),
    _deep,
)


_BUNDLES = ("pickle-bundle", "cloudpickle-bundle")


def _candidates(value: Any) -> tuple[str, ...]:
    """Return the formats that may do for a value, plainest first."""
    kind = type(value)
    root, name = kind.__module__.partition(".")[0], kind.__name__
    if root == "pandas" and name in ("DataFrame", "Series"):
        plain = "parquet" if name == "DataFrame" else "parquet-series"
        return (plain, "pandas-pickle", "cloudpickle")
    if root == "numpy" and hasattr(value, "dtype") and not value.dtype.hasobject:
        return ("npy", "joblib", "pickle")
    if root == "scipy" and "sparse" in kind.__module__:
        return ("npz", "joblib", "pickle")
    if kind in ATOMS or kind in (list, dict, tuple):
        return ("json", "joblib", "pickle", "cloudpickle")
    return ("joblib", "pickle", "cloudpickle")
