"""What a step is about, in one word: its model, its file, its column, its variable."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbrefine.refine.segment.verbs import PATTERNS, calls, purpose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.flow.facts import CellFacts

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNCLEAR = frozenset(
    {
        *("df", "df1", "df2", "data", "dataset", "x", "y", "i", "j", "k", "n", "ax", "axes"),
        "axs",
        *("fig", "res", "result", "results", "tmp", "temp", "np", "pd", "plt", "out", "x_train"),
        *("x_test", "y_train", "y_test", "x_val", "y_val", "y_pred", "pred", "preds", "y_hat"),
        *("train", "test", "model", "models", "clf", "reg", "col", "cols", "columns", "row"),
        *("rows", "idx", "index", "key", "val", "value", "values", "name", "names", "img", "line"),
        *("lines", "args", "kwargs", "env", "start", "end", "step", "item", "items", "text"),
        *("msg", "ret", "obj", "arr", "mask", "p", "f", "g"),
    }
)
# Classes that are made on the way to a model, and the parts of one.
_NO_MODEL = re.compile(
    r"\w*(?:Scaler|Encoder|Imputer|Transformer|Vectorizer|Binarizer|Selector|Features|Frame|Series"
    r"|Pipeline|Union|Split|KFold|Fold|Search\w*|CV|Dataset|Matrix|DMatrix|Loader|Dense|Dropout"
    r"|Flatten|Activation|Conv\w*|Pool\w*|Normalization|Embedding|Input|Adam|SGD|Stopping"
    r"|Checkpoint|Callback|Formula|Index|Path|Counter|Timestamp)\Z"
)
_MODEL = re.compile(
    r"\w*(?:Classifier|Regressor|Regression|Regress|SVC|SVR|NB|Means|Mixture|Forest|Tree|Trees"
    r"|Boost\w*|Ridge|Lasso|Elastic\w*|OLS|GLS|WLS|GLM|Logit|Probit|Poisson|ARIMA|ARMA|SARIMAX|VAR"
    r"|ARX|Prophet|Neighbors|Net|Sequential|Model|Discriminant\w*|DBSCAN|Clustering|Process\w*)\Z"
)
_SUFFIX = re.compile(r"_(?:classifier|regressor|model)\Z")
_FRAME = re.compile(r"\Adf_(?=[a-z])|(?<=[a-z0-9])_df\Z")
_MOST_PARTS = 3
_WORD = re.compile(r"[a-z][a-z0-9_]{1,23}\Z")


def objects(
    inside: Sequence[CellFacts], outside: Sequence[CellFacts], verb: str
) -> tuple[str, ...]:
    """Return words that tell a step from the others, the best first.

    Parameters
    ----------
    inside, outside
        The cells of the step, and all others.
    verb
        What the step is for.

    Returns
    -------
    tuple of str
        Parts of identifiers, each once: the models of a step that trains, the files of one that
        loads, and what is used here and nowhere else.
    """
    first: list[str] = []
    if verb == "train":
        first = _most(name for facts in inside for name in _models(facts))
    elif verb == "load":
        first = _most(name for facts in inside for name in _loaded(facts))
    # In how many cells a word is, here and elsewhere.
    here = Counter(word for facts in inside for word in _words(facts))
    there = Counter(word for facts in outside for word in _words(facts))
    made = {word for facts in inside for word in _columns(facts) | _bound(facts)}
    ranked = sorted(made, key=lambda word: (-here[word] / (1 + 2 * there[word]), word))
    words = [_safe(word) for word in (*first, *ranked)]
    fit = [word for word in dict.fromkeys(words) if _WORD.match(word)]
    # A name that says little, or too much, is still better than a number.
    return tuple(sorted(fit, key=lambda word: word not in first and _is_poor(word)))


def _is_poor(word: str) -> bool:
    parts = word.rstrip("0123456789").split("_")
    return "_".join(parts).rstrip("_") in _UNCLEAR or len(parts) > _MOST_PARTS


def _most(words: Iterator[str]) -> list[str]:
    return [word for word, _ in Counter(words).most_common()]


def _safe(word: str) -> str:
    plain = re.sub(r"\W+", "_", word, flags=re.ASCII).strip("_")
    return _FRAME.sub("", _SUFFIX.sub("", _CAMEL.sub("_", plain).lower()))


def _models(facts: CellFacts) -> Iterator[str]:
    """Yield the classes that a cell makes instances of where it fits something."""
    if purpose(facts).verb != "train":
        return
    made = [name for name in calls(facts.tree) if name[:1].isupper()]
    likely = [name for name in made if _MODEL.match(name)]
    yield from likely or (name for name in made if not _NO_MODEL.match(name))


def _loaded(facts: CellFacts) -> Iterator[str]:
    """Yield what a cell loads: the names that it gives it, else the names of files."""
    for node in facts.tree.body:
        if not any(PATTERNS["load"].match(call) for call in calls(node)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [each.id for each in targets if isinstance(each, ast.Name)]
        clear = [name for name in names if name.lower() not in _UNCLEAR - {"train", "test"}]
        yield from clear or _stems(node)


def _stems(node: ast.stmt) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            path = PurePosixPath(each.value)
            if path.suffix:
                yield path.name.partition(".")[0]


def _words(facts: CellFacts) -> frozenset[str]:
    """Return the columns and the variables that a cell uses."""
    return facts.names.reads | _columns(facts) | _bound(facts)


def _columns(facts: CellFacts) -> frozenset[str]:
    return frozenset(
        each.slice.value
        for each in ast.walk(facts.tree)
        if isinstance(each, ast.Subscript)
        and isinstance(each.slice, ast.Constant)
        and isinstance(each.slice.value, str)
    )


def _bound(facts: CellFacts) -> frozenset[str]:
    """Return the names that a cell binds, but for those that loops run over."""
    loops = {
        each.id
        for node in ast.walk(facts.tree)
        if isinstance(node, ast.For)
        for each in ast.walk(node.target)
        if isinstance(each, ast.Name)
    }
    return facts.names.binds - loops - _modules(facts.tree)


def _modules(tree: ast.Module) -> set[str]:
    """Return the names that imports bind: the tools, not the subject."""
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
