"""Credentials that stand in the code."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule
from nbrefine.report.masking import holds_secret, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject

_PLACEHOLDER = re.compile(
    r".*(?:your|my|example|placeholder|changeme|insert|dummy|todo|redacted|xxx|\*\*|\.\.\.|<|\$|{)"
    r".*|(.)\1*|none|null|password|secret|token|test",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"pass(word|wd|phrase)?|pwd|secret", re.IGNORECASE)
_LEAST, _LEAST_PASSWORD = 16, 6


class CredentialInSource(Rule):
    """A password, a token or a key stands in the code.

    What it does
    ------------
    Looks for texts that have the form of a well-known credential, and for texts that are given to
    a variable or an argument named like one. What it finds is masked in all reports.

    Why is this bad
    ---------------
    Whoever gets the notebook gets the credential, for as long as the repository's history lives.

    Examples
    --------
    Bad::

        # In[1]:
        db_password = "k3stRel-Wolf9"

    Good::

        # In[1]:
        import os

        db_password = os.environ["DB_PASSWORD"]
    """

    code = "NBR403"
    name = "credential-in-source"
    severity = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for texts that are credentials by their form or by their name."""
        for facts in subject.cells:
            named = dict(_named(facts.tree))
            for node in ast.walk(facts.tree):
                if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                    continue
                if holds_secret(node.value) or _is_secret(named.get(id(node), ""), node.value):
                    yield self.at(
                        facts,
                        node,
                        "This looks like a credential.",
                        "Revoke it, and read a new one from the environment: `os.environ[...]`.",
                    )


def _named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield values with the name that they are given to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield id(node.value), _name(target)
        elif isinstance(node, ast.keyword) and node.arg:
            yield id(node.value), node.arg
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield id(value), key.value


def _name(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""


def _is_secret(name: str, value: str) -> bool:
    if not name or not is_secret_name(name) or _PLACEHOLDER.fullmatch(value):
        return False
    if re.search(r"\s", value):
        return False
    if _PASSWORD.search(name):
        return len(value) >= _LEAST_PASSWORD
    # A token of a text is a word; a credential has letters and digits, and is long.
    mixed = bool(re.search(r"\d", value) and re.search(r"[A-Za-z]", value))
    return len(value) >= _LEAST and mixed
