"""The files around the steps: environment, read-me, workflow."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.refine.plan.lines import extension, imports
from nbrefine.refine.write.imports import modules_imported_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbrefine.recording.facts import PythonFacts
    from nbrefine.refine.plan.steps import Step

_GITIGNORE = """\
build/
.ipynb_checkpoints/
__pycache__/
.env
"""

_WORKFLOW = """\
name: build
on: [push, pull_request]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{version}"
      - run: pip install .
      - run: ploomber build
"""


@dataclass(frozen=True)
class Environment:
    """What a project runs in.

    Parameters
    ----------
    version
        Python's.
    loaded
        The versions of all packages that were loaded when the notebook ran.
    asked_for
        Those of them that the notebook imports, or makes a library use.
    """

    version: str = "3.11"
    loaded: Mapping[str, str] = field(default_factory=dict)
    asked_for: Mapping[str, str] = field(default_factory=dict)


def environment_of(python: PythonFacts, imported: Collection[str]) -> Environment:
    """Return what a notebook ran in, as its project needs it.

    Parameters
    ----------
    python
        The interpreter.
    imported
        Top-level modules that the notebook imports. What these can do without counts if it was
        loaded, such as openpyxl, which pandas needs for a workbook.
    """
    own = {python.modules[name] for name in imported if name in python.modules}
    used = {
        name
        for name, users in python.optional_for.items()
        if name not in python.required_by and not own.isdisjoint(users)
    }
    asked_for = {name: python.packages[name] for name in python.packages if name in own | used}
    return Environment(python.version, python.packages, asked_for)


def project_files(
    project: str,
    notebook: str,
    steps: Sequence[Step],
    environment: Environment,
    *,
    has_modules: bool = False,
) -> dict[str, str]:
    """Write the files around the steps.

    Parameters
    ----------
    project
        The project's name.
    notebook
        Name of the original.
    steps
        In the notebook's order.
    environment
        What it runs in.
    has_modules
        Whether there is code in ``src/``.

    Returns
    -------
    dict of str to str
        Path relative to the project's root, and content.
    """
    version = ".".join(environment.version.split(".")[:2])
    used = {"ipykernel", *_stores_with(steps)}
    own = {name: environment.loaded.get(name, "") for name in used}
    loaded = requirements({**own, **environment.loaded})
    packages = requirements({**own, **environment.asked_for})
    return {
        ".gitignore": _GITIGNORE + "".join(f"/{path}\n" for path in _written(steps)),
        ".github/workflows/build.yml": _WORKFLOW.format(version=version),
        "README.md": _readme(project, notebook, steps, has_modules=has_modules),
        "environment.yml": _environment(project, version, loaded),
        "pyproject.toml": _pyproject(project, notebook, version, packages, has_modules=has_modules),
    }


def _written(steps: Sequence[Step]) -> list[str]:
    """Return the files that the notebook's own cells write into the project."""
    return sorted(each.path for step in steps for each in step.products if not each.stored)


def _stores_with(steps: Sequence[Step]) -> set[str]:
    """Return the packages that read and write what crosses between steps."""
    stored = [each.stored for step in steps for each in step.products if each.stored]
    found = modules_imported_in(line for each in stored for line in imports(each))
    if any(extension(each) == ".parquet" for each in stored):
        found.add("pyarrow")
    return found - sys.stdlib_module_names


def requirements(packages: Mapping[str, str]) -> list[str]:
    """Return requirements for packages, and for what builds the project."""
    needed = {"ploomber": "0.23.3", **packages}
    return [f"{name}=={version}" if version else name for name, version in sorted(needed.items())]


def project_name(text: str) -> str:
    """Return a valid name for a distribution."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "pipeline"


def _environment(project: str, version: str, packages: Sequence[str]) -> str:
    lines = [f"name: {project}", "channels: [conda-forge]", "dependencies:"]
    lines += [f"  - python={version}", "  - pip", "  - pip:"]
    lines += [f"      - {each}" for each in packages]
    return "\n".join(lines) + "\n"


def _pyproject(
    project: str, notebook: str, version: str, packages: Sequence[str], *, has_modules: bool
) -> str:
    found = ["[tool.setuptools.packages.find]", 'where = ["src"]']
    none = ["[tool.setuptools]", "# The code is in the notebooks.", "py-modules = []"]
    lines = [
        "[build-system]",
        'requires = ["setuptools>=64"]',
        'build-backend = "setuptools.build_meta"',
        "",
        "[project]",
        f'name = "{project}"',
        'version = "0.1.0"',
        f'description = "The pipeline of {_plain(notebook)}."',
        f'requires-python = ">={version}"',
        "# What the notebook imports, as it was when it ran; `environment.yml` has all of it.",
        "dependencies = [",
        *(f'  "{each}",' for each in packages),
        "]",
        "",
        *(found if has_modules else none),
        "",
        # Without a section of its own the settings of a project around this one would hold.
        "[tool.pytest.ini_options]",
        'testpaths = ["tests"]',
        "",
        "[tool.ruff.lint.per-file-ignores]",
        "# Cells of imports are as their author wrote them, whatever each step uses of them.",
        '"*.ipynb" = ["F401"]',
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("\\", "/").replace('"', "'")


def _readme(project: str, notebook: str, steps: Sequence[Step], *, has_modules: bool) -> str:
    code = ["Functions and classes that the steps share are in `src/`.", ""] if has_modules else []
    lines = [
        f"# {project}",
        "",
        f"The notebook `{notebook}` as a pipeline: `pipeline.yaml` says how the steps depend on",
        "each other, each step is a notebook in `notebooks/`, products go to `build/`.",
        "",
        *code,
        "| Step | Takes from | Gives |",
        "| --- | --- | --- |",
    ]
    for step in steps:
        gives = ", ".join(
            f"`{name}`" for each in step.products if each.stored for name in each.stored.names
        )
        takes = ", ".join(step.upstream)
        lines.append(f"| [{step.name}]({step.notebook}) | {takes or '-'} | {gives or '-'} |")
    lines += [
        "",
        "```",
        "ploomber build                # run the steps that are not up to date",
        "ploomber status               # what is up to date, and what is not",
        "jupyter lab                   # work on a step",
        "```",
        "",
        "Paths are relative to this folder, where Ploomber runs the steps. JupyterLab starts a",
        "notebook in its own folder: run `%cd ..` in it first.",
        "",
        "Parameters are in `pipeline.yaml`. A step reads what comes from other steps by",
        '`upstream["step"]["name"]`, and writes to `product["name"]`.',
    ]
    return "\n".join(lines) + "\n"
