"""The fingerprint of a step: everything that decides what it makes, looked up now."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from typing import TYPE_CHECKING

from nbrefine.pipeline.code import code_of, reached_by
from nbrefine.pipeline.fingerprint import ABSENT, CHANGED_MEANWHILE, SCHEME, Fingerprint
from nbrefine.pipeline.input_files import executed_notebooks, file_parts
from nbrefine.pipeline.observed import Observed, stored_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from nbrefine.analysis.modules import Reached
    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.survey import Survey

# To be raised with every change of what a label, or the digest behind one, stands for.
_SCHEME = "1"
_LONGEST_VALUE = 200
# Who asks for so many hands the environment on, such as to another program.
_MANY_VARIABLES = 12
_OF_A_TERMINAL = re.compile(
    r"(?:_|SHLVL|PWD|OLDPWD|COLUMNS|LINES|WINDOWID|DISPLAY|LS_COLORS|TERM\w*|COLORTERM|SSH_\w+|XDG_\w+"
    r"|DBUS_\w+|WAYLAND_\w+|VSCODE_\w+|TMUX\w*|STY|GPG_\w+|JPY_\w+|PYTEST_\w+)\Z"
)


def fingerprint_of(
    pipeline: Pipeline,
    step: Step,
    survey: Survey,
    upstream: Mapping[str, Published],
    observed: Observed | None = None,
) -> Fingerprint:
    """Return what a step would be made from now.

    Parameters
    ----------
    pipeline
        The pipeline.
    step
        One of its steps.
    survey
        Looks at files.
    upstream
        What the steps that it builds on have published; those that are missing are left out.
    observed
        What a run was seen to use.

    Returns
    -------
    Fingerprint
        With what the run showed, if one is given.

    Raises
    ------
    NotebookError
        If its notebook cannot be read.
    """
    observed = observed or Observed()
    code = code_of(step, survey)
    reached = reached_by(step, code, survey)
    static = {
        SCHEME: _SCHEME,
        "code": code.code,
        "python": python_part(),
        **({"kernel": code.kernel} if code.kernel else {}),
        **dict(_spec_parts(pipeline, step, survey)),
        **{k: v for up in step.upstream for k, v in _upstream_parts(pipeline, up, upstream)},
        **_code_parts(reached, survey),
    }
    loaded = [survey.root / path for path in observed.modules]
    seen: dict[str, str] = {}
    if not reached.files.issuperset(loaded):
        reached = reached_by(step, code, survey, loaded)
        seen |= _code_parts(reached, survey)
    seen |= file_parts(pipeline, step, survey, observed, reached)
    seen |= _package_parts(observed.imports, survey)
    seen |= _environ_parts(_asked_for(observed.environ))
    return Fingerprint(static, {k: v for k, v in seen.items() if k not in static})


def fingerprint_after(found: Fingerprint, changed: Iterable[str]) -> Fingerprint:
    """Return the fingerprint of a run that has ended.

    Parameters
    ----------
    found
        As things are at its end, with what it was seen to use.
    changed
        Files that it depends on, as `stored_path` has them, that were written to since it was
        planned. Which of their states it has read nobody knows: the next build runs it again.
    """
    uncertain = {f"file:{path}": CHANGED_MEANWHILE for path in sorted(changed)}
    return Fingerprint({**found.static, **uncertain}, found.seen)


def _asked_for(names: Collection[str]) -> Iterable[str]:
    """Return the variables that count: of code that takes all, not those of a terminal."""
    if len(names) < _MANY_VARIABLES:
        return names
    return [name for name in names if not _OF_A_TERMINAL.match(name)]


def value_part(name: str, value: object, root: Path) -> str:
    """Return what stands for a parameter: short values as they are, others as digests.

    Parameters
    ----------
    name
        The parameter; one that is called like a credential is not written out.
    value
        Its value.
    root
        The project's folder: a project is the same wherever it lies.
    """
    from nbrefine.report.masking import mask_value  # noqa: PLC0415  (its patterns take long)

    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    text = text.replace(json.dumps(str(root))[1:-1] + "/", "./")
    if len(text) > _LONGEST_VALUE or mask_value(name, value) != value:
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    return text


def environ_part(name: str) -> str:
    """Return what stands for an environment variable's value."""
    value = os.environ.get(name)
    return ABSENT if value is None else hashlib.sha256(os.fsencode(value)).hexdigest()


def python_part() -> str:
    """Return what stands for the Python that runs steps."""
    return ".".join(map(str, sys.version_info[:3]))


def _spec_parts(pipeline: Pipeline, step: Step, survey: Survey) -> Iterator[tuple[str, str]]:
    for name, value in step.params.items():
        yield f"param:{name}", value_part(name, value, pipeline.root)
    for file in step.resources.values():
        yield f"file:{stored_path(file, pipeline.root)}", survey.file(file)
    for name, product in step.products.items():
        path = step.files.get(name)
        yield f"product:{name}", stored_path(path, pipeline.root) if path else str(product)
    if step.options.get("local_execution"):
        yield "option:local_execution", "true"


def _upstream_parts(
    pipeline: Pipeline, name: str, upstream: Mapping[str, Published]
) -> Iterator[tuple[str, str]]:
    above = pipeline.steps[name]
    notebooks = executed_notebooks(above)
    for key, path in above.files.items():
        if key not in notebooks:  # where it lies is injected too, and code may go by its name
            yield f"place:{name}.{key}", stored_path(path, pipeline.root)
    if name not in upstream:
        return
    published = upstream[name]
    data = {key: made for key, made in published.products.items() if key not in notebooks}
    for key, made in data.items():
        yield f"upstream:{name}.{key}", made.content
    if not data:  # what it made besides is not known by name
        yield f"upstream:{name}", published.key


def _code_parts(reached: Reached, survey: Survey) -> dict[str, str]:
    modules = {
        f"module:{stored_path(file, survey.root)}{name and ':'}{name}": digest
        for (file, name), digest in reached.pieces.items()
    }
    return modules | _package_parts(reached.libraries, survey) | _environ_parts(reached.environ)


def _package_parts(modules: Iterable[str], survey: Survey) -> dict[str, str]:
    return {
        f"package:{name}": version
        for module in modules
        if module not in sys.stdlib_module_names
        for name, version in survey.distributions.versions(module).items()
    }


def _environ_parts(names: Iterable[str]) -> dict[str, str]:
    return {f"environ:{name}": environ_part(name) for name in names}
