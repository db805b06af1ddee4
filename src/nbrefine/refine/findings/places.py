"""What works on the author's machine alone."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject

_ABSOLUTE = re.compile(
    r"(?:file://)?/(?:home|Users|root|mnt|media|content|kaggle|opt|Volumes|srv|scratch|data|dbfs)"
    r"/[^\n<>|?*\"]+|[A-Za-z]:[\\/][^\n<>|?*\"]+|\\\\[\w.-]+\\[^\n<>|?*\"]+|~[\\/][^\n<>|?*\"]+"
)
_CHANGES_FOLDER = re.compile(r"\bcd\b")


class AbsolutePath(Rule):
    r"""A path begins at the root of the author's disk.

    What it does
    ------------
    Looks for texts such as ``/home/...``, ``/Users/...``, ``C:\...`` and ``~/...`` in the code.

    Why is this bad
    ---------------
    The notebook runs on no other machine, and often not even on the same one after a year. It
    also tells the author's user name.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("/home/ada/projects/houses/data/houses.csv")

    Good::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("data/houses.csv")
    """

    code = "NBR401"
    name = "absolute-path"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for texts that are absolute paths as a whole."""
        for facts, node in subject.walk():
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _ABSOLUTE.fullmatch(node.value)
                and not _in_magic(facts.python.magics, node.lineno)
            ):
                yield self.at(
                    facts,
                    node,
                    "This path exists on the author's machine alone.",
                    "Write it relative to the notebook, such as `data/...`.",
                )


class FolderChanged(Rule):
    """The working directory is changed.

    What it does
    ------------
    Looks for ``os.chdir`` and ``%cd``.

    Why is this bad
    ---------------
    Relative paths mean something else below than above, and the cell cannot be run twice. Run
    again, ``..`` leads one folder further up.

    Examples
    --------
    Bad::

        # In[1]:
        import os

        os.chdir("../data")
        text = open("notes.txt").read()

    Good::

        # In[1]:
        text = open("../data/notes.txt").read()
    """

    code = "NBR406"
    name = "folder-changed"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for changes of the working directory."""
        message = "From here on all relative paths mean something else."
        hint = "Write paths from the notebook's own folder."
        for call in subject.calls:
            if call.callee == "os.chdir":
                yield self.at(call.facts, call.node, message, hint)
        for facts in subject.cells:
            for magic in facts.python.magics:
                if magic.name == "cd":
                    yield self.at(facts, magic.line, message, hint)


class SearchPathChanged(Rule):
    """``sys.path`` is changed.

    What it does
    ------------
    Looks for ``sys.path.append``, ``sys.path.insert`` and the like.

    Why is this bad
    ---------------
    Which module is imported depends on cells above and on the folder that the notebook was
    started in. A local module may hide an installed one.

    Examples
    --------
    Bad::

        # In[1]:
        import sys

        sys.path.append("../lib")

    Good::

        # In[1]:
        from pathlib import Path

        import houses

        print(Path(houses.__file__).name)
    """

    code = "NBR407"
    name = "search-path-changed"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for changes of `sys.path`."""
        hint = "Make the modules a package, and install it: `pip install -e .`"
        for call in subject.calls:
            if re.fullmatch(
                r"sys\.path\.(append|insert|extend|remove|pop)|site\.addsitedir", call.callee
            ):
                yield self.at(
                    call.facts, call.node, "Imports below depend on this folder being there.", hint
                )


class KernelNotInstalled(Rule):
    """The notebook asks for a kernel of a name that only its author has.

    What it does
    ------------
    Looks at the kernel that the notebook was saved with: its name is neither Python's own nor
    ``python3``.

    Why is this bad
    ---------------
    JupyterLab asks each reader for another kernel, and tools without a window fail.

    Examples
    --------
    Bad::

        # kernel: conda-env-houses-py
        # In[1]:
        print("ready")

    Good::

        # kernel: python3
        # In[1]:
        print("ready")
    """

    code = "NBR402"
    name = "kernel-of-one-machine"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at the kernel's name."""
        spec = subject.notebook.metadata.get("kernelspec")
        name = spec.get("name") if isinstance(spec, dict) else None
        if isinstance(name, str) and not re.fullmatch(r"python[\d.]*|ir|julia.*|xpython", name):
            yield self.about_notebook(
                f"The notebook asks for a kernel named `{name}`, which others do not have.",
                "Choose the kernel Python 3 and save it.",
            )


def _in_magic(magics: object, line: int) -> bool:
    found = magics if isinstance(magics, tuple) else ()
    return any(magic.line == line for magic in found)
