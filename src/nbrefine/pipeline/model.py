"""What a pipeline is: steps with a source, products, parameters and what they build on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

from nbrefine.errors import Place, UnknownStepError, did_you_mean
from nbrefine.pipeline.graph import Graph
from nbrefine.pipeline.params import RESOURCES

Kind: TypeAlias = Literal["notebook", "script", "function", "sql", "shell", "other"]


@dataclass(frozen=True)
class Relation:
    """A product that lies in a database, not in a file.

    Parameters
    ----------
    parts
        Schema, name and kind, as the spec says them.
    """

    parts: tuple[str, ...]

    def __str__(self) -> str:
        """Render as ``schema.name``; the kind (table, view) is left out."""
        return ".".join(self.parts[:-1] or self.parts)


Product: TypeAlias = Path | Relation | Mapping[str, Path | Relation]


@dataclass(frozen=True)
class Step:
    """One step of a pipeline; Ploomber's "task".

    Parameters
    ----------
    name
        Its name.
    kind
        What its source is.
    source
        The file that its code is in; absolute.
    product
        In the shape of the spec: one product, or names and products. Paths are absolute.
    params
        Its parameters, with ``resources_`` as absolute paths.
    upstream
        The names of the steps whose products it reads, wildcards resolved.
    groups
        For a step of `upstream` that a wildcard such as ``fit-*`` brought in, that wildcard.
    called
        For a step of `upstream` that its source calls by another name, that name.
    dotted_path
        For a function, how the spec names it.
    options
        All other keys of its entry, such as ``executor_params``.
    place
        Where the spec declares it.
    variant_of
        The step of the spec that it is a variant of, if a sweep has made it.
    """

    name: str
    kind: Kind
    source: Path
    product: Product
    params: Mapping[str, object] = field(default_factory=dict)
    upstream: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    dotted_path: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    place: Place | None = None
    variant_of: str = ""

    @property
    def declared_name(self) -> str:
        """The name that the spec gives it, or the step that it is a variant of."""
        return self.variant_of or self.name

    @cached_property
    def products(self) -> Mapping[str, Path | Relation]:
        """All products by name; a single one has the name ``product``."""
        return self.product if isinstance(self.product, Mapping) else {"product": self.product}

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """The products that are files, by name."""
        return {name: path for name, path in self.products.items() if isinstance(path, Path)}

    @cached_property
    def resources(self) -> Mapping[str, Path]:
        """The input files that the spec declares, by name; absolute, links resolved."""
        declared = self.params.get(RESOURCES)
        if not isinstance(declared, Mapping):
            return {}
        return {str(name): Path(str(path)) for name, path in declared.items()}


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as its spec declares it.

    Parameters
    ----------
    root
        The project's folder.
    spec_file
        The file that declares it.
    steps
        By name, in the order of the spec.
    options
        The spec's other sections, such as ``executor`` and ``clients``.
    """

    root: Path
    spec_file: Path
    steps: Mapping[str, Step]
    options: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Graph:
        """The order of the steps.

        Raises
        ------
        PipelineSpecError
            If steps build on one another in a circle.
        """
        upstream = {name: step.upstream for name, step in self.steps.items()}
        return Graph(upstream, {name: step.place for name, step in self.steps.items()})

    @cached_property
    def makers(self) -> Mapping[Path, str]:
        """Which step makes a file, of all files that are products."""
        return {path: name for name, step in self.steps.items() for path in step.files.values()}

    def step(self, name: str) -> Step:
        """Return a step by name, or raise an error that names those that are near."""
        if name not in self.steps:
            message = f"The pipeline has no step {name!r}."
            raise UnknownStepError(message, hint=did_you_mean(name, self.steps))
        return self.steps[name]
