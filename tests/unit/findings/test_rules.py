"""Each rule finds its own bad example, is silent on its good one, and is documented."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from nbrefine.refine.findings.check import find_findings
from nbrefine.refine.findings.pages import example_notebook, examples
from nbrefine.refine.findings.rule import Rule
from nbrefine.refine.findings.rules import RULES
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import gather

ROOT = Path(__file__).parents[3]
STATIC = [rule for rule in RULES if not rule.needs_run]


def codes(script: str) -> list[str]:
    notebook = example_notebook(script)
    return [each.code for each in find_findings(Subject(notebook, gather(notebook, None)))]


def written() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "tools/write_findings_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("rule", STATIC, ids=lambda rule: rule.code)
def test_the_bad_example_is_found(rule: type[Rule]) -> None:
    """A rule finds what its page calls bad, and once."""
    assert codes(examples(rule)["Bad"]).count(rule.code) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_good_example_is_clean(rule: type[Rule]) -> None:
    """What a rule's page recommends draws no warning and no error, from this or another rule."""
    notebook = example_notebook(examples(rule)["Good"])
    found = find_findings(Subject(notebook, gather(notebook, None)))
    assert rule.code not in {each.code for each in found}
    assert {each.severity for each in found} <= {"info"}


def test_codes_and_names_are_unique_and_in_order() -> None:
    """No two rules share a code or a name, and the registry is sorted."""
    found = [rule.code for rule in RULES]
    assert found == sorted(set(found))
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_explained(rule: type[Rule]) -> None:
    """Each docstring says what, why, and shows both examples."""
    text = rule.__doc__ or ""
    assert all(title in text for title in ("What it does", "Why is this bad", "Examples"))
    assert set(examples(rule)) == {"Bad", "Good"}


def test_the_pages_are_current() -> None:
    """docs/findings/ is what tools/write_findings_docs.py writes: what is printed, too."""
    tool = written()
    there = {file.name: file.read_text(encoding="utf-8") for file in tool.FOLDER.glob("*.md")}
    assert there == tool.pages()
