"""What cells do beyond their variables."""

from __future__ import annotations

import pytest

from nbrefine.analysis.aliases import module_aliases
from nbrefine.analysis.effects import Effect, cell_effects
from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.syntax import to_python


def effects(source: str, aliases: dict[str, str] | None = None) -> tuple[Effect, ...]:
    python = to_python(source)
    return cell_effects(python, analyse_cell(python), aliases)


def pairs(source: str) -> list[tuple[str, str]]:
    return [(each.kind, each.target) for each in effects(source)]


@pytest.mark.parametrize(
    ("source", "kind", "target"),
    [
        ("plt.style.use('ggplot')", "library-state", "matplotlib.rcParams"),
        ("plt.rcParams['figure.dpi'] = 60", "library-state", "matplotlib.rcParams"),
        ("plt.rcParams.update({})", "library-state", "matplotlib.rcParams"),
        ("import pylab\npylab.rcParams['x'] = 1", "library-state", "matplotlib.rcParams"),
        ("from pylab import *\nrcParams['x'] = 1", "library-state", "matplotlib.rcParams"),
        ("plt.rc('font', size=8)", "library-state", "matplotlib.rcParams"),
        ("import matplotlib\nmatplotlib.use('Agg')", "library-state", "matplotlib.rcParams"),
        ("sns.set()", "library-state", "matplotlib.rcParams"),
        ("sns.set_theme(style='dark')", "library-state", "matplotlib.rcParams"),
        ("pd.set_option('display.width', 9)", "library-state", "pandas.options"),
        ("pd.options.display.width = 9", "library-state", "pandas.options"),
        ("np.set_printoptions(precision=3)", "library-state", "numpy.printoptions"),
        ("old = np.seterr(all='raise')", "library-state", "numpy.errstate"),
        ("from sklearn import set_config\nset_config(display='text')", "library-state",
         "sklearn.config"),
        ("warnings.filterwarnings('ignore')", "library-state", "warnings.filters"),
        ("from warnings import simplefilter as s\ns('ignore')", "library-state",
         "warnings.filters"),
        ("logging.basicConfig()", "library-state", "logging"),
        ("logging.getLogger('x').setLevel(10)", "library-state", "logging"),
        ("from decimal import getcontext\ngetcontext().prec = 5", "library-state",
         "decimal.context"),
        ("locale.setlocale(locale.LC_ALL, 'C')", "library-state", "locale"),
        ("import plotly.io as pio\npio.templates.default = 'none'", "library-state", "plotly"),
        ("alt.data_transformers.disable_max_rows()", "library-state", "altair"),
        ("from bokeh.plotting import output_notebook\noutput_notebook()", "library-state",
         "bokeh"),
        ("torch.set_default_dtype(t)", "library-state", "torch"),
        ("import polars as pl\npl.Config.set_tbl_rows(3)", "library-state", "polars"),
        ("%matplotlib inline", "library-state", "matplotlib.backend"),
        ("%config InlineBackend.figure_format = 'svg'", "library-state", "ipython"),
        ("%load_ext autoreload", "library-state", "ipython"),
        ("os.environ['A'] = '1'", "environment", "os.environ"),
        ("os.environ.setdefault('A', '1')", "environment", "os.environ"),
        ("del os.environ['A']", "environment", "os.environ"),
        ("%env A=1", "environment", "os.environ"),
        ("os.chdir('..')", "cwd", "os.cwd"),
        ("%cd ..", "cwd", "os.cwd"),
        ("sys.path.insert(0, '..')", "sys.path", "sys.path"),
        ("sys.path += ['..']", "sys.path", "sys.path"),
        ("pd.DataFrame.shout = f", "monkey-patch", "pandas.DataFrame.shout"),
        ("import m\nm.x = 1", "monkey-patch", "m.x"),
        ("setattr(np, 'x', 1)", "monkey-patch", "numpy"),
        ("from tqdm import tqdm\ntqdm.pandas()", "monkey-patch", "pandas"),
        ("np.random.seed(0)", "random-seed", "numpy"),
        ("import numpy.random as npr\nnpr.seed(0)", "random-seed", "numpy"),
        ("from numpy.random import seed\nseed(0)", "random-seed", "numpy"),
        ("random.seed(0)", "random-seed", "random"),
        ("torch.manual_seed(0)", "random-seed", "torch"),
        ("tf.random.set_seed(0)", "random-seed", "tensorflow"),
        ("x = np.random.rand(3)", "random-draw", "numpy"),
        ("random.shuffle(x)", "random-draw", "random"),
        ("torch.randn(3)", "random-draw", "torch"),
        ("df.sample(3)", "random-draw", "numpy"),
        ("RandomForestClassifier(n_estimators=9)", "random-draw", "numpy"),
        ("KFold(5, shuffle=True)", "random-draw", "numpy"),
        ("train_test_split(X, y)", "random-draw", "numpy"),
        ("from scipy import stats\nstats.norm.rvs(3)", "random-draw", "numpy"),
        ("rng = np.random.default_rng()", "random-unseeded", "numpy.random.default_rng"),
        ("np.random.RandomState()", "random-unseeded", "numpy.random.RandomState"),
        ("np.random.default_rng(None)", "random-unseeded", "numpy.random.default_rng"),
        ("import uuid\nuuid.uuid4()", "random-unseeded", "uuid.uuid4"),
        ("from datetime import datetime\ndatetime.now()", "clock", "datetime.datetime.now"),
        ("from time import time\ntime()", "clock", "time.time"),
        ("pd.Timestamp.now()", "clock", "pandas.Timestamp.now"),
        ("pd.read_csv('a.csv')", "file-read", "a.csv"),
        ("open('a.txt')", "file-read", "a.txt"),
        ("open('a.txt', 'w')", "file-write", "a.txt"),
        ("open(p, mode=m)", "file-write", "open"),
        ("df.to_csv('b.csv')", "file-write", "b.csv"),
        ("fig.savefig('b.png')", "file-write", "b.png"),
        ("joblib.dump({'a': m}, 'm.joblib')", "file-write", "m.joblib"),
        ("np.save('a.npy', x)", "file-write", "a.npy"),
        ("pd.read_csv(p, sep=';')", "file-read", "pandas.read_csv"),
        ("%%writefile m.py\nx = 1", "file-write", "m.py"),
        ("requests.get(u)", "network", "requests.get"),
        ("pd.read_csv('https://example.org/a.csv')", "network", "pandas.read_csv"),
        ("!ls", "subprocess", "subprocess"),
        ("subprocess.run(['ls'])", "subprocess", "subprocess"),
        ("display(df)", "display", "display"),
    ],
)  # fmt: skip
def test_effect_is_found(source: str, kind: str, target: str) -> None:
    """A known effect is told with its kind and what it touches, whatever the import's form."""
    assert (kind, target) in pairs(source)


