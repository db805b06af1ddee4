"""What the methods and functions of pandas, numpy and Python do with rows."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


BY_GROUP = "rows are taken group by group"
AGGREGATED = "rows are aggregated"
# Methods of frames, series and arrays whose result in a row depends on that row alone.
ELEMENTWISE = words("""
    abs add radd sub rsub subtract mul rmul multiply div rdiv divide truediv rtruediv floordiv
    rfloordiv mod rmod pow rpow eq ne lt le gt ge round clip fillna replace isna isnull notna
    notnull where mask between copy assign rename rename_axis add_prefix add_suffix to_frame
    to_numpy to_series astype view conj conjugate tolist to_list set_axis insert pop get
    select_dtypes pipe eval applymap map apply combine drop droplevel set_index to_dict tz_localize
    tz_convert to_timestamp to_pydatetime bool infer_objects set_flags itertuples iterrows items
    normalize floor ceil to_period strftime isin dot xs total_seconds nan_to_num logical_not
    day_name month_name fill iteritems combine_first byteswap toarray todense tocsr
""")
# Methods that look at other rows, and keep the rows.
POSITIONAL = {
    "shift": "each row takes the value of another row",
    "diff": "each row is compared with the row before",
    "pct_change": "each row is compared with the row before",
    "cumsum": "the sum runs over the rows before",
    "cumprod": "the product runs over the rows before",
    "cummax": "the maximum runs over the rows before",
    "cummin": "the minimum runs over the rows before",
    "rank": "the rank is among the rows of the batch",
    "interpolate": "a gap is filled from neighbouring rows",
    "ffill": "a gap is filled from the rows before",
    "pad": "a gap is filled from the rows before",
    "bfill": "a gap is filled from the rows after",
    "backfill": "a gap is filled from the rows after",
    "duplicated": "each row is compared with the rows before",
    "argsort": "the order is that of the batch",
    "factorize": "the codes number the values of the batch",
    "convert_dtypes": "the types are inferred from the values of the batch",
    "searchsorted": "the places are those among the rows of the batch",
    "get_indexer": "the places are those among the rows of the batch",
}
# Methods that make one or a few values of all rows, and what they are called in a sentence.
REDUCING = {
    "mean": "the mean is taken",
    "median": "the median is taken",
    "mode": "the mode is taken",
    "std": "the standard deviation is taken",
    "var": "the variance is taken",
    "sem": "the standard error is taken",
    "sum": "the sum is taken",
    "prod": "the product is taken",
    "product": "the product is taken",
    "min": "the minimum is taken",
    "max": "the maximum is taken",
    "ptp": "the range is taken",
    "argmin": "the place of the minimum is taken",
    "argmax": "the place of the maximum is taken",
    "idxmin": "the label of the minimum is taken",
    "idxmax": "the label of the maximum is taken",
    "quantile": "the quantile is taken",
    "percentile": "the percentile is taken",
    "count": "values are counted",
    "nunique": "distinct values are counted",
    "unique": "the distinct values are collected",
    "value_counts": "values are counted",
    "describe": "statistics are taken",
    "any": "all rows are looked at",
    "all": "all rows are looked at",
    "skew": "the skewness is taken",
    "kurt": "the kurtosis is taken",
    "kurtosis": "the kurtosis is taken",
    "mad": "the mean deviation is taken",
    "corr": "the correlation is taken",
    "corrwith": "the correlation is taken",
    "cov": "the covariance is taken",
    "autocorr": "the correlation is taken",
    "item": "one value is taken",
    "agg": "rows are aggregated",
    "aggregate": "rows are aggregated",
    "first_valid_index": "the first row is looked for",
    "last_valid_index": "the last row is looked for",
    "memory_usage": "the size is taken",
    "trace": "the trace is taken",
    "nonzero": "rows are looked for",
    "equals": "all rows are compared",
}
# Methods that drop, add, sort or label rows.
RESHAPING = {
    "dropna": "rows with missing values are dropped",
    "drop_duplicates": "duplicate rows are dropped",
    "query": "only the rows that satisfy the condition are kept",
    "head": "only the first rows are kept",
    "tail": "only the last rows are kept",
    "first": "only the first rows are kept",
    "last": "only the last rows are kept",
    "sample": "rows are drawn at random",
    "sort_values": "rows are sorted",
    "sort_index": "rows are sorted",
    "nlargest": "only the largest rows are kept",
    "nsmallest": "only the smallest rows are kept",
    "reset_index": "rows are numbered anew",
    "reindex": "rows are chosen by label",
    "reindex_like": "rows are chosen by label",
    "melt": "columns become rows",
    "pivot": "rows become columns",
    "pivot_table": AGGREGATED,
    "stack": "columns become rows",
    "unstack": "rows become columns",
    "explode": "a row becomes several rows",
    "resample": "rows are aggregated by time",
    "asfreq": "rows are added or dropped by time",
    "merge": "a merge can change the number and the order of the rows",
    "join": "a join can change the number of the rows",
    "append": "rows are added",
    "truncate": "only some rows are kept",
    "take": "rows are taken by position",
    "compress": "only some rows are kept",
    "between_time": "only some rows are kept",
    "at_time": "only some rows are kept",
    "filter": "only some rows are kept",
    "swapaxes": "rows become columns",
    "align": "rows are aligned by label",
    "repeat": "rows are repeated",
    "sort": "rows are sorted",
    "combine": "rows are aligned by label",
    "extractall": "a row becomes several rows",
    "asof": "rows are looked up by time",
}
COUNT = ":rows"  # the payload of a value that counts the rows
TURNED = "rows and columns change places"
CATEGORIES = "the categories are those of the batch"
# Methods of groups that keep the rows.
GROUP_KEEPS = words("""
    transform cumsum cumprod cummax cummin cumcount ngroup shift diff pct_change rank ffill bfill
    pad backfill fillna
