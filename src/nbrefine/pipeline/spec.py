"""Reads Ploomber's ``pipeline.yaml``, importing and executing nothing of the user's."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.errors import PipelineSpecError, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.pipeline.entries import Entry, Meta
from nbrefine.pipeline.environment import read_environment
from nbrefine.pipeline.located import Document, Keys, read_yaml
from nbrefine.pipeline.model import Kind, Pipeline, Product, Relation, Step
from nbrefine.pipeline.placeholders import expand
from nbrefine.pipeline.settings import check_names, read_settings
from nbrefine.pipeline.source_memory import SourceMemory
from nbrefine.pipeline.steps import steps_of
from nbrefine.pipeline.upstream import resolve, upstream_place
from nbrefine.pipeline.yaml_memory import YamlMemory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = [
    "Kind",
    "Pipeline",
    "Product",
    "Relation",
    "Step",
    "find_root",
    "project_of",
    "read_pipeline",
]

SPEC_NAME = "pipeline.yaml"
_SECTIONS = frozenset(
    {
        *("meta", "config", "clients", "tasks", "serializer", "unserializer"),
        *("executor", "on_finish", "on_render", "on_failure"),
    }
)
_META_FLAGS = frozenset(
    {
        *("extract_upstream", "extract_product", "product_relative_to_source"),
        *("jupyter_hot_reload", "jupyter_functions_as_notebooks"),
    }
)
_META = _META_FLAGS | {"product_default_class", "source_loader", "import_tasks_from"}


def find_root(start: Path) -> Path:
    """Return the nearest folder, from one upwards, that has a ``pipeline.yaml``.

    Parameters
    ----------
    start
        Where to begin.

    Returns
    -------
    Path
        The project's folder; absolute.

    Raises
    ------
    PipelineSpecError
        If there is none.
    """
    folder = start.resolve()
    if not folder.is_dir():
        raise PipelineSpecError(f"There is no folder {shown(start)}.")
    for candidate in (folder, *folder.parents):
        if (candidate / SPEC_NAME).is_file():
            return candidate
    raise PipelineSpecError(
        f"There is no {SPEC_NAME} in {shown(folder)} or above it.",
        hint="Change into the project's folder, or name it.",
    )


def project_of(file: Path) -> Path:
    """Return the project that a file belongs to, also if it and its folder are gone.

    Raises
    ------
    PipelineSpecError
        If there is none.
    """
    return find_root(next(folder for folder in file.absolute().parents if folder.is_dir()))


def read_pipeline(root: Path, *, env_file: Path | None = None) -> Pipeline:
    """Read a project's pipeline.

    Parameters
    ----------
    root
        The folder of ``pipeline.yaml``.
    env_file
        What the placeholders stand for; else the file that ``PLOOMBER_ENV_FILENAME`` names, else
        ``env.yaml`` if it is there.

    Returns
    -------
    Pipeline
        Its steps, in the order of the spec.

    Raises
    ------
    PipelineSpecError
        If the spec or the env file cannot be followed.
    NotebookError
        If a step's source cannot be read.
    """
    root = root.resolve()
    memory = YamlMemory(root)
    document = read_yaml(root / SPEC_NAME, memory)
    sections = _sections(document)
    if root.parent.name == "src":
        raise document.error(
            "A pipeline inside a package (src/NAME/pipeline.yaml) is not read.",
            hint="Move pipeline.yaml to the project's folder, or use ploomber status.",
        )
    environment = read_environment(root, env_file, memory)
    sections = {
        key: expand(document, value, environment, _prefix(document, key))
        for key, value in sections.items()
    }
    meta = _meta(document, sections.get("meta"))
    keys = _prefix(document, "tasks")
    entries = [*_entries(document, sections["tasks"], keys, root, meta)]
    if (imported := _imported(document, sections, environment, memory)) is not None:
        other, tasks = imported
        more = _entries(other, tasks, (), other.file.parent, meta)
        entries.extend(replace(entry, root=root) for entry in more)
    memory.save()
    settings, sources = read_settings(root), SourceMemory(root)
    roots = settings.product_roots
    entries = [replace(entry, product_roots=roots, sources=sources) for entry in entries]
    steps = _steps(entries)
    check_names(settings, root, steps)
    options = {key: value for key, value in sections.items() if key not in {"tasks", "meta"}}
    return Pipeline(root, document.file, steps, options)


def _prefix(document: Document, key: object) -> Keys:
    """Return the keys that lead to a section; a spec that is a list has only ``tasks``."""
    return () if isinstance(document.value, list) else (key,)


def _sections(document: Document) -> dict[str, object]:
    value = document.value
    if isinstance(value, list):
        return {"tasks": value}
    if not isinstance(value, dict):
        raise document.error("The spec has to have a list of 'tasks'.")
    if "location" in value:
        raise document.error(
            "The pipeline is made by code ('location'), which is not run here.",
            "location",
            hint="Use ploomber status.",
        )
    for key in value:
        if key not in _SECTIONS:
            hint = did_you_mean(str(key), _SECTIONS)
            raise document.error(f"The spec has no section {key!r}.", key, hint=hint)
    if not value.get("tasks"):
        hint = "Add a first one, with source and product."
        raise document.error("The spec has no 'tasks'.", "tasks", hint=hint)
    return {str(key): section for key, section in value.items()}


def _meta(document: Document, value: object) -> Meta:
    if value is None:
        return Meta()
    if not isinstance(value, dict):
        raise document.error("'meta' has to be a mapping.", "meta")
    for key, setting in value.items():
        if key not in _META:
            hint = did_you_mean(str(key), _META)
            raise document.error(f"'meta' has no key {key!r}.", "meta", key, hint=hint)
        if key in _META_FLAGS and not isinstance(setting, bool):
            message = f"{key!r} has to be true or false, but is {setting!r}."
            raise document.error(message, "meta", key)
    if value.get("source_loader") is not None:
        raise document.error(
            "Sources that are loaded from a package ('source_loader') are not read.",
            "meta",
            "source_loader",
            hint="Use ploomber status.",
        )
    classes = value.get("product_default_class") or {}
    if not isinstance(classes, dict):
        message = "'product_default_class' has to be a mapping of classes."
        raise document.error(message, "meta", "product_default_class")
    return Meta(
        extract_upstream=value.get("extract_upstream", True),
        extract_product=value.get("extract_product", False),
        product_relative_to_source=value.get("product_relative_to_source", False),
        product_default_class=classes,
    )


def _imported(
    document: Document,
    sections: Mapping[str, object],
    environment: Mapping[str, object],
    memory: YamlMemory,
) -> tuple[Document, object] | None:
    """Read the list of tasks that ``meta.import_tasks_from`` names."""
    meta = sections.get("meta")
    name = meta.get("import_tasks_from") if isinstance(meta, dict) else None
    if name is None:
        return None
    file = document.file.parent / str(name)
    if not file.is_file():
        message = f"There is no file {shown(file)}."
        raise document.error(message, "meta", "import_tasks_from")
    other = read_yaml(file, memory)
    return other, expand(other, other.value, environment)


def _entries(
    document: Document, tasks: object, keys: Keys, base: Path, meta: Meta
) -> Iterator[Entry]:
    if not isinstance(tasks, list):
        raise document.error("The tasks have to be a list, each beginning with '- '.", *keys)
    for index, task in enumerate(tasks):
        value = {"source": task} if isinstance(task, str) else task
        if not isinstance(value, dict):
            message = f"A task has to have keys such as source and product, but is {task!r}."
            raise document.error(message, *keys, index)
        yield Entry(document, (*keys, index), value, base, base, meta)


def _steps(entries: list[Entry]) -> dict[str, Step]:
    declared: dict[str, tuple[Step, Entry]] = {}
    sources: set[Path] = set()
    makers: dict[Path, str] = {}
    for entry in entries:
        for step in steps_of(entry):
            if step.name in declared:
                first = declared[step.name][0].place
                raise entry.error(
                    f"Two steps have the name {step.name!r}; the first is at {first}.",
                    *(["name"] if "name" in entry.value else ["source"]),
                    hint="Give one of them another 'name'.",
                )
            sources.add(step.source)
            _check_products(step, entry, sources, makers)
            makers.update(dict.fromkeys(step.files.values(), step.name))
            declared[step.name] = step, entry
    _check_folders(declared.values())
    return {name: _linked(step, entry, declared) for name, (step, entry) in declared.items()}


def _check_products(
    step: Step, entry: Entry, sources: Collection[Path], makers: Mapping[Path, str]
) -> None:
    """Refuse a product that another step makes as well, or that is a source."""
    own = [*step.files.values()]
    for key, path in step.files.items():
        at = _keys(step, key)
        if own.count(path) > 1:
            message = f"Two products of {step.name!r} are the same {shown(path, entry.root)}."
            raise entry.error(message, *at, hint="Give each a name of its own.")
        if path in sources:
            message = f"The product {shown(path, entry.root)} is the source of a step."
            raise entry.error(message, *at, hint="Give it another name.")
        if path in makers:
            message = f"The steps {makers[path]!r} and {step.name!r} make the same {shown(path)}."
            raise entry.error(message, *at, hint="Give each a product of its own.")


def _check_folders(declared: Iterable[tuple[Step, Entry]]) -> None:
    """Refuse a product inside another one: products are published and compared as a whole."""
    made = [
        (f"{path}{os.sep}", key, step, entry)
        for step, entry in declared
        for key, path in step.files.items()
    ]
    # In this order, what is in a folder comes right after it.
    made.sort(key=itemgetter(0))
    for (folder, _, maker, _), (path, key, step, entry) in pairwise(made):
        if path.startswith(folder):
            inner, outer = (shown(Path(each), entry.root) for each in (path, folder))
            raise entry.error(
                f"The product {inner} lies in {outer}, which {maker.name!r} makes as a whole.",
                *_keys(step, key),
                hint="Give it a place of its own.",
            )


def _keys(step: Step, product: str) -> tuple[str, ...]:
    """Return where a step's entry says a product."""
    return ("product", product) if isinstance(step.product, dict) else ("product",)


def _linked(step: Step, entry: Entry, declared: Mapping[str, object]) -> Step:
    names, groups, unknown = resolve(step.upstream, declared)
    if unknown:
        raise PipelineSpecError(
            f"The step {step.name!r} builds on {unknown[0]!r}, which is no step.",
            where=upstream_place(step) if entry.meta.extract_upstream else step.place,
            hint=did_you_mean(unknown[0], [name for name in declared if name != step.name]),
        )
    return replace(step, upstream=names, groups=groups)
