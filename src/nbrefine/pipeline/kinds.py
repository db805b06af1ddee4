"""What kind of step a task's source makes, and which keys such a task can have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.errors import did_you_mean
from nbrefine.pipeline.functions import function_node, module_file

if TYPE_CHECKING:
    from nbrefine.pipeline.entries import Entry
    from nbrefine.pipeline.model import Kind

# Ploomber's class for a source's suffix; what has none of these is a function.
_NOTEBOOK_SUFFIXES = (".ipynb", ".py", ".R", ".Rmd", ".r")
_SUFFIXES = (*_NOTEBOOK_SUFFIXES, ".sql", ".sh")
_DUMP_SUFFIXES = (".csv", ".parquet")
_KINDS: dict[str, Kind] = {
    "NotebookRunner": "notebook",
    "ScriptRunner": "script",
    "PythonCallable": "function",
    "SQLScript": "sql",
    "SQLDump": "sql",
    "ShellScript": "shell",
}
# These take their own keys, which are not read.
_OTHER_CLASSES = (
    *("SQLTransfer", "SQLUpload", "PostgresCopyFrom", "DownloadFromURL", "Link", "Input"),
    "UploadToS3",
)
_COMMON_KEYS = {
    *("source", "product", "name", "params", "upstream", "class", "product_class", "client"),
    *("product_client", "grid", "on_finish", "on_render", "on_failure"),
}
_KEYS = {
    "NotebookRunner": {
        *("executor", "executor_params", "papermill_params", "kernelspec_name", "ext_in"),
        *("nbconvert_exporter_name", "nbconvert_export_kwargs", "nb_product_key", "debug_mode"),
        *("static_analysis", "local_execution", "check_if_kernel_installed"),
    },
    "ScriptRunner": {"ext_in", "static_analysis", "local_execution"},
    "PythonCallable": {"serializer", "unserializer", "debug_mode"},
    "SQLDump": {"chunksize", "io_handler"},
}


def class_of(entry: Entry) -> str:
    """Return Ploomber's class for a task: the one that it names, else by its source's suffix.

    Raises
    ------
    PipelineSpecError
        If it names none that exists, or its source's suffix says nothing.
    """
    if "class" in entry.value:
        name = str(entry.value["class"])
        if name not in _KINDS and name not in _OTHER_CLASSES:
            hint = did_you_mean(name, [*_KINDS, *_OTHER_CLASSES])
            raise entry.error(f"There is no task class {name!r}.", "class", hint=hint)
        return name
    source = source_of(entry)
    suffix = Path(source).suffix
    if suffix in _NOTEBOOK_SUFFIXES:
        return "NotebookRunner"
    if suffix == ".sh":
        return "ShellScript"
    if suffix == ".sql":
        product = entry.value.get("product")
        to_file = isinstance(product, str) and Path(product).suffix in _DUMP_SUFFIXES
        return "SQLDump" if to_file else "SQLScript"
    if "/" in source or "." not in source:
        raise entry.error(
            f"What the source {source!r} is cannot be told from its suffix {suffix!r}.",
            "source",
            hint=f"Known are {', '.join(_SUFFIXES)}, and functions as module.function.",
        )
    return "PythonCallable"


def kind_of(name_class: str, source: Path) -> Kind:
    """Return the kind of step for a class and a source."""
    kind = _KINDS.get(name_class, "other")
    return "script" if kind == "notebook" and source.suffix != ".ipynb" else kind


def check_keys(entry: Entry, name_class: str) -> None:
    """Raise an error for a key that Ploomber would not know, with the ones that are near."""
    if name_class in _OTHER_CLASSES:
        return
    known = _COMMON_KEYS | _KEYS.get(name_class, set())
    for key in entry.value:
        if key not in known:
            message = f"A task of the class {name_class} has no key {key!r}."
            raise entry.error(message, key, hint=did_you_mean(str(key), known))


def source_of(entry: Entry) -> str:
    """Return what a task says its source is."""
    source = entry.value.get("source")
    if not isinstance(source, str) or not source:
        message = "A task needs a 'source': a notebook, a script or a function."
        raise entry.error(message, "source", hint=entry.misspelt("source"))
    return source


def locate(entry: Entry, name_class: str) -> tuple[Path, str]:
    """Return the file of a task's source and, for a function, its dotted path.

    Raises
    ------
    PipelineSpecError
        If there is no such file or function.
    """
    source = source_of(entry)
    if name_class in _OTHER_CLASSES:
        return entry.root / source, ""
    if name_class == "PythonCallable":
        module, _, function = source.rpartition(".")
        file = module_file(module, entry.root) if module else None
        if file is None:
            raise entry.error(
                f"The module of the function {source!r} is not found.",
                "source",
                hint=f"Looked for {module.replace('.', '/')}.py in the project and on the import "
                "path. A notebook's name ends in .ipynb.",
            )
        function_node(file, function)
        return file, source
    path = Path(os.path.normpath(entry.base / source))
    if not path.is_file():
        siblings = [other.name for other in path.parent.glob("*") if other.is_file()]
        hint = did_you_mean(path.name, siblings)
        raise entry.error(f"There is no source {source!r}.", "source", hint=hint)
    return path, ""