""")
# Methods of ``.str`` that are more than entry by entry.
STR_DOUBTFUL = words("split rsplit partition rpartition")

# Functions of numpy that work entry by entry (also those of scipy.special).
NP_ELEMENTWISE = words("""
    abs absolute fabs add subtract multiply divide true_divide floor_divide mod remainder fmod
    power float_power square sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin
    arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh hypot deg2rad rad2deg degrees
    radians floor ceil rint round around trunc fix sign negative positive reciprocal maximum
    minimum fmax fmin clip where select isnan isfinite isinf isneginf isposinf isnat equal
    not_equal less less_equal greater greater_equal logical_and logical_or logical_not logical_xor
    bitwise_and bitwise_or bitwise_xor invert nan_to_num copysign heaviside signbit logaddexp
    asarray array asfortranarray ascontiguousarray copy real imag angle float64 float32 int64
    int32 int8 int16 uint8 bool_ datetime64 timedelta64 choose piecewise isclose full_like
    zeros_like ones_like empty_like column_stack c_ char datetime_as_string busday_count
    is_busday gcd lcm left_shift right_shift sinc i0 vectorize expit logit gammaln erf
    asanyarray modf frexp str_ conj errstate
""")
NP_POSITIONAL = {
    "cumsum": "the sum runs over the rows before",
    "cumprod": "the product runs over the rows before",
    "nancumsum": "the sum runs over the rows before",
    "gradient": "each row is compared with its neighbours",
    "argsort": "the order is that of the batch",
    "roll": "each row takes the value of another row",
    "convolve": "each row is joined with its neighbours",
    "correlate": "each row is joined with its neighbours",
    "fft": "all rows are transformed together",
    "ediff1d": "each row is compared with the row before",
    "rankdata": "the rank is among the rows of the batch",
    "zscore": "mean and standard deviation are taken over the batch",
    "unwrap": "each row is compared with the row before",
    "lexsort": "the order is that of the batch",
    "partition": "rows are sorted",
    "argpartition": "the order is that of the batch",
    "boxcox": "the exponent is learnt from the batch",
    "yeojohnson": "the exponent is learnt from the batch",
    "winsorize": "the limits are taken over the batch",
    "savgol_filter": "each row is joined with its neighbours",
    "detrend": "the trend is taken over the batch",
    "gaussian_filter1d": "each row is joined with its neighbours",
    "medfilt": "each row is joined with its neighbours",
}
NP_REDUCING = REDUCING | {
    "average": "the mean is taken",
    "nanmean": "the mean is taken",
    "nanmedian": "the median is taken",
    "nanstd": "the standard deviation is taken",
    "nanvar": "the variance is taken",
    "nansum": "the sum is taken",
    "nanmin": "the minimum is taken",
    "nanmax": "the maximum is taken",
    "amin": "the minimum is taken",
    "amax": "the maximum is taken",
    "nanpercentile": "the percentile is taken",
    "nanquantile": "the quantile is taken",
    "histogram": "values are counted",
    "histogram_bin_edges": "the edges are taken",
    "bincount": "values are counted",
    "count_nonzero": "values are counted",
    "corrcoef": "the correlation is taken",
    "iqr": "the quartiles are taken",
    "polyfit": "a curve is fitted",
    "norm": "the norm is taken",
    "lstsq": "a model is fitted",
    "svd": "a decomposition is made",
    "eigh": "a decomposition is made",
    "median_abs_deviation": "the median deviation is taken",
    "trim_mean": "the mean is taken",
    "logsumexp": "the sum is taken",
    "nanargmax": "the place of the maximum is taken",
    "nanargmin": "the place of the minimum is taken",
    "linregress": "a model is fitted",
    "pearsonr": "the correlation is taken",
    "curve_fit": "a curve is fitted",
}
NP_RESHAPING = {
    "sort": "rows are sorted",
    "unique": "only distinct rows are kept",
    "delete": "rows are dropped",
    "insert": "rows are added",
    "append": "rows are added",
    "repeat": "rows are repeated",
    "tile": "rows are repeated",
    "flip": "the order of the rows is changed",
    "flipud": "the order of the rows is changed",
    "compress": "only some rows are kept",
    "extract": "only some rows are kept",
    "take": "rows are taken by position",
    "diff": "there is one row less than before",
    "trim_zeros": "rows are dropped",
    "resize": "rows are added or dropped",
    "pad": "rows are added",
    "flatnonzero": "only some rows are kept",
    "argwhere": "only some rows are kept",
    "intersect1d": "only distinct rows are kept",
    "setdiff1d": "only distinct rows are kept",
    "union1d": "only distinct rows are kept",
}
BUILTIN_ELEMENTWISE = words("""
    abs round float int str bool complex divmod pow ord chr repr format bytes isinstance
    issubclass callable hasattr getattr type
