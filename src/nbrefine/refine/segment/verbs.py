"""What a cell is for, told by what it calls."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.listings import listed_folders
from nbrefine.analysis.mutation import called_name
from nbrefine.analysis.texts import is_docstring
from nbrefine.refine.flow.settings import REPLAYED

if TYPE_CHECKING:
    from nbrefine.refine.flow.facts import CellFacts

# For each verb: what its calls are named. The first verb whose pattern matches a call wins.
_CALLS = {
    "split": r"train_test_split|random_split|(Stratified|Group|Time|Shuffle|Repeated)\w*Split",
    "evaluate": r"\w+_score|\w+_error|\w+_loss|score|evaluate|classification_report"
    r"|confusion_matrix|roc_\w+|cross_val\w*|ConfusionMatrix\w*|RocCurve\w*|predict\w*|forecast"
    r"|get_prediction|conf_int|permutation_importance|wald_test|f_test|t_test|lr_test",
    "train": r"fit|fit_regularized|fit_constrained|partial_fit|fit_predict|train|compile"
    r"|GridSearchCV|RandomizedSearchCV|cross_validate|smooth",
    "test": r"ttest_\w+|mannwhitneyu|wilcoxon|kruskal|f_oneway|chi2_contingency|chisquare|shapiro"
    r"|fisher_exact|normaltest|levene|bartlett|kstest|ks_2samp|anderson|friedmanchisquare|anova_lm"
    r"|tukey_hsd|pairwise_tukeyhsd|(proportions_)?ztest",
    "load": r"read_\w+|load_\w+|fetch_\w+|loadtxt|genfromtxt|get_rdataset|load|DataReader|urlopen"
    r"|urlretrieve|read|from_csv",
    "save": r"to_(csv|excel|parquet|pickle|json|sql|hdf|feather)|dump|save(?!fig)\w*|write",
    "features": r"get_dummies|cut|qcut|fit_transform|transform|OneHotEncoder|\w+Encoder|\w+Scaler"
    r"|PCA|ColumnTransformer|PolynomialFeatures|merge|concat|join|add_constant|factorize|shift"
    r"|rolling|pct_change|diff|resample|merge_asof|pivot_table|pivot|melt|dmatrices",
    "clean": r"dropna|fillna|drop_duplicates|replace|rename|astype|to_numeric|to_datetime"
    r"|interpolate|drop|clip|strip|set_index|reset_index|sort_values|sort_index|query|ffill|bfill",
    "simulate": r"rvs|normal|standard_normal|generate_sample|simulate|default_rng|uniform|randn"
    r"|random|randint|binomial|poisson|make_\w+|rand|standard_t|multivariate_normal",
    "plot": r"plot\w*|hist\w*|scatter\w*|bar\w*|boxplot|heatmap|show|figure|subplots|pairplot"
    r"|\w+plot|imshow|legend|set_title|title|abline_plot|plot_\w+|kdeplot|distplot|lineplot"
    r"|savefig|pie|contour\w*|fill_between",
    "explore": r"head|tail|info|describe|value_counts|isnull|isna|nunique|unique|corr|sample"
    r"|count|memory_usage|groupby|crosstab|mean|median|std|sum|min|max|quantile|summary|summary2"
    r"|agg|display|print",
}
PATTERNS = {verb: re.compile(rf"(?:{pattern})\Z") for verb, pattern in _CALLS.items()}

# What is fitted to make data ready, by its class or by what it is usually called.
_PREPARES = re.compile(
    r"(?:imput|encod|scaler|normali[sz]er|vectori[sz]er|binari[sz]er|discreti[sz]er|selector"
    r"|preprocess|\bpca)\w*\Z|\b(?:sc|le|ohe|tfidf)\d*\Z",
    re.IGNORECASE,
)

# How much a cell of this verb says about its step. A fit outranks a score, a score a plot.
WEIGHTS = {
    "load": 4.0,
    "split": 4.0,
    "train": 4.5,
    "evaluate": 3.0,
    "test": 2.5,
    "clean": 2.0,
    "features": 2.0,
    "simulate": 2.5,
    "save": 2.0,
    "plot": 1.2,
    "explore": 1.0,
    "define": 0.5,
    "setup": 0.2,
}

# What only changes data where the result is kept; otherwise it is a look.
_NEEDS_KEEPING = frozenset({"clean", "features"})
# A table of these is a look at the data, however tidy it is made.
_SUMMARIES = frozenset(
    {"groupby", "value_counts", "crosstab", "describe", "corr", "agg", "nunique"}
)


@dataclass(frozen=True)
class Purpose:
    """What a cell is for.

    Parameters
    ----------
    verb
        A key of `WEIGHTS`.
    shows
        Whether it does nothing but show something.
    defines
        Whether it does nothing but define functions and classes.
    imports
        Whether it does nothing but import and set options.
    trivial
        Whether it is too little for a step of its own.
    """

    verb: str
    shows: bool
    defines: bool
    imports: bool
    trivial: bool


def purpose(facts: CellFacts) -> Purpose:
    """Tell what a cell is for.

    Parameters
    ----------
    facts
        The cell.

    Returns
    -------
    Purpose
        By the names of what it calls, and by whether the results are kept.
    """
    body = [node for node in facts.tree.body if not is_docstring(node)]
    imports = all(
        isinstance(node, (ast.Import, ast.ImportFrom)) or _sets(node, facts) for node in body
    )
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defines = bool(body) and all(isinstance(node, defining) for node in body)
    shows = bool(body) and not imports and all(_shows(node) for node in body)
    if imports or listed_folders(facts.tree):
        verb = "setup"
    elif defines:
        verb = "define"
    else:
        verb = _verb([node for node in body if not isinstance(node, defining)])
        fetches = any(effect.kind == "network" for effect in facts.effects)
        verb = "load" if verb == "explore" and fetches else verb
    telling = [node for node in body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    size = sum((node.end_lineno or 0) - node.lineno + 1 for node in telling)
    heavy = verb in {"train", "split", "load"} or facts.names.definitions
    trivial = verb == "setup" or (size <= 3 and not heavy)  # noqa: PLR2004  (lines)
    return Purpose(verb, shows, defines, imports, trivial)


def fits_only_to_prepare(facts: CellFacts) -> bool:
    """Tell whether all that a cell fits makes data ready, as an encoder does: no model is trained.

    Parameters
    ----------
    facts
        The cell.
    """
    fitting = [
        each
        for each in ast.walk(facts.tree)
        if isinstance(each, ast.Call) and PATTERNS["train"].match(_called(each))
    ]
    return bool(fitting) and all(
        isinstance(each.func, ast.Attribute)
        and each.func.attr == "fit"
        and _PREPARES.search(ast.unparse(each.func.value).partition("(")[0])
        for each in fitting
    )


def calls(node: ast.AST) -> list[str]:
    """Return the last names of what a statement calls: ``fit`` of ``model.fit(X, y)``."""
    names = (_called(each) for each in ast.walk(node) if isinstance(each, ast.Call))
    return [name for name in names if name]


def _called(call: ast.Call) -> str:
    return "" if _joins_texts(call.func) else called_name(call)


def _joins_texts(function: ast.expr) -> bool:
    """Whether it is ``os.path.join`` or that of a text: no tables are joined."""
    if not isinstance(function, ast.Attribute) or function.attr != "join":
        return False
    owner = function.value
    return isinstance(owner, ast.Constant) or ast.unparse(owner).endswith("path")


def _verb(body: list[ast.stmt]) -> str:
    scores: dict[str, float] = {}
    for node in body:
        called = calls(node)
        kept = _keeps(node)
        unlikely = {"clean"} if _SUMMARIES.intersection(called) else set()
        unlikely |= set() if kept else _NEEDS_KEEPING
        for call in called:
            for verb, pattern in PATTERNS.items():
                if pattern.match(call) and verb not in unlikely:
                    scores[verb] = max(scores.get(verb, 0), WEIGHTS[verb])
                    break
        if _assigns_column(node):
            scores["features"] = max(scores.get("features", 0), WEIGHTS["features"])
    return max(scores, key=lambda verb: (scores[verb], verb), default="explore")


def _keeps(node: ast.stmt) -> bool:
    """Whether a statement keeps its result: it is assigned, or made in place."""
    return not isinstance(node, ast.Expr) or any(
        isinstance(each, ast.keyword)
        and each.arg == "inplace"
        and isinstance(each.value, ast.Constant)
        and each.value.value is True
        for each in ast.walk(node)
    )


def _assigns_column(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and isinstance(target.slice.value, str)
        and "rcParams" not in ast.unparse(target)
        for target in targets
    )


def _shows(node: ast.stmt) -> bool:
    """Whether a statement does nothing but show something that is there already."""
    if not isinstance(node, ast.Expr):
        return False
    quiet = PATTERNS["explore"]
    return all(quiet.match(call) for call in calls(node))


def _sets(node: ast.stmt, facts: CellFacts) -> bool:
    """Whether a statement changes a setting, or gives a name to constants."""
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    if any(effect.line in lines and effect.kind in REPLAYED for effect in facts.effects):
        return True
    if isinstance(node, ast.Assign):
        parts = (ast.Constant, ast.Tuple, ast.List, ast.UnaryOp, ast.expr_context, ast.unaryop)
        return all(isinstance(each, parts) for each in ast.walk(node.value))
    return isinstance(node, ast.Expr) and "get_ipython" in ast.unparse(node)
