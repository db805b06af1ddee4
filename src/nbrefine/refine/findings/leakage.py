"""What has seen the test rows before the test."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.lineage import Event
    from nbrefine.refine.findings.subject import Subject


class FitBeforeSplit(Rule):
    """A scaler, an imputer or the like is fitted on all rows, and the rows are split afterwards.

    What it does
    ------------
    Follows data through the notebook: a transformer learnt from it, and what it made is given to
    ``train_test_split`` later.

    Why is this bad
    ---------------
    The transformer has learnt from the test rows too, so that the test says better things of the
    model than the future will.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        df = pd.read_csv("houses.csv")
        X = StandardScaler().fit_transform(df[["rooms", "area"]])

        # In[2]:
        X_train, X_test = train_test_split(X, random_state=0)

    Good::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        df = pd.read_csv("houses.csv")
        X_train, X_test = train_test_split(df[["rooms", "area"]], random_state=0)

        # In[2]:
        scaler = StandardScaler()
        X_train = scaler.fit_transform(X_train)
        X_test = scaler.transform(X_test)
    """

    code = "NBR201"
    name = "fit-before-split"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for splits of data that a transformer was fitted on."""
        for event in _first(subject, "split-after", "fitted"):
            facts, node = subject.lineage.nodes[event.mark]
            yield self.at(
                facts,
                node,
                f"`{event.mark.what}` is fitted on all rows here; they are split into train and "
                f"test only in cell {subject.number(event.facts)}.",
                "Split first and fit on the training rows, or put it into a `Pipeline`.",
            )


class StatisticsBeforeSplit(Rule):
    """Means or the like of all rows go into the data, and the rows are split afterwards.

    What it does
    ------------
    Looks for ``x - x.mean()``, ``x.fillna(x.median())`` and the like on data that is given to
    ``train_test_split`` later.

    Why is this bad
    ---------------
    The values of the test rows are in each training row. With many rows the effect is small, with
    few or with outliers it is not.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split

        df = pd.read_csv("houses.csv")
        df["area"] = df["area"].fillna(df["area"].median())

        # In[2]:
        train, test = train_test_split(df, random_state=0)

    Good::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split

        df = pd.read_csv("houses.csv")
        train, test = train_test_split(df, random_state=0)

        # In[2]:
        median = train["area"].median()
        train["area"] = train["area"].fillna(median)
        test["area"] = test["area"].fillna(median)
    """

    code = "NBR202"
    name = "statistics-before-split"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for splits of data that statistics of all rows went into."""
        for event in _first(subject, "split-after", "statistics"):
            facts, node = subject.lineage.nodes[event.mark]
            yield self.at(
                facts,
                node,
                "Statistics of all rows go into the data here; it is split into train and test "
                f"only in cell {subject.number(event.facts)}.",
                "Split first, and take the statistics from the training rows.",
            )


class LearntFromBoth(Rule):
    """Train and test rows are put together, and something learns from both.

    What it does
    ------------
    Looks for ``concat`` of the two sides of a split, where the result is what a transformer is
    fitted on, or what means and standard deviations for scaling are taken from.

    Why is this bad
    ---------------
    What is learnt from the test rows helps on the test rows, and only there.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("sales.csv")
        train, test = df[df["year"] < 2024], df[df["year"] == 2024]

        # In[2]:
        both = pd.concat([train, test])
        mean, std = both.mean(), both.std()
        train = (train - mean) / std

    Good::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("sales.csv")
        train, test = df[df["year"] < 2024], df[df["year"] == 2024]

        # In[2]:
        mean, std = train.mean(), train.std()
        train = (train - mean) / std
        test = (test - mean) / std
    """

    code = "NBR203"
    name = "learnt-from-both"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for fits and statistics of joined data."""
        seen = set()
        for event in subject.lineage.events:
            if event.kind in {"fit-on-both", "statistics-of-both"} and event.mark not in seen:
                seen.add(event.mark)
                home, _ = subject.lineage.nodes[event.mark]
                where = "above" if home is event.facts else f"in cell {subject.number(home)}"
                yield self.at(
                    event.facts,
                    event.node,
                    f"This has learnt from train and test rows together; they are joined {where}.",
                    "Take it from the training rows alone.",
                )


class FitOnTest(Rule):
    """A transformer is fitted on the test rows.

    What it does
    ------------
    Looks for ``fit`` and ``fit_transform`` of scalers, imputers and the like on the test side of a
    split.

    Why is this bad
    ---------------
    The test rows are scaled by other numbers than the training rows, so that the model is asked
    about values of another meaning; and it could not be done to a single new row.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        X_train, X_test = train_test_split(pd.read_csv("houses.csv"), random_state=0)
        X_train = StandardScaler().fit_transform(X_train)
        X_test = StandardScaler().fit_transform(X_test)

    Good::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        X_train, X_test = train_test_split(pd.read_csv("houses.csv"), random_state=0)
        scaler = StandardScaler().fit(X_train)
        X_train = scaler.transform(X_train)
        X_test = scaler.transform(X_test)
    """

    code = "NBR204"
    name = "fit-on-test"
    severity = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for fits on test data."""
        for event in subject.lineage.events:
            if event.kind == "fit-on-test":
                yield self.at(
                    event.facts,
                    event.node,
                    "This is fitted on the test rows.",
                    "Fit on the training rows, and only `transform` the test rows.",
                )


class RandomSplitOfTime(Rule):
    """Rows that have a time are split at random.

    What it does
    ------------
    Looks for ``train_test_split`` with shuffling on data that was read with ``parse_dates`` or got
    a column from ``to_datetime``.

    Why is this bad
    ---------------
    If the model is to predict the future, the test has to be later than the training. With rows
    of the same hour on both sides the model only has to remember.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd
        from sklearn.model_selection import train_test_split

        df = pd.read_csv("sales.csv", parse_dates=["day"])
        train, test = train_test_split(df, random_state=0)

    Good::

        # In[1]:
        import pandas as pd

        df = pd.read_csv("sales.csv", parse_dates=["day"])
        train, test = df[df["day"] < "2024-01-01"], df[df["day"] >= "2024-01-01"]
    """

    code = "NBR206"
    name = "random-split-of-time"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for random splits of data with times."""
        for event in subject.lineage.events:
            if event.kind == "random-split-of-time":
                home, node = subject.lineage.nodes[event.mark]
                yield self.at(
                    event.facts,
                    event.node,
                    "Rows are split at random, and they have a time "
                    f"(`{_short(node)}` in cell {subject.number(home)}).",
                    "If the model is for the future, train on the earlier rows and test on the "
                    "later ones.",
                )


def _first(subject: Subject, kind: str, mark: str) -> Iterator[Event]:
    """Yield for each line with a mark the first event of a kind."""
    seen = set()
    for event in subject.lineage.events:
        place = (event.mark.cell, event.mark.line)
        if event.kind == kind and event.mark.kind == mark and place not in seen:
            seen.add(place)
            yield event


def _short(node: ast.expr) -> str:
    text = ast.unparse(node.func) if isinstance(node, ast.Call) else ast.unparse(node)
    return f"{text}(...)"
