"""Write the tests of a project's modules from what was recorded of their functions."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.refine.extract.extraction import module_file
from nbrefine.refine.generated_tests.asserts import needs
from nbrefine.refine.generated_tests.calls import NotRecorded, RecordedCall, Value
from nbrefine.refine.generated_tests.class_tests import class_tests
from nbrefine.refine.generated_tests.fixture_names import with_short_names
from nbrefine.refine.generated_tests.function_tests import function_tests
from nbrefine.refine.generated_tests.keys import keyed
from nbrefine.refine.generated_tests.properties import property_tests
from nbrefine.refine.generated_tests.signature import CannotCallError, find_definitions
from nbrefine.refine.generated_tests.subject import Subject, TestText
from nbrefine.refine.generated_tests.transformers import transformer_tests, write_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.refine.extract.extraction import Moved
    from nbrefine.refine.generated_tests.transformers import Transformer
    from nbrefine.transforms.model import Classification

CONFTEST = '''\
"""Lets the tests find the project's own modules, wherever pytest is started."""

import os
import sys
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
'''


@dataclass(frozen=True)
class WrittenTests:
    """The tests of a project.

    Parameters
    ----------
    files
        Path relative to the project's root, and content: tests as text, fixtures as bytes.
    tests
        Names of the tests of each function and class.
    missed
        Functions and classes without a test.
    transformers
        The transformers whose tests are among them: name of the class, by function.
    """

    files: Mapping[str, str | bytes] = field(default_factory=dict)
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missed: tuple[NotRecorded, ...] = ()
    transformers: Mapping[str, str] = field(default_factory=dict)

    def with_transformers(self, others: WrittenTests) -> WrittenTests:
        """Return these tests with those of transformers."""
        files = {**self.files, **others.files}
        return replace(self, files=files, transformers=others.transformers)


def write_tests(
    calls: Iterable[RecordedCall],
    moved: Sequence[Moved],
    modules: Mapping[str, str],
    classifications: Mapping[str, Classification] | None = None,
    *,
    left_out: frozenset[str] = frozenset(),
) -> WrittenTests:
    """Write ``tests/test_<module>.py`` for each module, its fixtures, and ``tests/conftest.py``.

    Parameters
    ----------
    calls
        The recorded calls.
    moved
        The functions and classes in ``src/``.
    modules
        Path relative to the root (``src/delays/cleaning.py``) and text.
    classifications
        What kind of transform a function is, by its name.
    left_out
        Names of tests that are not to be written.

    Returns
    -------
    WrittenTests
        Plain pytest and pandas; nothing of nbrefine is needed to run them.
    """
    records: dict[str, list[RecordedCall]] = {}
    for call in with_short_names(calls):
        records.setdefault(call.function, []).append(call)
    homes = {each.name: each.module for each in moved}
    files: dict[str, str | bytes] = {}
    tests: dict[str, tuple[str, ...]] = {}
    missed: list[NotRecorded] = []
    for module in sorted({each.module for each in moved}):
        definitions = find_definitions(modules[module_file(module)])
        written: list[TestText] = []
        for key, each in keyed(moved).items():
            if each.module != module or key not in records:
                continue
            if each.name not in definitions:
                missed.append(NotRecorded(key, f"`{module}` does not define it"))
                continue
            kind = (classifications or {}).get(key)
            subject = Subject(each, definitions[each.name], kind)
            try:
                texts = _tests(subject, records[key])
                texts = [text for text in texts if text.name not in left_out]
            except CannotCallError as error:
                missed.append(NotRecorded(key, str(error)))
                continue
            written += texts
            tests[key] = tuple(text.name for text in texts)
        if written:
            files |= _module(module, written, {**homes, **dict.fromkeys(definitions, module)})
    if files:
        files["tests/conftest.py"] = CONFTEST
    return WrittenTests(files, tests, tuple(missed))


def write_transformers(
    calls: Iterable[RecordedCall],
    moved: Sequence[Moved],
    transformers: Mapping[str, Transformer],
    *,
    left_out: frozenset[str] = frozenset(),
) -> WrittenTests:
    """Write a module of transformers, and its tests; without those that have a test left out.

    Parameters
    ----------
    calls
        The recorded calls, which have at least one of each function.
    moved
        The functions and classes in ``src/``.
    transformers
        By function.
    left_out
        Names of tests that are not to be written.

    Returns
    -------
    WrittenTests
        With the module among the files.
    """
    first: dict[str, RecordedCall] = {}
    for call in with_short_names(calls):
        first.setdefault(call.function, call)
    written = {key: transformer_tests(each, first[key]) for key, each in transformers.items()}
    kept = {
        key: texts
        for key, texts in written.items()
        if left_out.isdisjoint(text.name for text in texts)
    }
    if not kept:
        return WrittenTests()
    classes = [transformers[key] for key in kept]
    package = classes[0].home.partition(".")[0]
    module = f"{package}.transformers"
    homes = {each.name: each.module for each in moved} | {each.name: module for each in classes}
    texts = [text for each in kept.values() for text in each]
    files = {
        module_file(module): write_module(classes, package),
        "tests/conftest.py": CONFTEST,
        **_module(module, texts, homes),
    }
    return WrittenTests(files, transformers={key: transformers[key].name for key in kept})


def _tests(subject: Subject, records: Sequence[RecordedCall]) -> list[TestText]:
    if isinstance(subject.definition, ast.ClassDef):
        return class_tests(subject, records)
    return [*function_tests(subject, records), *property_tests(subject, records)]


def _module(
    module: str, tests: Sequence[TestText], homes: Mapping[str, str]
) -> dict[str, str | bytes]:
    """Write the file of one module, and its fixtures."""
    lines = [line for test in tests for line in test.lines]
    records = list({id(call): call for test in tests for call in test.calls}.values())
    body = "\n\n\n".join("\n".join(test.lines) for test in tests)
    imports = needs(lines) | {each for record in records for each in record.imports}
    own = {record.function.rpartition(":")[2] for record in records}
    own |= {name for test in tests for name in test.names}
    own |= {name for record in records for name in _references(record) if name in homes}
    has_fixtures = "FIXTURES" in body
    if has_fixtures:
        imports.add("from pathlib import Path")
    parts = [_docstring(module), "", *_import_block(imports, own, homes), ""]
    if called_like_tests := [name for name in _sorted(own) if name.lower().startswith("test")]:
        # pytest would collect them.
        parts += [*(f"{name}.__test__ = False" for name in called_like_tests), ""]
    if has_fixtures:
        parts += ['FIXTURES = Path(__file__).parent / "fixtures"', ""]
    text = "\n".join([*parts, "", body]) + "\n"
    files: dict[str, str | bytes] = {
        f"tests/fixtures/{name}": content
        for record in records
        for name, content in record.files.items()
        if f'"{name}"' in text
    }
    return {f"tests/test_{module.rpartition('.')[2]}.py": text, **files}


def _docstring(module: str) -> str:
    return f'"""Tests of `{module}`: calls that were recorded when its notebook ran."""'


def _references(record: RecordedCall) -> Iterable[str]:
    """Yield the names of functions that are passed."""

    def inside(value: Value) -> Iterable[str]:
        if value.kind == "reference":
            yield value.expression
        for item in value.items:
            yield from inside(item)

    for call in record.calls:
        for argument in call.arguments:
            yield from inside(argument.value)


_STANDARD = re.compile(r"(?:import|from) (datetime|decimal|json|math|pathlib|pickle|random)\b")


def _import_block(
    imports: Iterable[str], own: Iterable[str], homes: Mapping[str, str]
) -> list[str]:
    """Write imports in three groups: the standard library, installed ones, the project's."""
    by_module: dict[str, set[str]] = {}
    for name in own:
        by_module.setdefault(homes[name], set()).add(name)
    project = []
    for module, names in sorted(by_module.items()):
        one = f"from {module} import {', '.join(_sorted(names))}"
        if len(one) > 88:  # noqa: PLR2004  (a line's width)
            one = (
                f"from {module} import (\n"
                + "".join(f"    {each},\n" for each in _sorted(names))
                + ")"
            )
        project.append(one)
    merged = _merged(imports)
    standard = [each for each in merged if _STANDARD.match(each)]
    installed = [each for each in merged if each not in standard]
    groups = [group for group in (standard, installed, project) if group]
    return "\n\n".join("\n".join(group) for group in groups).split("\n")


def _merged(imports: Iterable[str]) -> list[str]:
    """Put names of one module on one line, `import` before `from`, as isort does."""
    names: dict[str, set[str]] = {}
    plain = set()
    for each in imports:
        match = re.fullmatch(r"from (\S+) import (\w+)", each)
        if match:
            names.setdefault(match[1], set()).add(match[2])
        else:
            plain.add(each)
    return [
        *sorted(plain),
        *(
            f"from {module} import {', '.join(_sorted(found))}"
            for module, found in sorted(names.items())
        ),
    ]


def _sorted(names: Iterable[str]) -> list[str]:
    """Sort as isort does: constants, classes, the rest."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
