"""The proof and the tests, which one build of the project is enough for."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.refine.generated_tests.generate import GeneratedTests, tests_of_build
from nbrefine.refine.generated_tests.record import Wanted, watch
from nbrefine.refine.generated_tests.transformers import transformers_of
from nbrefine.refine.memory import TESTED
from nbrefine.refine.prove.prove import Witness, prove

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from nbrefine.recording.facts import Recording
    from nbrefine.refine.draft import Draft
    from nbrefine.refine.memory import Memory
    from nbrefine.refine.prove.build import BuildRun
    from nbrefine.refine.prove.proof import Proof

_NBVAL = "pytest --nbval tests/notebooks -p no:randomly"
_FUNCTIONS = """\
`pytest` runs the tests of the functions in `src/`: calls that were recorded when the notebook ran,
on samples of its data. Values that looked personal are made up; the tests say where.
"""
_BASELINES = f"""\
`{_NBVAL}` runs the steps themselves again, after `ploomber build`,
and compares what they show with the notebooks in `notebooks/`. Cells tagged `nbval-ignore-output`
show something else each time.
"""
_WORKFLOW = """\
name: test
on: [push, pull_request]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version-file: pyproject.toml
      - run: pip install . -r tests/requirements.txt
      - run: pytest
"""


def prove_and_test(
    root: Path,
    names: Sequence[str],
    tell: Callable[[str, int, int], None],
    wanted: Wanted | None,
    despite: Collection[str] = (),
) -> tuple[Proof, GeneratedTests | None]:
    """Prove a project, and make tests of it of what the same build shows.

    Parameters
    ----------
    root
        The project's folder.
    names
        Its steps.
    tell
        Called with the stage, the units done, and the number of all.
    wanted
        What is to be tested; None if nothing is.
    despite
        What may fail all the same, as `Proof.failing` names it.

    Returns
    -------
    proof : Proof
        The proof.
    tests : GeneratedTests or None
        Tests that pass, which are not in the project yet; None if anything else fails.
    """
    found: list[GeneratedTests] = []

    def started(name: str) -> None:
        tell("proving", names.index(name) if name in names else 0, len(names))

    tell("proving", 0, len(names))
    if wanted is None:
        return prove(root, progress=started), None

    def look(copy: Path, run: BuildRun) -> None:
        tell("testing", 0, 1)
        found.append(tests_of_build(root, copy, run, wanted))

    with tempfile.TemporaryDirectory(prefix="nbrefine-") as folder:
        watched = watch(root, wanted, Path(folder)) if wanted.moved else None
        proof = prove(root, progress=started, witness=Witness(watched, look, frozenset(despite)))
    return proof, found[0] if found else None


def to_test(draft: Draft, recording: Recording, *, baselines: bool) -> Wanted:
    """Return what is to be tested.

    Parameters
    ----------
    draft
        What was written.
    recording
        The original's run. Transformers are for those who have scikit-learn.
    baselines
        Whether there are to be baselines of the steps.
    """
    notebooks = {path: json.loads(text) for path, text in draft.defining.items()}
    extraction = draft.extraction
    learns = "sklearn" in recording.python.modules
    return Wanted(
        extraction.moved,
        notebooks,
        recording.varying if baselines else None,
        transformers=transformers_of(extraction.moved, extraction.modules) if learns else {},
    )


def keep_tests(root: Path, generated: GeneratedTests, memory: Memory) -> None:
    """Write a project's tests, and what is known of them.

    Parameters
    ----------
    root
        The project's folder.
    generated
        The tests.
    memory
        Notes which files are ours.
    """
    files = {**generated.files, **(_around(generated) if generated.files else {})}
    memory.will_write(files, ())
    for path, content in files.items():
        write_atomic(root / path, content)
    note = describe_tests(generated)
    write_atomic(root / TESTED, json.dumps(note, indent=1, sort_keys=True) + "\n")


def _around(generated: GeneratedTests) -> dict[str, str]:
    """Return files beside the tests: how to run them, what they need, a workflow."""
    has_baselines = bool(generated.baselines)
    words = [_FUNCTIONS] * bool(generated.tests) + [_BASELINES] * has_baselines
    needed = ["nbval"] * has_baselines + ["pytest"]
    files = {
        "tests/README.md": "# Tests\n\n" + "\n".join(words),
        "tests/requirements.txt": "".join(f"{name}\n" for name in needed),
    }
    return {**files, ".github/workflows/test.yml": _WORKFLOW} if generated.tests else files


def describe_tests(generated: GeneratedTests) -> dict[str, object]:
    """Describe generated tests: what passed, what has none and why, what is made up."""
    return {
        "tests": {name: list(tests) for name, tests in generated.tests.items()},
        "cases_passed": generated.passed,
        "not_tested": {each.function: each.reason for each in generated.missed},
        "left_out": dict(generated.left_out),
        "made_up": {name: list(labels) for name, labels in generated.masked.items()},
        "transformers": dict(generated.transformers),
        "transforms": {
            name: {
                "kind": str(each.kind),
                "statement": each.statement,
                "reason": each.reason,
            }
            for name, each in generated.classifications.items()
        },
        "baselines": {each.step: len(each.ignored) for each in generated.baselines},
        "no_baseline": dict(generated.refused),
        "trouble": generated.trouble,
    }
