"""The documentation of the rules, made from their docstrings."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.notebook.document import Cell, Notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.findings.rule import Rule

GROUPS = {
    "NBR1": "Hidden state and structure",
    "NBR2": "Leakage",
    "NBR3": "Nondeterminism",
    "NBR4": "Portability and safety",
    "NBR5": "What refine cannot see through",
}
_INTRODUCTION = (
    "What `nbrefine analyze` tells about a notebook. An *error* stops the notebook, makes it "
    "wrong, or gives away a secret; after a *warning* a result can be wrong, or another one "
    "next time; an *info* is worth to know, and harmless where it is meant."
)
_SECTION = re.compile(r"^(?P<title>[A-Z][^\n]*)\n-{3,}\n", re.MULTILINE)
_EXAMPLE = re.compile(r"^(Bad|Good)::\n\n((?:(?:    [^\n]*)?\n)+)", re.MULTILINE)
_PROMPT = re.compile(r"^# In\[(\d*)\]:\n", re.MULTILINE)


def examples(rule: type[Rule]) -> dict[str, str]:
    """Return a rule's examples by ``Bad`` and ``Good``, as scripts with prompts."""
    text = inspect.cleandoc(rule.__doc__ or "") + "\n"
    return {kind: inspect.cleandoc(code) + "\n" for kind, code in _EXAMPLE.findall(text)}


def example_notebook(script: str) -> Notebook:
    """Return an example as a notebook; a comment in front of it may name its kernel."""
    head, *parts = _PROMPT.split(script)
    kernel = re.match(r"# kernel: (\S+)", head)
    cells = tuple(
        Cell("code", source.strip("\n"), index=index, execution_count=int(count) if count else None)
        for index, (count, source) in enumerate(zip(parts[::2], parts[1::2], strict=True))
    )
    metadata = {"kernelspec": {"name": kernel[1]}} if kernel else {}
    return Notebook(Path("example.ipynb"), cells, metadata)


def rule_page(rule: type[Rule]) -> str:
    """Return the page of a rule, in Markdown."""
    text = inspect.cleandoc(rule.__doc__ or "") + "\n"
    text = _SECTION.sub(lambda match: f"## {match['title']}\n", text)
    text = _EXAMPLE.sub(
        lambda match: f"{match[1]}:\n\n```python\n{inspect.cleandoc(match[2])}\n```\n\n", text
    )
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    silence = (
        "## How to silence it\n\n"
        f"In one line with the comment `# noqa: {rule.code}`, in one cell with the tag "
        f"`nbr-ignore:{rule.code}`, in the whole project with `[tool.nbrefine]` "
        f'`ignore = ["{rule.code}"]` in `pyproject.toml`.'
    )
    run = "Only a run of the notebook can show it: not with `--static`.\n\n"
    return (
        f"# {rule.name} ({rule.code})\n\n"
        f"Severity: **{rule.severity}**. {run if rule.needs_run else chr(10) * 2}"
        f"{text.rstrip()}\n\n{silence}\n"
    ).replace("**. \n\n", "**.\n\n")


def index_page(rules: Sequence[type[Rule]]) -> str:
    """Return the page that lists all rules, in Markdown."""
    lines = [
        "# Findings",
        "",
        _INTRODUCTION,
    ]
    for prefix, title in GROUPS.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| Code | Name | Severity | |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| [{rule.code}]({page_name(rule)}) | {rule.name} | {rule.severity} | "
            f"{_summary(rule)} |"
            for rule in rules
            if rule.code.startswith(prefix)
        ]
    return "\n".join(lines) + "\n"


def page_name(rule: type[Rule]) -> str:
    """Return the name of a rule's page."""
    return f"{rule.code}-{rule.name}.md"


def _summary(rule: type[Rule]) -> str:
    return re.sub(r"``([^`]+)``", r"`\1`", inspect.cleandoc(rule.__doc__ or "").split("\n")[0])
