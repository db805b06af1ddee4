"""Says in words how two fingerprints differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.pipeline.fingerprint import ABSENT, CHANGED_MEANWHILE, SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMED = 3


def changes(
    old: Mapping[str, str], new: Mapping[str, str], source: str, *, unsettled: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Say what changed.

    Parameters
    ----------
    old, new
        A fingerprint's parts, then and now.
    source
        The step's source, as the user would type it.
    unsettled
        Steps whose products are about to be made anew: they are left out.

    Returns
    -------
    tuple of str
        Empty if nothing did.
    """
    if old.get(SCHEME) != new.get(SCHEME):
        return ("another version of nbrefine made it, which took fingerprints in another way",)
    labels = [
        label
        for label in (*new, *(label for label in old if label not in new))
        if old.get(label) != new.get(label) and not _is_of(label, unsettled)
    ]
    both = [label for label in labels if label in old and label in new]
    said = [
        _sentence(label, old.get(label), new.get(label), source)
        for label in labels
        if not label.startswith("module:")
    ]
    said += _modules([label for label in both if label.startswith("module:")])
    # Where other code is called, other functions come in: that goes without saying.
    modules = [label for label in labels if label.startswith("module:") and label not in both]
    if modules and not said:
        said += _modules(modules)
    return tuple(dict.fromkeys(said))


def _is_of(label: str, steps: tuple[str, ...]) -> bool:
    kind, _, name = label.partition(":")
    return kind == "upstream" and any(name == s or name.startswith(f"{s}.") for s in steps)


def _modules(labels: list[str]) -> Iterator[str]:
    """Name what changed in each module, at most a few definitions of one."""
    by_file: dict[str, list[str]] = {}
    for label in labels:
        path, _, name = label.removeprefix("module:").partition(".py:")
        by_file.setdefault(path if not name else f"{path}.py", []).append(name)
    for file, names in by_file.items():
        if not all(names):
            yield f"`{file}` changed"
            continue
        shown = [f"`{name}`" for name in sorted(names)[:_NAMED]]
        more = len(names) - len(shown)
        text = ", ".join(shown) + (f" and {more} more" if more else "")
        yield f"`{file}`: {text} changed"


def _sentence(label: str, old: str | None, new: str | None, source: str) -> str:
    kind, _, name = label.partition(":")
    match kind:
        case "code":
            text = f"`{source}` changed"
        case "param":
            text = _param(name, old, new)
        case "upstream":
            text = _upstream(name, old, new)
        case "place" if old and new:
            step, _, product = name.rpartition(".")
            text = f"`{product}` of `{step}`: {old} -> {new}"
        case "place":
            text = _upstream(name, old, new)
        case "file":
            text = f"`{name}` {_how(old, new)}"
        case "folder":
            text = f"folder `{name}` {_listing(old, new)}"
        case "package" | "python" | "kernel":
            text = _version(name or kind.replace("python", "Python"), old, new)
        case "environ":
            text = f"environment variable `{name}` {_how(old, new)}"
        case _:
            text = f"{kind} `{name}`: {old or 'none'} -> {new or 'none'}"
    return text


def _param(name: str, old: str | None, new: str | None) -> str:
    if new is None:
        return f"param `{name}` was taken out"
    if new.startswith("sha256:") or (old or "").startswith("sha256:"):
        return f"param `{name}` {'is new' if old is None else 'changed'}"
    return f"param `{name}` is new: {new}" if old is None else f"param `{name}`: {old} -> {new}"


def _upstream(name: str, old: str | None, new: str | None) -> str:
    step, _, product = name.partition(".")
    if old is None:
        return f"it builds on `{step}` now"
    if new is None:
        return f"it no longer builds on `{step}`"
    return f"`{step}` made another `{product}`" if product else f"`{step}` ran again"


def _how(old: str | None, new: str | None) -> str:
    if old == CHANGED_MEANWHILE:
        return CHANGED_MEANWHILE
    if new == ABSENT:
        return "is gone"
    if old == ABSENT:
        return "is there now"
    if new is None:
        return "is no longer used"
    return "is used now" if old is None else "changed"


def _listing(old: str | None, new: str | None) -> str:
    how = _how(old, new)
    return "lists other files" if how == "changed" else how


def _version(name: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{name} {new} is used now"
    return f"{name} {old} is no longer used" if new is None else f"{name} {old} -> {new}"
