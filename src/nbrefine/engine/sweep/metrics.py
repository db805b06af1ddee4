"""The numbers that variants have written down: those in products that are JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from nbrefine.pipeline.model import Step

# (step of the project, product, name of the number)
_Key = tuple[str, str, str]


def numbers_of(steps: Mapping[str, Step]) -> dict[_Key, float]:
    """Read the numbers in the products of a variant.

    Parameters
    ----------
    steps
        Its steps, by their names in the project.

    Returns
    -------
    dict
        By step, product and name; what is nested has a name like ``validation.auc``. Lists, texts
        and truth values are no metrics.
    """
    found: dict[_Key, float] = {}
    for name, step in steps.items():
        for key, path in step.files.items():
            if path.suffix != ".json":
                continue
            try:
                value = json.loads(path.read_text("utf-8"))
            except (OSError, ValueError):
                continue  # no JSON after all
            if isinstance(value, dict):
                found |= {(name, key, inner): number for inner, number in _flat(value, "")}
    return found


def named(
    variants: Sequence[Mapping[_Key, float]], taken: Collection[str] = ()
) -> tuple[dict[str, str], list[dict[str, float]]]:
    """Give numbers names that are as short as they can be without being mistaken.

    Parameters
    ----------
    variants
        What `numbers_of` returned for each.
    taken
        Names that other columns of the table have.

    Returns
    -------
    tuple of dict and list of dict
        For each metric the step and product that it is from; and each variant's metrics.
    """
    keys = list(dict.fromkeys(key for each in variants for key in each))
    names = {key: key[2] for key in keys}
    for parts in ((0, 2), (0, 1, 2)):
        often = Counter([*names.values(), *taken])
        longer = {key: ".".join(key[part] for part in parts) for key in keys}
        names = {key: longer[key] if often[name] > 1 else name for key, name in names.items()}
    origins = {names[key]: f"{key[0]}.{key[1]}" for key in keys}
    return origins, [{names[key]: value for key, value in each.items()} for each in variants]


def _flat(value: Mapping[str, object], before: str) -> Iterator[tuple[str, float]]:
    for key, each in value.items():
        if isinstance(each, Mapping):
            yield from _flat(each, f"{before}{key}.")
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield f"{before}{key}", each
