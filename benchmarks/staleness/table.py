"""What each tool did, as a table and as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.staleness.edits import Edit
    from benchmarks.staleness.tools import Answer


def verdict(edit: Edit, answer: Answer) -> str:
    """Say how a tool came off: ``right``, or what is wrong.

    Parameters
    ----------
    edit
        The edit.
    answer
        What the tool did.

    Returns
    -------
    str
        ``stale`` is the worst: the build was green, but steps that had to run did not, or a
        product is not what it has to be.
    """
    if answer.error:
        return "failed"
    if edit.run - answer.ran or answer.wrong:
        return "stale"
    return "needless" if answer.ran - edit.run - edit.may else "right"


def table(rows: Sequence[tuple[Edit, Mapping[str, Answer]]], tools: Sequence[str]) -> str:
    """Write the table in Markdown."""
    lines = [
        f"| edit | has to run | {' | '.join(f'{tool} | ran' for tool in tools)} |",
        f"| --- | --- | {' | '.join('--- | ---' for _ in tools)} |",
    ]
    for edit, answers in rows:
        cells = [edit.name, _names(edit.run) + _perhaps(edit.may)]
        for tool in tools:
            cells += [verdict(edit, answers[tool]), _names(answers[tool].ran)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def figures(
    rows: Sequence[tuple[Edit, Mapping[str, Answer]]], tools: Sequence[str]
) -> dict[str, Any]:
    """Count the verdicts of each tool, and the time of its builds."""
    found: dict[str, Any] = {"edits": len(rows)}
    for tool in tools:
        verdicts = [verdict(edit, answers[tool]) for edit, answers in rows]
        for kind in ("right", "stale", "needless", "failed"):
            found[f"{tool}_{kind}"] = verdicts.count(kind)
        seconds = sorted(answers[tool].seconds for _, answers in rows)
        found[f"{tool}_seconds_median"] = round(seconds[len(seconds) // 2], 2) if seconds else 0.0
    return found


def _perhaps(steps: frozenset[str]) -> str:
    return f" (perhaps {_names(steps)})" if steps else ""


def _names(steps: frozenset[str]) -> str:
    order = ["load", "summary", "report", "probe", "extra"]
    return " ".join(sorted(steps, key=order.index)) or "nothing"
