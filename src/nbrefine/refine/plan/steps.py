"""Steps ready to be written: what each takes, keeps, and in which files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.refine.plan.lines import extension

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.recording.formats import Stored
    from nbrefine.refine.flow.crossing import Crossing
    from nbrefine.refine.flow.recipes import Recipe
    from nbrefine.refine.parameterize.parameterize import Parameter, Scalar
    from nbrefine.refine.segment.segment import Segment


@dataclass(frozen=True)
class Product:
    """A file through which values go from one step to later ones.

    Parameters
    ----------
    key
        Its key in the step's products.
    path
        Where it lies, relative to the project's root.
    stored
        What is in it; None for a file that the notebook itself writes.
    """

    key: str
    path: str
    stored: Stored | None = None


@dataclass(frozen=True)
class Read:
    """What a step takes from a product of another.

    Parameters
    ----------
    step
        The other step's name.
    product
        The product.
    names
        The names that it takes; of those that are stored together it may be some.
    """

    step: str
    product: Product
    names: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One step of the project.

    Parameters
    ----------
    name, title
        Its name, and its heading.
    cells
        Origins of the notebook's cells that it runs.
    upstream
        Names of the steps that it takes something from.
    reads
        What it takes.
    products
        What it gives.
    recipes
        Statements of earlier cells that it repeats.
    params
        Its parameters.
    comments
        What the author says of parameters, by their names.
    resources
        Input files whose change makes it outdated: a name, and the path from the root.
    hides_ploomber
        Whether the notebook has variables ``upstream`` or ``product`` of its own, or looks at all
        variables: then these are kept out of its sight.
    """

    name: str
    title: str
    cells: tuple[int, ...]
    upstream: tuple[str, ...] = ()
    reads: tuple[Read, ...] = ()
    products: tuple[Product, ...] = ()
    recipes: tuple[Recipe, ...] = ()
    params: Mapping[str, Scalar] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    hides_ploomber: bool = False

    @property
    def notebook(self) -> str:
        """Path of its notebook, relative to the project's root."""
        return f"notebooks/{self.name}.ipynb"


def assemble(  # noqa: PLR0913  (each is a stage's result)
    segments: Sequence[Segment],
    crossing: Crossing,
    stored: Mapping[tuple[int, str], Stored],
    parameters: Sequence[Parameter],
    files: Mapping[int, tuple[Mapping[str, str], Mapping[str, str]]],
    *,
    texts: Sequence[str] = (),
    hides_ploomber: bool = False,
) -> tuple[Step, ...]:
    """Put steps together.

    Parameters
    ----------
    segments
        The cut notebook.
    crossing
        What crosses between them.
    stored
        How each name that crosses is stored, by the position of the step that gives it.
    parameters
        The notebook's parameters.
    files
        For each step the input files and the files that it writes, each with a name.
    texts
        The text of each of the notebook's cells, with the parameters in it.
    hides_ploomber
        Whether the notebook has variables ``upstream`` or ``product`` of its own.

    Returns
    -------
    tuple of Step
        In the notebook's order.
    """
    products = [
        _products(
            segment, {name: stored[index, name] for name in plan.outputs if not _is_file(name)}
        )
        for index, (segment, plan) in enumerate(zip(segments, crossing.steps, strict=True))
    ]
    params = _params(segments, crossing, parameters, texts)
    steps = []
    for index, (segment, plan) in enumerate(zip(segments, crossing.steps, strict=True)):
        inputs, written = files.get(index, ({}, {}))
        reads = _reads(plan.inputs, products, segments)
        producers = set(plan.inputs.values())
        taken = {product.key for product in products[index]} | {"nb"}
        steps.append(
            Step(
                name=segment.name,
                title=segment.title,
                cells=segment.cells,
                upstream=tuple(segments[number].name for number in sorted(producers)),
                reads=reads,
                products=(
                    *products[index],
                    *(
                        Product(key if key not in taken else f"{key}_file", path)
                        for key, path in written.items()
                    ),
                ),
                recipes=plan.recipes,
                params=params[index],
                comments={each.name: each.comment for each in parameters if each.comment},
                resources=inputs,
                hides_ploomber=hides_ploomber,
            )
        )
    return tuple(steps)


def _is_file(name: str) -> bool:
    return name.startswith("<file:")


def _products(segment: Segment, outputs: Mapping[str, Stored]) -> tuple[Product, ...]:
    """Return one file for each group of names that are stored together."""
    products: dict[tuple[str, ...], Product] = {}
    stems: set[str] = {segment.name.casefold()}
    for _, how in sorted(outputs.items()):
        if how.names in products:
            continue
        key = "_and_".join(_word(name) for name in how.names)
        # Some file systems take `X` and `x` for one name.
        stem = key
        while stem.casefold() in stems:
            stem += "_"
        stems.add(stem.casefold())
        key = key if key != "nb" else "nb_"
        path = f"build/{segment.name}/{stem}{extension(how)}"
        products[how.names] = Product(key, path, how)
    return tuple(products.values())


def _word(name: str) -> str:
    """Return a word for a name: ``random_numpy`` for ``<random:numpy>``."""
    return name.strip("<>").replace(":", "_")


def _reads(
    inputs: Mapping[str, int],
    products: Sequence[tuple[Product, ...]],
    segments: Sequence[Segment],
) -> tuple[Read, ...]:
    """Return the products that hold a step's inputs, in the order of the steps."""
    reads = []
    for number in sorted(set(inputs.values())):
        for product in products[number]:
            names = product.stored.names if product.stored else ()
            taken = tuple(name for name in names if inputs.get(name) == number)
            if taken:
                reads.append(Read(segments[number].name, product, taken))
    return tuple(reads)


def _params(
    segments: Sequence[Segment],
    crossing: Crossing,
    parameters: Sequence[Parameter],
    texts: Sequence[str],
) -> list[dict[str, Scalar]]:
    """Return for each step the parameters that its code mentions.

    One that no code mentions stays where the author set it.
    """
    params: list[dict[str, Scalar]] = [{} for _ in segments]
    codes = [
        [*(texts[origin] for origin in segment.cells), *(each.source for each in plan.recipes)]
        for segment, plan in zip(segments, crossing.steps, strict=True)
    ]
    for each in parameters:
        users = [index for index, code in enumerate(codes) if any(map(each.is_used, code))]
        home = next(
            index for index, segment in enumerate(segments) if each.places[0][0] in segment.cells
        )
        for index in users or [home]:
            params[index][each.name] = each.value
    return params
