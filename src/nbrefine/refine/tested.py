"""Between the proof and the user: tests of what moved to ``src/``, in the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.refine.generated_tests.generate import GeneratedTests, generate_tests
from nbrefine.refine.generated_tests.record import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from nbrefine.refine.draft import Draft
    from nbrefine.refine.memory import Memory

TESTED = ".nbrefine/tested.json"
_EXTRA = """
[project.optional-dependencies]
test = ["nbval", "pytest"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""
_NBVAL = "pytest --nbval tests/notebooks -p no:randomly"
_README = """
`pytest` runs the tests of the functions in `src/`: calls that were recorded when the notebook ran,
on samples of its data. Values that looked personal are made up; the tests say where.
"""
_BASELINES = f"""
`{_NBVAL}` runs the steps themselves again, after a build, and
compares what they show with `tests/notebooks/`.
"""
_WORKFLOW = ".github/workflows/build.yml"
_INSTALL = "      - run: pip install .\n"
_BUILD = "      - run: ploomber build\n"


def add_tests(
    root: Path,
    draft: Draft,
    memory: Memory,
    tell: Callable[[str, int, int], None],
    varying: Collection[int] | None,
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
    varying
        Cells, by origin, that show something else each time; None for no baselines of the steps.
    """
    names = [step.name for step in draft.steps]

    def started(name: str) -> None:
        tell("testing", names.index(name) if name in names else 0, len(names))

    if draft.extraction.moved or varying is not None:
        tell("testing", 0, len(names))
    notebooks = {path: json.loads(text) for path, text in draft.defining.items()}
    wanted = Wanted(draft.extraction.moved, notebooks, varying)
    generated = generate_tests(root, wanted, started)
    files = {**generated.files, **(_around(root, generated) if generated.files else {})}
    memory.will_write(files, ())
    for path, content in files.items():
        write_atomic(root / path, content)
    note = describe_tests(generated)
    write_atomic(root / TESTED, json.dumps(note, indent=1, sort_keys=True) + "\n")
    return generated


def _around(root: Path, generated: GeneratedTests) -> dict[str, str]:
    """Return the project's own files with what the tests need: pytest, a word, a line in CI."""
    has_baselines = bool(generated.records.baselines)
    words = (_README if generated.tests else "") + (_BASELINES if has_baselines else "")
    pyproject = read_text(root / "pyproject.toml")
    readme = read_text(root / "README.md")
    workflow = read_text(root / _WORKFLOW)
    workflow = workflow.replace(_INSTALL, _INSTALL.replace("install .", 'install ".[test]"'))
    if generated.tests:
        workflow = workflow.replace(_BUILD, f"      - run: pytest\n{_BUILD}")
    if has_baselines:
        workflow = workflow.replace(_BUILD, f"{_BUILD}      - run: {_NBVAL}\n")
    return {
        "pyproject.toml": pyproject + _EXTRA,
        "README.md": f"{readme}\n## Tests\n{words}",
        _WORKFLOW: workflow,
    }


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
        "baselines": {each.step: len(each.ignored) for each in generated.records.baselines},
        "no_baseline": dict(generated.records.refused),
        "trouble": generated.trouble,
    }
