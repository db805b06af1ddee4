"""Calls that draw random numbers from a generator that all the process shares, or from none."""

from __future__ import annotations

import ast
import re

# Of the modules `random` and `numpy.random`, what draws nothing.
_QUIET = frozenset(
    {
        *("seed", "setstate", "getstate", "set_state", "get_state", "Random", "SystemRandom"),
        *("RandomState", "Generator", "default_rng", "SeedSequence", "BitGenerator", "PCG64"),
        *("PCG64DXSM", "MT19937", "Philox", "SFC64", "get_bit_generator", "set_bit_generator"),
    }
)
_DRAWS = (
    (re.compile(r"random\.([a-z]\w*)\Z"), "random"),
    (re.compile(r"numpy\.random\.([a-z]\w*)\Z"), "numpy"),
    (re.compile(r"torch\.(rand\w*|normal|bernoulli|multinomial|poisson)\Z"), "torch"),
    (re.compile(r"torch\.nn\.(?:init\.\w+_|[A-Z]\w*)\Z"), "torch"),
    (re.compile(r"tensorflow\.random\.(?!set_seed|Generator)(\w+)\Z"), "tensorflow"),
)
# Generators that take their seed from the system where none is given.
_GENERATORS = re.compile(
    r"(?:numpy\.random\.(?:default_rng|RandomState|SeedSequence|PCG64\w*|MT19937|Philox|SFC64)"
    r"|random\.Random)\Z"
)
# Libraries that make a generator of their own, from the system, where no seed is given.
_OWN = frozenset({"UMAP", "NUTS", "TPESampler", "RandomSampler", "fmin", "gp_minimize", "Prophet"})
_SEEDING = frozenset(
    {"random_state", "seed", "rng", "random_seed", "rstate", "generator", "bit_generator"}
)
# Estimators and functions that are random unless they get a `random_state`; without one they draw
# from numpy's shared generator. Those that are random only by option are below.
_TAKES_STATE = re.compile(
    r"(?:RandomForest\w+|ExtraTrees?\w*|DecisionTree(?:Classifier|Regressor)"
    r"|GradientBoosting(?:Classifier|Regressor)|HistGradientBoosting\w+|Bagging\w+|AdaBoost\w+"
    r"|RandomTreesEmbedding|IsolationForest|(?:MiniBatch|Bisecting)?KMeans|k_means"
    r"|Spectral(?:Clustering|Embedding|Biclustering|Coclustering)|(?:Bayesian)?GaussianMixture"
    r"|MLP(?:Classifier|Regressor)|BernoulliRBM|SGD(?:Classifier|Regressor|OneClassSVM)"
    r"|PassiveAggressive\w+|Perceptron|TSNE|MDS|TruncatedSVD|randomized_svd|FactorAnalysis|FastICA"
    r"|fastica|(?:MiniBatch)?NMF|(?:MiniBatch)?(?:SparsePCA|DictionaryLearning)"
    r"|LatentDirichletAllocation|(?:Gaussian|Sparse)RandomProjection|RBFSampler|Nystroem"
    r"|SkewedChi2Sampler|PolynomialCountSketch|IterativeImputer|RANSACRegressor|TheilSenRegressor"
    r"|MinCovDet|EllipticEnvelope|(?:Stratified|Group)?ShuffleSplit|Repeated(?:Stratified)?KFold"
    r"|(?:Halving)?RandomSearchCV|(?:Halving)?RandomizedSearchCV|HalvingRandomSearchCV|LinearSV[CR]"
    r"|permutation_importance|permutation_test_score|mutual_info_(?:classif|regression)"
    r"|make_(?:classification|regression|blobs|moons|circles|friedman\d|gaussian_quantiles|hastie_\w+"
    r"|low_rank_matrix|multilabel_classification|s_curve|swiss_roll|sparse_\w+|spd_matrix|checkerboard"
    r"|biclusters)"
    r"|(?:Borderline|SVM|KMeans)?SMOTE(?:N|NC|ENN|Tomek)?|ADASYN|Random(?:Over|Under)Sampler)\Z"
)
_SPLITTERS = frozenset({"KFold", "StratifiedKFold", "StratifiedGroupKFold", "learning_curve"})
_SKLEARN_UTILS = frozenset({"sklearn.utils.shuffle", "sklearn.utils.resample"})
# Plots that bootstrap an interval or jitter their points.
_SEABORN = re.compile(
    r"seaborn\.(?:barplot|lineplot|pointplot|regplot|lmplot|stripplot|catplot|relplot)\Z"
)


def random_use(call: ast.Call, name: str | None, last: str) -> tuple[str, str] | None:
    """Say whether a call is random without a seed of its own.

    Parameters
    ----------
    call
        The call.
    name
        Full dotted name of what is called, if it was imported.
    last
        Its last part.

    Returns
    -------
    tuple of str and str, or None
        ``random-draw`` and the shared generator that it draws from, or ``random-unseeded`` and
        what is called.
    """
    if name is not None:
        for pattern, stream in _DRAWS:
            match = pattern.match(name)
            if match and last not in _QUIET:
                return "random-draw", stream
        if _GENERATORS.match(name):
            return None if _has_seed(call) else ("random-unseeded", name)
        if _SEABORN.match(name) and _keyword(call, "seed") is None:
            return "random-draw", "numpy"
    if last in _OWN and not _is_seeded(call):
        return "random-unseeded", name or last
    return ("random-draw", "numpy") if _draws_from_numpy(call, name, last) else None


def _draws_from_numpy(call: ast.Call, name: str | None, last: str) -> bool:
    if _is_seeded(call):
        return False
    if last == "train_test_split":
        return not _is_constant(call, "shuffle", value=False)
    if last in _SPLITTERS:
        return _is_constant(call, "shuffle", value=True)
    if last == "SVC":
        return _is_constant(call, "probability", value=True)
    if last in {"sample", "rvs"} and isinstance(call.func, ast.Attribute):
        return True
    return name in _SKLEARN_UTILS or _TAKES_STATE.match(last) is not None


def _has_seed(call: ast.Call) -> bool:
    """Whether a generator is given a seed, by position too."""
    first = call.args[0] if call.args else None
    if first is not None:
        return not (isinstance(first, ast.Constant) and first.value is None)
    return _is_seeded(call) or bool(call.keywords)


def _is_seeded(call: ast.Call) -> bool:
    return any(
        keyword.arg in _SEEDING
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
        for keyword in call.keywords
    )


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _is_constant(call: ast.Call, name: str, *, value: bool) -> bool:
    given = _keyword(call, name)
    return isinstance(given, ast.Constant) and given.value is value
