"""The documentation of the rules, made from their docstrings."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.findings.show import show
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import gather

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
    """Return the page of a rule, in Markdown, with what is printed for its bad example."""
    text = re.sub(r"``([^`]+)``", r"`\1`", inspect.cleandoc(rule.__doc__ or "") + "\n")
    text = _SECTION.sub(lambda match: f"## {match['title']}\n\n", text)
    text = _EXAMPLE.sub(
        lambda match: f"{match[1]}:\n\n```python\n{inspect.cleandoc(match[2])}\n```\n\n", text
    )
    run = " Only a run of the notebook can show it: not with `--static`." if rule.needs_run else ""
    silence = (
        f"In one line with the comment `# noqa: {rule.code}`, in one cell with the tag "
        f'`nbr-ignore:{rule.code}`, in the whole project with `ignore = ["{rule.code}"]` under '
        "`[tool.nbrefine]` in `pyproject.toml`."
    )
    parts = [
        f"# {rule.name} ({rule.code})",
        f"Severity: **{rule.severity}**.{run}",
        text.strip(),
    ]
    if printed := what_is_printed(rule):
        parts += ["What is printed for the bad one:", f"```text\n{printed}\n```"]
    parts += ["## How to silence it", silence]
    return "\n\n".join(parts) + "\n"


def what_is_printed(rule: type[Rule]) -> str:
    """Return what a terminal shows of a rule's bad example; empty where that needs a run."""
    notebook = example_notebook(examples(rule)["Bad"])
    subject = Subject(notebook, gather(notebook, None))
    return "\n\n".join(show(finding, notebook) for finding in rule().check(subject))


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
