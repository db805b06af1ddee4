"""What a project has set for its builds: ``[tool.nbrefine]`` in ``pyproject.toml``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nbrefine.errors import InputError, Place, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.files.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nbrefine.pipeline.model import Step

Said = TypeVar("Said")

CACHE_VARIABLE = "NBREFINE_CACHE"
"""An environment variable that says where the cache of products is."""

_KEYS = frozenset({
    *("product-roots", "cache", "cache-size", "timeout", "timeouts", "warm-kernels", "resources"),
})  # fmt: skip
# The same table says which findings a project does not want to hear of.
_OTHER_KEYS = frozenset({"ignore"})


@dataclass(frozen=True)
class Settings:
    """What holds for the builds of a project.

    Parameters
    ----------
    cache
        Folder of products by fingerprint; on a shared disk it serves a team.
    cache_size
        Bytes that it may hold.
    timeout
        Seconds that a step may take.
    timeouts
        The same for single steps, by name, or by a pattern such as ``fit-*``.
    product_roots
        Folders outside of the project in which products may lie.
    warm_kernels
        Whether steps may run in kernels that are forked from one with everything imported.
    resources
        By step or pattern, how much it asks for of what a cluster's workers offer, by name.
    """

    cache: Path
    cache_size: int = 10 * 10**9
    timeout: float = 3600.0
    timeouts: Mapping[str, float] = field(default_factory=dict)
    product_roots: tuple[Path, ...] = ()
    warm_kernels: bool = True
    resources: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def timeout_of(self, step: Step) -> float:
        """Return the seconds that a step may take."""
        return _said_of(step, self.timeouts, self.timeout)

    def resources_of(self, step: Step) -> Mapping[str, float]:
        """Return what a step asks for, by name."""
        return _said_of(step, self.resources, {})


def read_settings(root: Path) -> Settings:
    """Read a project's settings.

    Parameters
    ----------
    root
        The project's folder; paths are relative to it.

    Raises
    ------
    InputError
        If they cannot be followed.
    """
    file = root / "pyproject.toml"
    found = _table(file)
    for key in found:
        if key not in _KEYS | _OTHER_KEYS:
            raise _wrong(file, f"has no setting {key!r}", did_you_mean(key, _KEYS | _OTHER_KEYS))
    where = os.environ.get(CACHE_VARIABLE) or found.get("cache", ".nbrefine/cache")
    timeouts = found.get("timeouts", {})
    if not isinstance(timeouts, dict):
        raise _wrong(file, f"'timeouts' has to be a table of seconds, but is {timeouts!r}")
    roots = found.get("product-roots", [])
    if not isinstance(roots, list) or not all(isinstance(each, str) for each in roots):
        raise _wrong(file, f"'product-roots' has to be a list of folders, but is {roots!r}")
    warm = found.get("warm-kernels", Settings.warm_kernels)
    if not isinstance(warm, bool):
        raise _wrong(file, f"'warm-kernels' has to be true or false, but is {warm!r}")
    return Settings(
        cache=root / Path(str(where)).expanduser(),
        cache_size=_size(file, found.get("cache-size", Settings.cache_size)),
        timeout=_seconds(file, "timeout", found.get("timeout", Settings.timeout)),
        timeouts={name: _seconds(file, name, value) for name, value in timeouts.items()},
        product_roots=tuple((root / Path(each).expanduser()).resolve() for each in roots),
        warm_kernels=warm,
        resources=_resources(file, found.get("resources", {})),
    )


def _said_of(step: Step, table: Mapping[str, Said], default: Said) -> Said:
    """Return what a table says of a step: the step's name goes before a pattern."""
    name = step.declared_name
    if name in table:
        return table[name]
    return next((said for key, said in table.items() if fnmatchcase(name, key)), default)


def check_names(settings: Settings, root: Path, steps: Collection[str]) -> None:
    """Refuse settings for steps that a project does not have.

    Parameters
    ----------
    settings, root
        The project's.
    steps
        The names of its steps.

    Raises
    ------
    InputError
        With the names that are near.
    """
    for key, table in (("timeouts", settings.timeouts), ("resources", settings.resources)):
        for name in table:
            if name not in steps and not any(fnmatchcase(each, name) for each in steps):
                what = f"{key!r} names the step {name!r}, which the pipeline has not"
                raise _wrong(root / "pyproject.toml", what, did_you_mean(name, steps))


def _table(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    import tomllib  # noqa: PLC0415  (takes as long as a small plan)

    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"It cannot be read: {error}", where=Place(shown(file))) from None
    table = document.get("tool", {}).get("nbrefine", {})
    if not isinstance(table, dict):
        raise _wrong(file, "has to be a table")
    return table


def _size(file: Path, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    size = size_of(value) if isinstance(value, str) else None
    if size is None:
        raise _wrong(file, f"'cache-size' has to be a size like '20 GB', but is {value!r}")
    return size


def _seconds(file: Path, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise _wrong(file, f"{name!r} has to be a number of seconds, but is {value!r}")
    return float(value)


def _resources(file: Path, value: object) -> dict[str, dict[str, float]]:
    form = "has to be a table of steps, with a table of numbers above 0 for each"
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise _wrong(file, f"'resources' {form}, but is {value!r}")
    for step, asked in value.items():
        for name, number in asked.items():
            if isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
                raise _wrong(file, f"'resources' {form}, but {step}.{name} is {number!r}")
    return {step: {name: float(n) for name, n in asked.items()} for step, asked in value.items()}


def _wrong(file: Path, what: str, hint: str = "") -> InputError:
    return InputError(f"[tool.nbrefine] {what}.", where=Place(shown(file)), hint=hint)
