"""What the notebook needs from outside: the network, the shell, installed packages."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.analysis.addresses import address_names, begins_with_address
from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule
from nbrefine.refine.segment.downloads import needs_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nbrefine.refine.findings.calls import Call
    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

_DOWNLOADS = re.compile(
    r"requests\.(get|post|request)|urllib\.request\.(urlopen|urlretrieve)|httpx\.(get|post)"
    r"|sklearn\.datasets\.fetch_\w+|seaborn\.load_dataset|yfinance\.download"
    r"|pandas_datareader\.\S*|statsmodels\.\S*\.get_rdataset|vega_datasets\.data\.\S+\.url"
    r"|kagglehub\.\w+|wget\.download|nltk\.download"
)
_READERS = re.compile(r"pandas\.read_\w+|numpy\.(loadtxt|genfromtxt)|polars\.(read|scan)_\w+")
_INSTALL = re.compile(
    r"(?:^|[\s;&|/])(?:pip3?|conda|mamba|uv pip|apt-get|apt|brew|npm)\s+(?:-\S+\s+)*install\b"
)


class NetworkRead(Rule):
    """Data comes from the network each time the notebook runs.

    What it does
    ------------
    Looks for readers that are given an address, for downloads by ``requests`` or ``urllib``, and
    for data sets that libraries fetch.

    Why is this bad
    ---------------
    The data may be other data tomorrow, or gone; and nothing runs on a train.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("https://example.org/houses.csv")

    Good::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("data/houses.csv")
    """

    code = "NBR404"
    name = "network-read"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for downloads."""
        addresses = address_names(facts.tree for facts in subject.cells)
        for call in subject.calls:
            if _DOWNLOADS.fullmatch(call.callee) or _reads_address(call, addresses):
                yield self.at(
                    call.facts,
                    call.node,
                    "This data comes from the network in each run.",
                    _advice(subject, call.facts),
                )


class ShellCommand(Rule):
    """A cell runs a command of the shell.

    What it does
    ------------
    Looks for ``!command``, ``%%bash``, ``os.system`` and ``subprocess``; installing is NBR409.

    Why is this bad
    ---------------
    It depends on programs that no list of packages names, and on the operating system. What it
    reads and writes cannot be seen.

    Examples
    --------
    Bad::

        # In[1]:
        !wc -l data/houses.csv

    Good::

        # In[1]:
        with open("data/houses.csv") as file:
            print(sum(1 for line in file))
    """

    code = "NBR405"
    name = "shell-command"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for shell escapes, shell magics and calls that start a process."""
        message = "This needs a program outside of Python."
        hint = "Do it in Python, or name the program in the README."
        for facts in subject.cells:
            for magic in facts.python.magics:
                is_shell = magic.kind == "shell" or magic.name in {"bash", "sh", "script", "system"}
                if is_shell and not _INSTALL.search(f" {magic.text}"):
                    yield self.at(facts, magic.line, message, hint)
        for call in subject.calls:
            if re.fullmatch(r"os\.(system|popen)|subprocess\.\w+", call.callee):
                yield self.at(call.facts, call.node, message, hint)


class InstallInNotebook(Rule):
    """A cell installs packages.

    What it does
    ------------
    Looks for ``%pip install``, ``!pip install``, ``!conda install`` and the like.

    Why is this bad
    ---------------
    Each run may get another version, and changes the environment of all other notebooks. Modules
    that are loaded already stay the old ones until the kernel restarts.

    Examples
    --------
    Bad::

        # In[1]:
        %pip install seaborn

    Good::

        # In[1]:
        import seaborn as sns

        print(sns.__version__)
    """

    code = "NBR409"
    name = "install-in-notebook"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for installers."""
        for facts in subject.cells:
            for magic in facts.python.magics:
                text = f" {magic.text}" if magic.kind == "shell" else f" {magic.name} {magic.text}"
                if _INSTALL.search(text):
                    yield self.at(
                        facts,
                        magic.line,
                        "This changes the environment that the notebook runs in.",
                        "Name the package in environment.yml or pyproject.toml.",
                    )


class StarImport(Rule):
    """All names of a module are imported at once.

    What it does
    ------------
    Looks for ``from module import *`` and ``%pylab``.

    Why is this bad
    ---------------
    Where a name comes from cannot be seen, neither by a reader nor by a tool; the next version of
    the module may hide a variable or a built-in function.

    Examples
    --------
    Bad::

        # In[1]:
        from math import *

        print(sqrt(2))

    Good::

        # In[1]:
        from math import sqrt

        print(sqrt(2))
    """

    code = "NBR408"
    name = "star-import"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for star imports."""
        for facts, node in subject.walk():
            if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names):
                yield self.at(
                    facts,
                    node,
                    f"Which names come from `{node.module}` cannot be seen.",
                    "Import what is used by name.",
                )
        for facts in subject.cells:
            for magic in facts.python.magics:
                if magic.name == "pylab":
                    yield self.at(
                        facts,
                        magic.line,
                        "Which names come from numpy and matplotlib cannot be seen.",
                        "Import numpy as np and matplotlib.pyplot as plt.",
                    )


def _advice(subject: Subject, facts: CellFacts) -> str:
    """Say what to do about a download, and why refine makes no first step of it."""
    advice = "Download it once, in a first step, and keep the file with its date."
    needed = needs_of(subject.flow, facts.origin) if subject.flow is not None else {}
    if not needed:
        return advice
    name, cell = next(iter(needed.items()))
    maker = subject.number(subject.cells[cell])
    return (
        f"It takes `{name}` from cell {maker}, so it cannot be in a first step: "
        "what is fetched should not depend on what was computed."
    )


def _reads_address(call: Call, addresses: Collection[str]) -> bool:
    if not _READERS.fullmatch(call.callee) or not call.node.args:
        return False
    return begins_with_address(call.node.args[0], addresses)
