"""The step, or with a grid the steps, that one entry of the spec declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.pipeline.grid import GridError, combinations, filled
from nbrefine.pipeline.kinds import check_keys, class_of, kind_of, locate
from nbrefine.pipeline.model import Step
from nbrefine.pipeline.params import params_of, with_resources
from nbrefine.pipeline.products import product_in_grid, resolve_product, stated_product
from nbrefine.pipeline.upstream import (
    upstream_of_function,
    upstream_of_notebook,
    upstream_of_template,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.pipeline.entries import Entry
    from nbrefine.pipeline.model import Kind, Product

# Keys that a Step has fields for; the rest is its options.
_FIELDS = frozenset({"source", "product", "name", "params", "upstream", "grid"})


def steps_of(entry: Entry) -> Iterator[Step]:
    """Return the steps that an entry declares, wildcards in `upstream` not yet resolved.

    Raises
    ------
    PipelineSpecError
        If the entry cannot be followed.
    NotebookError
        If its source cannot be read.
    """
    name_class = class_of(entry)
    check_keys(entry, name_class)
    source, dotted_path = locate(entry, name_class)
    kind = kind_of(name_class, source)
    stated = stated_product(entry, source, kind)
    wanted = _upstream(entry, source, dotted_path, kind)

    def step(name: str, product: Product, params: dict[str, object]) -> Step:
        return Step(
            name=name,
            kind=kind,
            source=source,
            product=product,
            params=params,
            upstream=wanted,
            dotted_path=dotted_path,
            options={key: value for key, value in entry.value.items() if key not in _FIELDS},
            place=entry.document.place(*entry.keys),
        )

    params = params_of(entry)
    if "grid" not in entry.value:
        name = _name(entry, dotted_path.rpartition(".")[2] or source.stem)
        product = resolve_product(entry, stated, name_class, source)
        yield step(name, product, with_resources(entry, params))
        return
    try:
        for index, values in enumerate(combinations(entry.value["grid"], params)):
            name = _name(entry, "")
            name = filled(name, values) if "[[" in name else f"{name}{index}"
            own = product_in_grid(stated, index, values)
            yield step(name, resolve_product(entry, own, name_class, source), values)
    except GridError as error:
        raise entry.error(f"The grid cannot be followed: {error}.", "grid") from None


def _name(entry: Entry, default: str) -> str:
    name = entry.value.get("name", default)
    if not name:
        raise entry.error("A task with a 'grid' needs a 'name'.", "grid")
    if not isinstance(name, str):
        raise entry.error(f"A step's name has to be a text, but is {name!r}.", "name")
    return name


def _upstream(entry: Entry, source: Path, dotted_path: str, kind: Kind) -> tuple[str, ...]:
    stated = entry.value.get("upstream")
    if not entry.meta.extract_upstream:
        names = [stated] if isinstance(stated, str) else stated or []
        if isinstance(names, list | tuple | set) and all(isinstance(n, str) for n in names):
            return tuple(names)
        raise entry.error("'upstream' has to be a step's name or a list of them.", "upstream")
    if stated:
        raise entry.error(
            "The key 'upstream' is used only where meta.extract_upstream is false.",
            "upstream",
            hint="Say it in the source instead: in a notebook, upstream = [...] in the cell "
            "tagged 'parameters'.",
        )
    if kind in {"notebook", "script"}:
        said = None if entry.sources is None else entry.sources.of(source)
        known = None if said is None else said.upstream
        return upstream_of_notebook(source) if known is None else known
    if kind == "function":
        return upstream_of_function(source, dotted_path.rpartition(".")[2])
    if kind in {"sql", "shell"}:
        return upstream_of_template(source)
    raise entry.error(
        f"What a task of the class {entry.value.get('class')} builds on cannot be read.",
        "class",
        hint="Set meta.extract_upstream to false, and give each task its upstream key.",
    )