""")
BUILTIN_REDUCING = {
    "sum": "the sum is taken",
    "min": "the minimum is taken",
    "max": "the maximum is taken",
    "len": "the rows are counted",
    "any": "all rows are looked at",
    "all": "all rows are looked at",
    "sorted": "rows are sorted",
    "set": "the distinct values are collected",
    "frozenset": "the distinct values are collected",
    "next": "one row is taken",
    "Counter": "values are counted",
}
BUILTIN_KEEPING = words("list tuple dict zip enumerate map iter")

# Modules whose functions depend on their arguments alone, but for those named below.
PURE_MODULES = words(
    "math re string unicodedata json datetime operator textwrap html calendar "
    "decimal fractions cmath zlib hashlib base64 itertools "
    "functools collections urllib ast difflib struct binascii colorsys"
)
IMPURE = words("now today utcnow time perf_counter monotonic uuid1 uuid4 random getenv")
RANDOM_METHODS = words("""
    normal random randint integers choice uniform permutation shuffle standard_normal poisson
    binomial rand randn random_sample exponential beta gamma laplace choices gauss bytes permuted
    lognormal multinomial geometric bernoulli randrange triangular
""")
# Methods of constants of any type that change nothing and depend on their arguments alone.
CONST_METHODS = words("""
    get keys values items index format join split rsplit strip lstrip rstrip lower upper title
    capitalize startswith endswith replace find rfind count match fullmatch search findall sub
    subn group groups encode decode zfill ljust rjust center isdigit isalpha isnumeric casefold
    union intersection difference issubset issuperset copy toordinal total_seconds timestamp
    isoformat weekday date year month day isocalendar tolist to_list to_dict to_numpy get_loc
    isin searchsorted interp fillna astype map set_index squeeze reindex sort_values sort_index
    groupby mean median std var sum min max quantile mode first last unique nunique head tail
    iloc loc reset_index rename dropna drop drop_duplicates agg translate maketrans swapcase
    removeprefix removesuffix partition rpartition splitlines expandtabs item strftime strptime
    get_feature_names_out get_params add_prefix merge idxmax idxmin size round clip
