"""What draws at random, and what was seeded before it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.refine.findings.calls import Call
    from nbrefine.refine.findings.subject import Subject

_NUMPY = frozenset(
    {
        *("rand", "randn", "randint", "random", "random_sample", "ranf", "sample", "choice"),
        *("shuffle", "permutation", "normal", "uniform", "standard_normal", "binomial", "poisson"),
        *("exponential", "beta", "gamma", "lognormal", "multivariate_normal", "laplace", "bytes"),
        *("geometric", "multinomial", "dirichlet", "chisquare", "standard_t", "gumbel", "logistic"),
        *("negative_binomial", "pareto", "power", "rayleigh", "triangular", "vonmises", "wald"),
        *("weibull", "zipf", "f", "hypergeometric", "standard_exponential", "standard_gamma"),
    }
)
_PYTHON = frozenset(
    {
        *("random", "randint", "randrange", "choice", "choices", "shuffle", "sample", "uniform"),
        *("gauss", "normalvariate", "betavariate", "expovariate", "gammavariate", "triangular"),
    }
)
_TORCH = frozenset({"rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial"})
SEEDS = {
    "numpy.random.seed": "numpy",
    "numpy.random.set_state": "numpy",
    "random.seed": "random",
    "random.setstate": "random",
    "torch.manual_seed": "torch",
    "torch.random.manual_seed": "torch",
}
# Set several streams at once.
_SEED_ALL = frozenset({"seed_everything", "set_random_seed", "set_seed", "seed_all"})


def stream_of(call: Call) -> str:
    """Return the global random stream that a call draws from; empty if from none.

    Parameters
    ----------
    call
        Any call.

    Returns
    -------
    str
        ``numpy``, ``random`` or ``torch``.
    """
    module, _, name = call.callee.rpartition(".")
    if module == "numpy.random" and name in _NUMPY:
        return "numpy"
    if module == "random" and name in _PYTHON:
        return "random"
    if module == "torch" and name in _TORCH and call.argument("generator") is None:
        return "torch"
    if name == "rvs" and module and call.argument("random_state") is None:
        return "numpy"
    if name == "sample" and module and _is_frame_sample(call):
        return "numpy"
    return ""


def _is_frame_sample(call: Call) -> bool:
    """Whether a call is pandas' ``df.sample(5)`` or ``df.sample(frac=1)``, without a seed."""
    keywords = {each.arg for each in call.node.keywords}
    known = {"n", "frac", "replace", "weights", "axis", "ignore_index"}
    counted = bool(keywords & {"n", "frac"}) or (
        len(call.node.args) == 1
        and isinstance(call.node.args[0], ast.Constant)
        and isinstance(call.node.args[0].value, int)
    )
    return counted and keywords <= known and not call.callee.startswith(("random.", "numpy."))


def is_seeded(subject: Subject, call: Call, stream: str) -> bool:
    """Whether the notebook seeds a stream before a call draws from it.

    Parameters
    ----------
    subject
        The notebook.
    call
        What draws. If it stands in a function any seed counts, since the function may be called
        after it.
    stream
        ``numpy``, ``random`` or ``torch``.
    """
    for other in subject.calls:
        if other.callee.endswith("seeded"):
            continue
        seeds = SEEDS.get(other.callee) == stream or other.method in _SEED_ALL
        if seeds and (call.in_function or other.in_function or other.place <= call.place):
            has_seed = bool(other.node.args or other.node.keywords)
            if has_seed and not _is_none(other.node):
                return True
    return any("seed" in magic.text for facts in subject.cells for magic in facts.python.magics)


def _is_none(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value is None
