"""Arguments that configure: which of them mean the same, and what they are called."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbrefine.analysis.literals import Literal

# Keyword arguments that configure a computation, whatever is called.
_KEYWORDS = re.compile(
    r"(random_state|seed|test_size|train_size|validation_split|n_estimators|max_depth|max_iter"
    r"|learning_rate|n_clusters|n_neighbors|n_components|n_splits|n_iter|n_repeats|cv|C|gamma"
    r"|alpha|l1_ratio|l2_regularization|subsample|min_samples_(leaf|split)|max_leaf_nodes"
    r"|max_features|colsample_bytree|num_leaves|epochs|batch_size|patience|dropout|threshold"
    r"|window|periods|frac|nrows|perplexity|eps|min_samples|tol|lags|maxlags|order_max|burn|nsim)\Z"
)
# These mean the same to whatever they are given; others are a matter between them and the callee.
_SHARED = frozenset(
    {
        *("random_state", "seed", "test_size", "train_size", "validation_split", "cv", "n_splits"),
        *("epochs", "batch_size", "threshold", "nrows"),
    }
)
_SEEDS = frozenset({"random_state", "seed"})
_SEEDING = re.compile(r"(?:\w+\.)*(?:seed|manual_seed|set_seed|seed_everything|default_rng)\Z")
_LIBRARIES = {"np": "numpy", "tf": "tensorflow", "random": "python"}
_SEED_NAME = re.compile(r"(?:random_?)?(?:seed|state)\Z", re.IGNORECASE)
# A picture or a page that is only shown configures nothing.
_SHOWING = frozenset(
    {"Image", "SVG", "HTML", "Markdown", "Video", "Audio", "IFrame", "FileLink", "imread"}
)
_DRAWING = re.compile(
    r"(?:^|\.)(?:plt|ax(?:es|s)?\d*|fig\d*|sns)\.|plot|hist|scatter|bar|fill_between|ax[hv](?:line|span)"
    r"|subplots|figure|grid"
)
# A callee is called by what tells it from others.
_KIND = re.compile(
    r"(?<=[A-Za-z])(?:Classifier|Regressor|Regression|Vectorizer|Transformer|Features|CV)\Z"
)
_SHORTER = {
    "DecisionTree": "tree",
    "ExtraTrees": "trees",
    "GradientBoosting": "boosting",
    "HistGradientBoosting": "boosting",
    "KNeighbors": "neighbors",
    "MultinomialNB": "bayes",
    "PolynomialFeatures": "polynomial",
    "RandomForest": "forest",
    "RandomizedSearch": "search",
    "GridSearch": "search",
    "StratifiedKFold": "folds",
    "KFold": "folds",
    "TruncatedSVD": "svd",
    "cross_val_score": "cross_val",
    "permutation_importance": "importance",
    "train_test_split": "split",
}
_PLAIN_TARGETS = frozenset({"model", "clf", "reg", "est", "estimator", "result", "results", "res"})
_SHORT, _LONG = 2, 12
_LONGEST_FILE = 32


@dataclass(frozen=True)
class Found:
    """A literal, and the cell that it stands in.

    Parameters
    ----------
    origin
        Of the cell.
    literal
        The literal.
    """

    origin: int
    literal: Literal

    @property
    def place(self) -> tuple[int, int, int]:
        """Origin, line and column."""
        return (self.origin, self.literal.line, self.literal.column)


def group_arguments(
    found: Iterable[Found],
    taken: Collection[str],
    paths: Collection[str],
    constants: Mapping[str, object],
) -> list[tuple[str, list[Found]]]:
    """Group the arguments that configure, those together that mean the same.

    Parameters
    ----------
    found
        The notebook's literals.
    taken
        Names that the notebook uses.
    paths
        Texts that name an input file.
    constants
        Variables that are parameters already.

    Returns
    -------
    list of tuple of str and list of Found
        Each with its name. A seed of the same value as a constant that is one has the constant's
        name. An argument that no clear name is free for is left out.
    """
    groups: dict[tuple[str, str, str], list[Found]] = defaultdict(list)
    for each in found:
        key = _meaning(each.literal, paths)
        if key is not None:
            groups[key].append(each)
    used = set(taken)
    named: list[tuple[str, list[Found]]] = []
    same = {key: _same_seed(key[0], groups[key][0].literal.value, constants) for key in groups}
    keywords = [key[0] for key, constant in same.items() if constant is None]
    for key, group in sorted(groups.items(), key=lambda item: _rank(item[1])):
        keyword, constant = key[0], same[key]
        if constant is not None:
            named.append((constant, group))
            continue
        options = [keyword] if keywords.count(keyword) == 1 and len(keyword) > 1 else []
        options += [f"{prefix}_{keyword}" for prefix in _qualifiers(group[0].literal)]
        name = next((each for each in options if each not in used), None)
        if name is not None:
            used.add(name)
            named.append((name, group))
    return named


def _rank(group: Sequence[Found]) -> tuple[int, tuple[int, int, int]]:
    """Order groups: what stands in more places has the first choice of a name."""
    return -len(group), group[0].place


def _meaning(literal: Literal, paths: Collection[str]) -> tuple[str, str, str] | None:
    """Return what an argument is called, what it is given to if that matters, and its value."""
    value = literal.value
    if literal.context != "call-argument" or isinstance(value, bool):
        return None
    callee = (literal.callee or "").rpartition(".")[2]
    if isinstance(value, str):
        is_input = value in paths and callee not in _SHOWING
        return (_path_name(literal), "", repr(value)) if is_input else None
    if not isinstance(value, (int, float)):
        return None
    keyword = literal.keyword or ""
    if literal.position == 0 and isinstance(value, int) and _SEEDING.match(literal.callee or ""):
        keyword = "seed"
    # To draw all rows is to shuffle them, no choice of how many.
    shuffles = keyword == "frac" and value == 1
    if not _KEYWORDS.match(keyword) or _draws(literal) or shuffles:
        return None
    return keyword, "" if keyword in _SHARED else callee, repr(value)


def _same_seed(keyword: str, value: object, constants: Mapping[str, object]) -> str | None:
    if keyword not in _SEEDS:
        return None
    same = (name for name, other in constants.items() if other == value and type(other) is int)
    return next((name for name in same if _SEED_NAME.match(name)), None)


def _qualifiers(literal: Literal) -> list[str]:
    """Return what tells an argument from others: what is made, else what is called."""
    if _SEEDING.match(literal.callee or "") and literal.keyword is None and not literal.target:
        library = (literal.callee or "").partition(".")[0]
        return [_LIBRARIES.get(library, library)]
    callee = _KIND.sub("", (literal.callee or "value").rpartition(".")[2])
    called = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", callee).lower()
    short = _SHORTER.get(callee)
    made = re.search(r"(\w+)\W*\Z", literal.target or "", re.ASCII)
    target = made[1].lower() if made is not None else ""
    clear = _SHORT <= len(target) <= _LONG and target.isidentifier()
    keyword = literal.keyword or ""
    says = clear and target not in _PLAIN_TARGETS and keyword not in {target, *target.split("_")}
    targets = [target] if says else []
    # The long name of a class still tells it from its like; a function has been told already.
    words = [called] if short is None else [short, called] if callee[0].isupper() else [short]
    return [*targets, *words]


def _draws(literal: Literal) -> bool:
    """Whether a call draws a picture: how transparent a line is configures nothing."""
    callee = literal.callee or ""
    is_style = callee == "dict" and literal.keyword == "alpha"
    return is_style or _DRAWING.search(callee) is not None


def _path_name(literal: Literal) -> str:
    """Name a path's parameter by the file: ``flights_csv`` for ``data/flights.csv``.

    Where that is long it is named by what the file is read as.
    """
    path = str(literal.value)
    name = re.sub(r"\W+", "_", re.split(r"[/\\]", path.rstrip("/\\"))[-1], flags=re.ASCII)
    ending, target = path.rpartition(".")[2], literal.target or ""
    if len(name) > _LONGEST_FILE and target.isidentifier() and ending.isalnum():
        name = f"{target}_{ending}"
    name = name.strip("_").lower() or "file"
    return name if name.isidentifier() else f"data_{name}"