""")
# Methods of an estimator that was fitted before: they apply what was learnt, row by row.
APPLYING = words("""
    transform predict predict_proba predict_log_proba decision_function inverse_transform
    score_samples
""")
FITTING = words("fit fit_transform fit_predict fit_resample partial_fit")
STATELESS = words("""
    Normalizer Binarizer PolynomialFeatures HashingVectorizer FeatureHasher FunctionTransformer
""")
WITH_CATEGORIES = words("OneHotEncoder OrdinalEncoder")
COMPOSITE = words(
    "Pipeline make_pipeline ColumnTransformer make_column_transformer FeatureUnion make_union"
)
SKLEARN_ROWWISE = words("normalize binarize add_dummy_feature expit")
SKLEARN_FITTED = words(
    "scale minmax_scale maxabs_scale robust_scale quantile_transform power_transform"
)
SKLEARN_RESHAPING = {
    "train_test_split": "rows are drawn at random",
    "shuffle": "rows are shuffled",
    "resample": "rows are drawn at random",
}
# Methods that draw or say something, and change nothing of what they are given.
SHOWING = words("""
    plot bar barh hist hist2d scatter imshow fill_between annotate text pie boxplot violinplot
    errorbar legend show title suptitle axhline axvline step stem write info debug warning
    xlabel ylabel xticks yticks add_trace savefig matshow contour contourf tick_params
""")
# Names that code takes for granted where its imports are not to be seen.
CONVENTIONS = {
    "pd": "pandas",
    "np": "numpy",
    "scipy": "scipy",
    "stats": "scipy.stats",
    "sklearn": "sklearn",
    "math": "math",
    "re": "re",
    "json": "json",
    "string": "string",
    "datetime": "datetime",
    "dt": "datetime",
    "timedelta": "datetime.timedelta",
    "date": "datetime.date",
    "random": "random",
    "time": "time",
    "os": "os",
    "itertools": "itertools",
    "functools": "functools",
    "reduce": "functools.reduce",
    "partial": "functools.partial",
    "sqrt": "math.sqrt",
    "Path": "pathlib.Path",
    "train_test_split": "sklearn.model_selection.train_test_split",
    "CategoricalDtype": "pandas.CategoricalDtype",
    "DataFrame": "pandas.DataFrame",
    "Series": "pandas.Series",
    "OrderedDict": "collections.OrderedDict",
    "defaultdict": "collections.defaultdict",
    "tqdm": "tqdm.tqdm",
    "display": "builtins.display",
    "plt": "matplotlib.pyplot",
    "sns": "seaborn",
    "px": "plotly.express",
    "go": "plotly.graph_objects",
    "hashlib": "hashlib",
    "unicodedata": "unicodedata",
    "operator": "operator",
    "preprocessing": "sklearn.preprocessing",
    "Counter": "collections.Counter",
    "zscore": "scipy.stats.zscore",
    "rankdata": "scipy.stats.rankdata",
    "boxcox": "scipy.stats.boxcox",
    "boxcox1p": "scipy.special.boxcox1p",
    "expit": "scipy.special.expit",
}
SKLEARN_HOMES = (
    "sklearn.preprocessing",
    "sklearn.impute",
    "sklearn.compose",
    "sklearn.pipeline",
    "sklearn.decomposition",
    "sklearn.feature_extraction.text",
    "sklearn.cluster",
)
SKLEARN_FUNCTIONS = SKLEARN_ROWWISE | SKLEARN_FITTED | SKLEARN_RESHAPING.keys() | COMPOSITE
ESTIMATOR_ENDINGS = tuple(
    sorted(
        words("""
    Scaler Encoder Imputer Transformer Discretizer Vectorizer Binarizer Normalizer
    Features PCA SVD NMF KMeans Hasher SelectKBest VarianceThreshold Classifier Regressor
    Regression Forest Outlier Pipeline Union IsolationForest DBSCAN Percentile
    SelectFromModel Ridge Lasso OneHot SMOTE Sampler
""")
    )
)