@pytest.mark.parametrize(
    "source",
    [
        "df.sample(3, random_state=0)",
        "RandomForestClassifier(random_state=SEED)",
        "KFold(5)",
        "train_test_split(X, y, shuffle=False)",
        "SVC()",
        "rng = np.random.default_rng(0)",
        "rng.normal()",
        "np.random.RandomState(seed)",
        "LogisticRegression()",
        "df['a'] = 1",
        "model.coef_ = 1",
        "x.set_title('a')",
        "df = df.set_index('a')",
        "plt = 1",
        "%env A",
        "def sample(x):\n    return x\nsample(1)",
        "np.random.get_state()",
        "class RandomForestX:\n    pass\nRandomForestX()",
    ],
)
def test_no_effect_is_invented(source: str) -> None:
    """What is seeded, local or only alike is not told as an effect."""
    assert pairs(source) == []


def test_place_source_and_names() -> None:
    """An effect carries the statement, its lines and the global names that it reads."""
    (effect,) = effects("x = 1\nplt.rcParams.update(\n    {'font.size': size}\n)\n")
    assert (effect.line, effect.end_line) == (2, 4)
    assert effect.source == "plt.rcParams.update(\n    {'font.size': size}\n)"
    assert effect.names == {"plt", "size"}


def test_effects_in_blocks_and_functions_stand_on_their_own_lines() -> None:
    """An effect in a block is that of the inner statement, in the order of the code."""
    found = effects(
        "if a:\n    np.random.seed(0)\ndef f():\n    os.chdir('x')\n    pd.set_option(*o)"
    )
    assert [(e.kind, e.line, e.end_line) for e in found] == [
        ("random-seed", 2, 2),
        ("cwd", 4, 4),
        ("library-state", 5, 5),
    ]


def test_imports_of_earlier_cells_resolve_names() -> None:
    """Names mean what an earlier cell's import made them mean, not what is usual."""
    earlier = [analyse_cell(to_python(s)) for s in ("import numpy.random as pd", "import a.b")]
    aliases = module_aliases(earlier)
    assert aliases == {"pd": "numpy.random", "a": "a"}
    assert [(e.kind, e.target) for e in effects("pd.seed(1)", aliases)] == [
        ("random-seed", "numpy")
    ]


def test_several_generators_by_one_call() -> None:
    """A call that seeds several generators is told once for each."""
    found = pairs("import pytorch_lightning as pl\npl.seed_everything(1)")
    assert found == [("random-seed", stream) for stream in ("random", "numpy", "torch")]


def test_broken_code_has_no_effects() -> None:
    """Code that cannot be parsed does nothing, since it does not run."""
    assert effects("x = = 1") == ()
