"""What the rules must not say: each case once was, or would easily be, a false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.findings.check import find_findings
from nbrefine.refine.findings.finding import Finding
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import gather


def findings(*sources: str, tags: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    cells = tuple(Cell("code", text, tags, index=index) for index, text in enumerate(sources))
    notebook = Notebook(Path("case.ipynb"), cells)
    return find_findings(Subject(notebook, gather(notebook, None)))


def codes(*sources: str) -> set[str]:
    return {each.code for each in findings(*sources)}


FRAME = "import pandas as pd\ndf = pd.read_csv('a.csv')"
SPLIT = "from sklearn.model_selection import train_test_split\n"
SCALER = "from sklearn.preprocessing import StandardScaler\n"

SILENT = {
    "NBR101 a name that except NameError guards": ("try:\n    x\nexcept NameError:\n    x = 1",),
    "NBR101 a name bound in the loop before": (
        "for i in range(2):\n    if i:\n        print(j)\n    j = i",
    ),
    "NBR101 after a star import": ("from math import *", "print(sqrt(2))"),
    "NBR101 the variable of a comprehension": ("print([n for n in range(3)])",),
    "NBR101 a name bound by match": ("match 5:\n    case int() as n if n > 3:\n        print(n)",),
    "NBR102 a name that a query mentions": (f"{FRAME}\nlimit = 3", "df.query('x > @limit')"),
    "NBR102 what hides a plot's output": (
        "import matplotlib.pyplot as plt\np = plt.plot([1])\nplt.show()",
    ),
    "NBR103 the same function again": ("def f():\n    return 1", "def f():\n    return 1"),
    "NBR104 a constant": ("limit = 3\ndef f(x):\n    return x > limit", "print(f(2))"),
    "NBR105 an underscore of one's own": ("for _ in range(2):\n    pass", "print(_)"),
    "NBR106 a copy": ("a = [1]\nb = a.copy()\nb.append(2)", "print(a)"),
    "NBR106 a number": ("a = 1\nb = a\nb += 1", "print(a)"),
    "NBR106 a name bound anew before it is used": (
        "a = [1]\nb = a\nb.append(2)\na = []",
        "print(a)",
    ),
    "NBR108 the last line is shown": (f"{FRAME}\ndf.dropna()",),
    "NBR108 in place": (f"{FRAME}\ndf.dropna(inplace=True)\nprint(len(df))",),
    "NBR108 examples in a row": (f"{FRAME}\ndf.dropna()\ndf.ffill()",),
    "NBR109 dicts in dicts": ("d = {'a': {}}\nd['a']['b'] = 1\nprint(d)",),
    "NBR201 fitted after the split": (
        f"{FRAME}\n{SPLIT}{SCALER}train, test = train_test_split(df, random_state=0)",
        "train = StandardScaler().fit_transform(train)",
    ),
    "NBR201 never split": (f"{FRAME}\n{SCALER}X = StandardScaler().fit_transform(df)\nprint(X)",),
    "NBR202 another frame's mean": (
        f"{FRAME}\n{SPLIT}old = pd.read_csv('old.csv')\ndf = df - old.mean()",
        "train, test = train_test_split(df, random_state=0)\nprint(train, test)",
    ),
    "NBR204 fitted on train, applied to test": (
        f"{FRAME}\n{SPLIT}{SCALER}train, test = train_test_split(df, random_state=0)",
        "s = StandardScaler().fit(train)\ntest = s.transform(test)",
    ),
    "NBR205 columns that are not spelt out": (
        f"{FRAME}\n{SPLIT}X = df.drop(df.columns[3], axis=1)\ny = df['late']",
        "a, b, c, d = train_test_split(X, y, random_state=0)",
    ),
    "NBR205 the target popped": (
        f"{FRAME}\n{SPLIT}y = df.pop('late')\nX = df",
        "a, b, c, d = train_test_split(X, y, random_state=0)",
    ),
    "NBR206 split in order": (
        f"{FRAME}\n{SPLIT}df['day'] = pd.to_datetime(df['day'])",
        "a, b = train_test_split(df, shuffle=False)",
    ),
    "NBR301 seeded above": ("import numpy as np\nnp.random.seed(1)", "print(np.random.rand())"),
    "NBR301 seeded generator": (
        "import numpy as np\nrng = np.random.default_rng(1)\nprint(rng.normal())",
    ),
    "NBR302 seeded by numpy": (
        f"import numpy as np\nnp.random.seed(0)\n{FRAME}\n{SPLIT}",
        "a, b = train_test_split(df)",
    ),
    "NBR302 options that are not spelt out": (
        "from sklearn.cluster import KMeans\noptions = {'random_state': 0}",
        "print(KMeans(**options))",
    ),
    "NBR304 only a duration": (
        "from datetime import datetime\nstart = datetime.now()",
        "print(datetime.now() - start)",
    ),
    "NBR305 sorted": ("print(sorted(set('abc')))",),
    "NBR305 only counted": ("print(len(list(set('abc'))))",),
    "NBR306 sorted later": (
        "import os\nnames = os.listdir('.')",
        "for n in sorted(names):\n    print(n)",
    ),
    "NBR401 a route, not a path": ("url = '/api/v1/houses'\nprint(url)",),
    "NBR403 a placeholder": ("password = 'your-password-here'\nprint(password)",),
    "NBR403 a word": ("token = 'the'\nprint(token)",),
    "NBR403 a sentence": ("password_help = 'At least eight letters'\nprint(password_help)",),
    "NBR503 a future import below a magic": (
        "%matplotlib inline\nfrom __future__ import division",
    ),
}


@pytest.mark.parametrize("case", SILENT)
def test_no_false_alarm(case: str) -> None:
    """The rule is silent where its finding would be wrong."""
    assert case[:6] not in codes(*SILENT[case])


LOUD = {
    "NBR101 a name that no cell binds": ("print(gone)",),
    "NBR101 a frame made from itself": ("df = df.dropna()",),
    "NBR101 an augmented assignment": ("count += 1",),
    "NBR106 through df.loc": (f"{FRAME}\nw = df\nw.loc[0, 'a'] = 1", "print(df)"),
    "NBR201 fitted in one cell, applied in another": (
        f"{FRAME}\n{SPLIT}{SCALER}s = StandardScaler()\ns.fit(df)",
        "X = s.transform(df)",
        "a, b = train_test_split(X, random_state=0)",
    ),
    "NBR202 by a name for the mean": (
        f"{FRAME}\n{SPLIT}mu = df.mean()\nX = df - mu",
        "a, b = train_test_split(X, random_state=0)",
    ),
    "NBR203 a scaler fitted on both": (
        f"{FRAME}\n{SPLIT}{SCALER}train, test = train_test_split(df, random_state=0)",
        "both = pd.concat([train, test])\nX = StandardScaler().fit_transform(both)",
    ),
    "NBR205 in a list of columns": (
        f"{FRAME}\n{SPLIT}X = df[['late', 'hour']]\ny = df['late']",
        "a, b, c, d = train_test_split(X, y, random_state=0)",
    ),
    "NBR301 seeded too late": (
        "import numpy as np\nx = np.random.rand()",
        "np.random.seed(0)\nprint(x)",
    ),
    "NBR301 a sample of a frame": (f"{FRAME}\ndf.sample(5)",),
    "NBR303 within an expression": ("import numpy as np\nprint(np.random.default_rng().normal())",),
    "NBR404 by a name for the address": (
        "import pandas as pd\nurl = 'https://a.org/b.csv'\npd.read_csv(url)",
    ),
    "NBR403 a key of a well-known form": ("client = connect('AKIAABCDEFGHIJKLMNOP')",),
    "NBR403 an address with a password": ("engine = create('postgresql://ada:lovelace@db/x')",),
    "NBR408 pylab": ("%pylab inline",),
    "NBR409 by the shell": ("!pip install -q seaborn",),
}


@pytest.mark.parametrize("case", LOUD)
def test_no_miss(case: str) -> None:
    """The rule finds its fault in another form than its example's."""
    assert case[:6] in codes(*LOUD[case])


def test_a_finding_is_the_same_in_each_process() -> None:
    """Marks are kept in sets: which of several is named does not depend on their order."""
    sources = (
        f"{FRAME}\n{SPLIT}df['a'] = pd.to_datetime(df['a'])\ndf['b'] = pd.to_datetime(df['b'])",
        "a, b = train_test_split(df, random_state=0)",
    )
    (found,) = (each for each in findings(*sources) if each.code == "NBR206")
    assert "cell 1" in found.message
    assert {each.message for each in findings(*sources) if each.code == "NBR206"} == {found.message}
