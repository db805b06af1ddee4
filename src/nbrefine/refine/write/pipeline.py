"""The pipeline of a refined notebook, as stock Ploomber reads it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.plan.steps import Step

_ANCHOR = re.compile(r"[A-Za-z0-9_]+\Z")


def pipeline_yaml(notebook: str, steps: Sequence[Step]) -> str:
    """Write ``pipeline.yaml``.

    Parameters
    ----------
    notebook
        Name of the original.
    steps
        In the notebook's order.

    Returns
    -------
    str
        With a parameter that several steps have spelt out once, and referred to by the others.
    """
    uses = Counter(name for step in steps for name in step.params)
    seen: set[str] = set()
    lines = [
        f"# The steps of {notebook}. Build them with: ploomber build",
        "#",
        "# A parameter of several steps is set where it stands first (&name); the others refer",
        "# to it (*name).",
    ]
    if not any(count > 1 for count in uses.values()):
        del lines[1:]
    lines += ["meta:", "  extract_upstream: true", "", "tasks:"]
    for step in steps:
        lines += [*_task(step, uses, seen), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _task(step: Step, uses: Counter[str], seen: set[str]) -> list[str]:
    lines = [
        f"  - source: {step.notebook}",
        f"    name: {step.name}",
        "    static_analysis: disable",
        "    product:",
        f"      nb: build/{step.name}/{step.name}.ipynb",
        *(f"      {_scalar(each.key)}: {_scalar(each.path)}" for each in step.products),
    ]
    if step.params or step.resources:
        lines.append("    params:")
    for name, value in sorted(step.params.items()):
        lines.append(f"      {_scalar(name)}: {_value(name, value, uses, seen)}")
    if step.resources:
        lines.append("      # Files whose change makes this step run again.")
        lines.append("      resources_:")
        lines += [
            f"        {name}: {_scalar(path)}" for name, path in sorted(step.resources.items())
        ]
    return lines


def _value(name: str, value: object, uses: Counter[str], seen: set[str]) -> str:
    """Return a value, spelt out where it comes first."""
    text = _scalar(value)
    if uses[name] == 1 or not _ANCHOR.match(name):
        return text
    if name in seen:
        return f"*{name}"
    seen.add(name)
    return f"&{name} {text}"


def _scalar(value: object) -> str:
    """Return a scalar as YAML that reads back as the same value of the same type."""
    if isinstance(value, float):
        # YAML 1.1 takes 1e-05 for a text.
        text = repr(value)
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    text = yaml.safe_dump(value, width=10_000, allow_unicode=True).removesuffix("\n")
    text = text.removesuffix("\n...")
    return text if yaml.safe_load(text) == value and "\n" not in text else json.dumps(value)
