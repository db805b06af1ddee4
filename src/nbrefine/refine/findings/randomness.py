"""Random draws that no seed makes repeatable."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.draws import is_seeded, stream_of
from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.calls import Call
    from nbrefine.refine.findings.subject import Subject

_STREAMS = {"numpy": "numpy's", "random": "Python's", "torch": "torch's"}
_SEEDS = {
    "numpy": "np.random.seed(0)",
    "random": "random.seed(0)",
    "torch": "torch.manual_seed(0)",
}
# What draws from numpy's global stream unless it is given a `random_state`.
_SPLITS = frozenset(
    {"train_test_split", "ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit"}
)
_FOLDS = frozenset({"KFold", "StratifiedKFold", "StratifiedGroupKFold"})
_MODELS = frozenset(
    {
        *("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier"),
        *("ExtraTreesRegressor", "DecisionTreeClassifier", "DecisionTreeRegressor"),
        *("GradientBoostingClassifier", "GradientBoostingRegressor", "BaggingClassifier"),
        *("BaggingRegressor", "AdaBoostClassifier", "AdaBoostRegressor", "IsolationForest"),
        *("KMeans", "MiniBatchKMeans", "GaussianMixture", "SpectralClustering", "MLPClassifier"),
        *("MLPRegressor", "SGDClassifier", "SGDRegressor", "Perceptron", "TSNE", "MDS"),
        *("LatentDirichletAllocation", "RandomizedSearchCV", "permutation_importance"),
        *("RandomizedPCA", "TruncatedSVD", "SMOTE", "RandomUnderSampler", "RandomOverSampler"),
    }
)
_GENERATORS = frozenset(
    {
        *("numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.PCG64"),
        *("numpy.random.SeedSequence", "random.Random"),
    }
)


class UnseededDraw(Rule):
    """Random numbers are drawn, and nothing above sets a seed.

    What it does
    ------------
    Looks for draws from the global random streams of numpy, Python and torch, ``df.sample``
    included, in notebooks that do not seed the stream before.

    Why is this bad
    ---------------
    Each run gives other numbers, and so do all cells that use them. Whether a change has bettered
    the result cannot be told from luck.

    Examples
    --------
    Bad::

        # In[1]:
        import numpy as np

        noise = np.random.normal(size=3)
        print(noise)

    Good::

        # In[1]:
        import numpy as np

        rng = np.random.default_rng(0)
        noise = rng.normal(size=3)
        print(noise)
    """

    code = "NBR301"
    name = "unseeded-draw"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for draws without a seed above them."""
        for call in subject.calls:
            stream = stream_of(call)
            if stream and not is_seeded(subject, call, stream):
                if call.method in {"sample", "rvs"} and stream == "numpy":
                    hint = "Add `random_state=0`."
                else:
                    hint = f"Write `{_SEEDS[stream]}` above, or draw from a generator with a seed."
                yield self.at(
                    call.facts,
                    call.node,
                    f"`{_shown(call)}` draws from {_STREAMS[stream]} random stream, which nothing "
                    "above seeds.",
                    hint,
                )


class UnseededModel(Rule):
    """A random split or a model that learns by chance has no ``random_state``.

    What it does
    ------------
    Looks for splits, forests, trees, clusterings, networks and searches of scikit-learn that are
    made without ``random_state`` in notebooks that do not seed numpy before.

    Why is this bad
    ---------------
    Other rows are in the test each time, or another model comes out of the same data. Two results
    cannot be compared.

    Examples
    --------
    Bad::

        # In[1]:
        from sklearn.datasets import load_iris
        from sklearn.model_selection import train_test_split

        X_train, X_test = train_test_split(load_iris().data)

    Good::

        # In[1]:
        from sklearn.datasets import load_iris
        from sklearn.model_selection import train_test_split

        X_train, X_test = train_test_split(load_iris().data, random_state=0)
    """

    code = "NBR302"
    name = "unseeded-model"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for calls without `random_state`."""
        for call in subject.calls:
            if not _is_sklearns(call) or call.is_open:
                continue
            state = call.argument("random_state")
            if state is not None and not (isinstance(state, ast.Constant) and state.value is None):
                continue
            if not _is_random(call) or is_seeded(subject, call, "numpy"):
                continue
            yield self.at(
                call.facts,
                call.node,
                f"`{call.method}` is random here: it has no `random_state`, and nothing above "
                "seeds numpy.",
                "Add `random_state=0`.",
            )


class UnseededGenerator(Rule):
    """A random generator is made without a seed.

    What it does
    ------------
    Looks for ``np.random.default_rng()``, ``np.random.RandomState()`` and ``random.Random()``
    without an argument.

    Why is this bad
    ---------------
    Such a generator begins somewhere else each time; no ``np.random.seed`` has a say in it.

    Examples
    --------
    Bad::

        # In[1]:
        import numpy as np

        rng = np.random.default_rng()
        print(rng.normal())

    Good::

        # In[1]:
        import numpy as np

        rng = np.random.default_rng(0)
        print(rng.normal())
    """

    code = "NBR303"
    name = "unseeded-generator"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for generators without a seed."""
        for call in subject.calls:
            arguments = [*call.node.args, *(each.value for each in call.node.keywords)]
            empty = all(isinstance(each, ast.Constant) and each.value is None for each in arguments)
            if call.callee in _GENERATORS and empty:
                yield self.at(
                    call.facts,
                    call.node,
                    f"`{_shown(call)}` has no seed: it begins somewhere else in each run.",
                    "Give it a number.",
                )


def _is_sklearns(call: Call) -> bool:
    return call.callee.startswith(("sklearn.", "imblearn."))


def _is_random(call: Call) -> bool:
    shuffle = call.argument("shuffle")
    shuffles = isinstance(shuffle, ast.Constant) and shuffle.value is True
    if call.method == "train_test_split":
        return shuffle is None or shuffles
    return call.method in _SPLITS | _MODELS or (call.method in _FOLDS and shuffles)


def _shown(call: Call) -> str:
    text = ast.unparse(call.node.func)
    return text if len(text) < 40 else f"....{call.method}"  # noqa: PLR2004  (a line's room)
