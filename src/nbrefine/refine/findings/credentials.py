"""Credentials that stand in the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.analysis.addresses import password_names
from nbrefine.analysis.secrets import find_in_prose, find_secrets
from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject


class CredentialInSource(Rule):
    """A password, a token or a key stands in the code.

    What it does
    ------------
    Looks for texts that have the form of a well-known credential, for texts that are given to a
    variable or an argument named like one, and for what stands where the password of an address
    goes, also where code puts that together. What it finds is masked in all reports.

    Why is this bad
    ---------------
    Whoever gets the notebook gets the credential, for as long as the repository's history lives.
    The steps that ``nbrefine refine`` writes read it from the environment; what has been passed on
    already has to be revoked all the same.

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
        passwords = password_names(facts.tree for facts in subject.cells)
        for facts in subject.cells:
            found = find_secrets(facts.tree, passwords)
            for node in dict.fromkeys(each.node for each in found):
                yield self.at(
                    facts,
                    node,
                    "This looks like a credential.",
                    "Revoke it, and read a new one from the environment: `os.environ[...]`.",
                )
            for magic in facts.python.magics:
                if find_in_prose(magic.text):
                    yield self.at(
                        facts,
                        magic.line,
                        "This looks like a credential.",
                        "Revoke it, and set it outside of the notebook.",
                    )
