"""Between the proof and the user: tests of what moved to ``src/``, in the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.refine.generated_tests.generate import GeneratedTests, generate_tests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbrefine.refine.draft import Draft
    from nbrefine.refine.memory import Memory

TESTED = ".nbrefine/tested.json"
_EXTRA = """
[project.optional-dependencies]
test = ["pytest"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""
_README = """
## Tests

`pytest` runs the tests of the functions in `src/`: calls that were recorded when the notebook ran,
on samples of its data. Values that looked personal are made up; the tests say where.
"""


def add_tests(
    root: Path, draft: Draft, memory: Memory, tell: Callable[[str, int, int], None]
) -> GeneratedTests:
    """Write tests of a project's functions and classes that pass, and say what has none.

    Parameters
    ----------
    root
        The project's folder.
    draft
        What was written there.
    memory
        Notes which files are ours.
    tell
        Called with the stage, the units done, and the number of all.
    """
    names = [step.name for step in draft.steps]

    def started(name: str) -> None:
        tell("testing", names.index(name) if name in names else 0, len(names))

    if draft.extraction.moved:
        tell("testing", 0, len(names))
    generated = generate_tests(
        root,
        draft.extraction.moved,
        notebooks={path: json.loads(text) for path, text in draft.defining.items()},
        progress=started,
    )
    files = {**generated.files, **(_around(root) if generated.files else {})}
    memory.will_write(files, ())
    for path, content in files.items():
        write_atomic(root / path, content)
    note = describe_tests(generated)
    write_atomic(root / TESTED, json.dumps(note, indent=1, sort_keys=True) + "\n")
    return generated


def _around(root: Path) -> dict[str, str]:
    """Return the project's own files with what the tests need: pytest, a word, a line in CI."""
    changes = {
        "pyproject.toml": ("", _EXTRA),
        "README.md": ("", _README),
        ".github/workflows/build.yml": (
            "      - run: pip install .\n",
            '      - run: pip install ".[test]"\n      - run: pytest\n',
        ),
    }
    found = {}
    for path, (old, new) in changes.items():
        text = read_text(root / path)
        found[path] = text.replace(old, new, 1) if old else text + new
    return found


def describe_tests(generated: GeneratedTests) -> dict[str, object]:
    """Describe generated tests: what passed, what has none and why, what is made up."""
    return {
        "tests": {name: list(tests) for name, tests in generated.tests.items()},
        "cases_passed": generated.passed,
        "not_tested": {each.function: each.reason for each in generated.missed},
        "left_out": dict(generated.left_out),
        "made_up": {name: list(labels) for name, labels in generated.masked.items()},
        "transforms": {
            name: {
                "kind": str(each.kind),
                "statement": each.statement,
                "reason": each.reason,
            }
            for name, each in generated.classifications.items()
        },
        "trouble": generated.trouble,
    }
