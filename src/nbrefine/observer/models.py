"""How models and data of libraries are walked, where attributes alone would say too much."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import objects
from .definitions import class_name
from .walk import combine

if TYPE_CHECKING:
    from .walk import Walk

# Where an estimator keeps the stream that it draws from while it is fitted.
_STREAMS = ("_rng", "_random_state", "random_state_", "rng")


def walk_estimator(walk: Walk, value: Any) -> bytes:
    """Walk an estimator of scikit-learn.

    Which stream it drew from while it was fitted is no content: where nobody gave it a seed that is
    the global one, of which a file holds a copy. So it is with what its parts are given by it.
    """
    kind: Any = type(value)
    if kind.__module__ in walk.own or not objects.is_plain(kind):
        return objects.walk_instance(walk, value)
    walk.reach(value)
    names = (*_STREAMS, "random_state") if walk.inside else _STREAMS
    held = value.__dict__
    streams = [name for name in names if type(held.get(name)).__name__ == "RandomState"]
    for name in streams:
        if held[name] is not getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None):
            walk.reach_behind(held[name])
    parts = _as_holder(walk, value, kind, dict.fromkeys(streams, b"stream"))
    return combine("object", [walk.encode(class_name(kind)), *parts])


def walk_bunch(walk: Walk, value: Any) -> bytes:
    """Walk a bunch of scikit-learn, a dict: what is beside its items does not survive pickling."""
    walk.reach(value)
    return walk.mapping("bunch", dict(value.items()))


def walk_reduced(walk: Walk, value: Any) -> bytes:
    """Walk an object by what pickling takes from it: its attributes are handles of code in C."""
    kind: Any = type(value)
    walk.size += 64
    walk.reach(value)
    return combine("object", [walk.encode(class_name(kind)), *objects.reduced(walk, value, kind)])


def walk_results(walk: Walk, value: Any) -> bytes:
    """Walk the results of a model of statsmodels.

    Pickling takes two functions out of the optimizer's settings, and that in the object itself: so
    they are no content, or writing a result would change it.
    """
    kind: Any = type(value)
    walk.reach(value)
    settings = value.__dict__.get("mle_settings")
    kept = {}
    if isinstance(settings, dict):
        walk.reach_behind(settings)
        plain = {key: part for key, part in settings.items() if key not in _TAKEN_OUT}
        kept = {"mle_settings": combine("settings", [walk.mapping("dict", plain)])}
    return combine("object", [walk.encode(class_name(kind)), *_as_holder(walk, value, kind, kept)])


def walk_distribution(walk: Walk, value: Any) -> bytes:
    """Walk a distribution of scipy; inside of a library's object its stream is no content.

    That would be the global stream, of which a file holds a copy. Such an object asks it for
    quantiles and the like; one that draws from it shows that in what it says.
    """
    kind: Any = type(value)
    walk.reach(value)
    kept = {"_random_state": b"stream"} if walk.inside else {}
    return combine(
        "object", [walk.encode(class_name(kind)), *objects.attributes(walk, value, kind, kept)]
    )


def _as_holder(walk: Walk, value: Any, kind: type, kept: dict[str, bytes]) -> list[bytes]:
    """Return the digests of a model's attributes, which are walked as parts of a model."""
    walk.inside += 1
    try:
        return objects.attributes(walk, value, kind, kept)
    finally:
        walk.inside -= 1


_TAKEN_OUT = frozenset({"callback", "cov_params_func"})


def walk_kd_tree(walk: Walk, tree: Any) -> bytes:
    """Walk a k-d tree of scipy by what it was made of; its nodes hold addresses."""
    walk.reach(tree)
    return walk.parts("tree " + type(tree).__name__, (tree.data, tree.leafsize, tree.boxsize))
