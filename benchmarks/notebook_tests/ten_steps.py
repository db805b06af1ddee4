"""A pipeline of ten steps with what real notebooks show: frames, plots, models, times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.small_pipeline import notebook

if TYPE_CHECKING:
    from pathlib import Path

_IMPORTS = "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt"
_READ = "orders = pd.read_parquet(upstream[{0!r}]['data'])"
_WRITE = "{0}.to_parquet(product['data'])"

# By step: what it builds on, and its cells.
STEPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "load": (
        (),
        (
            _IMPORTS,
            "rng = np.random.default_rng(7)\nsize = 2000",
            (
                "orders = pd.DataFrame({'shop': rng.choice(list('ABCD'), size), "
                "'price': rng.gamma(2.0, 30.0, size), 'items': rng.integers(1, 9, size), "
                "'hour': rng.integers(0, 24, size)})"
            ),
            "orders.loc[::97, 'price'] = np.nan\norders.head()",
            "print('rows', len(orders))\nprint(orders['price'].mean())",
            _WRITE.format("orders"),
        ),
    ),
    "clean": (
        ("load",),
        (
            _IMPORTS,
            _READ.format("load"),
            "missing = orders['price'].isna().sum()\nmissing",
            "orders['price'] = orders['price'].fillna(orders['price'].median())",
            "orders = orders[orders['price'] < 250]\norders.describe()",
            "assert orders['price'].notna().all()",
            _WRITE.format("orders"),
        ),
    ),
    "features": (
        ("clean",),
        (
            _IMPORTS,
            _READ.format("clean"),
            "orders['total'] = orders['price'] * orders['items']",
            "orders['evening'] = (orders['hour'] >= 18).astype(int)",
            "orders['late'] = (orders['total'] + 40 * orders['evening'] > 300).astype(int)",
            "orders[['total', 'evening', 'late']].mean()",
            _WRITE.format("orders"),
        ),
    ),
    "by_shop": (
        ("features",),
        (
            _IMPORTS,
            _READ.format("features"),
            "shops = orders.groupby('shop')['total'].agg(['mean', 'max', 'count'])",
            "shops = shops.sort_values('mean', ascending=False)\nshops",
            "shops['mean'].plot(kind='bar', color='steelblue', title='Mean order by shop');",
            _WRITE.format("shops.reset_index()"),
        ),
    ),
    "by_hour": (
        ("features",),
        (
            _IMPORTS,
            _READ.format("features"),
            "hours = orders.groupby('hour', as_index=False)['total'].mean()",
            "hours.sort_values('total').head(3)",
            (
                "plt.plot(hours['hour'], hours['total'], color='darkred', label='mean order')\n"
                "plt.xlabel('hour')\nplt.ylabel('total')\nplt.legend()\nplt.show()"
            ),
            _WRITE.format("hours"),
        ),
    ),
    "prices": (
        ("features",),
        (
            _IMPORTS,
            _READ.format("features"),
            (
                "plt.hist(orders['price'], bins=30, color='grey')\nplt.yscale('log')\n"
                "plt.title('Prices');"
            ),
            "quantiles = orders['price'].quantile([0.1, 0.5, 0.9])\nprint(quantiles)",
            _WRITE.format("quantiles.reset_index()"),
        ),
    ),
    "train": (
        ("features",),
        (
            _IMPORTS + "\nfrom sklearn.linear_model import LogisticRegression",
            _READ.format("features"),
            "X, y = orders[['price', 'items', 'hour']], orders['late']",
            "model = LogisticRegression(C=0.5, max_iter=500).fit(X, y)\nmodel",
            "print(model.coef_, model.intercept_)",
            "scores = orders.assign(score=model.predict_proba(X)[:, 1])",
            _WRITE.format("scores"),
        ),
    ),
    "evaluate": (
        ("train",),
        (
            _IMPORTS + "\nfrom sklearn.metrics import roc_auc_score",
            _READ.format("train"),
            "auc = roc_auc_score(orders['late'], orders['score'])\nprint(f'AUC {auc:.4f}')",
            (
                "plt.scatter(orders['total'], orders['score'], s=4, cmap='viridis', "
                "c=orders['late'])\n"
                "plt.title('Scores')\nplt.show()"
            ),
            "worst = orders.sort_values('score', ascending=False).head(10)\nworst",
            _WRITE.format("worst"),
        ),
    ),
    "summary": (
        ("by_shop", "by_hour"),
        (
            _IMPORTS + "\nfrom datetime import datetime",
            (
                "shops = pd.read_parquet(upstream['by_shop']['data'])\n"
                "hours = pd.read_parquet(upstream['by_hour']['data'])"
            ),
            "print('written', datetime.now())",
            'best = shops.iloc[0]\nprint(f\'best shop: {best["shop"]} at {best["mean"]:.2f}\')',
            (
                "figure, axes = plt.subplots(1, 2, figsize=(8, 3))\n"
                "axes[0].bar(shops['shop'], shops['mean'], color='tab:green')\n"
                "axes[1].plot(hours['hour'], hours['total'], label='hours')\n"
                "axes[1].legend()\nfigure.suptitle('Orders')\nplt.show()"
            ),
            _WRITE.format("hours"),
        ),
    ),
    "report": (
        ("evaluate", "summary"),
        (
            _IMPORTS,
            "worst = pd.read_parquet(upstream['evaluate']['data'])",
            "def risk(frame):\n    return frame['score'].mean() * 100",
            "print(risk)\nprint(f'risk {risk(worst):.3f}')",
            "worst.groupby('shop')['total'].sum().round(2)",
            _WRITE.format("worst"),
        ),
    ),
}


def write_ten_steps(root: Path) -> None:
    """Write the pipeline.

    Parameters
    ----------
    root
        Its folder.
    """
    lines = ["executor: nbrefine.engine.Executor", "tasks:"]
    for name, (upstream, cells) in STEPS.items():
        above = [*upstream] or None
        first = f"# parameters\nupstream = {above}\nproduct = None"
        file = root / "notebooks" / f"{name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(notebook((first, *cells)))
        product = f"{{nb: out/{name}.ipynb, data: out/{name}.parquet}}"
        lines += [f"  - source: notebooks/{name}.ipynb", f"    product: {product}"]
    (root / "pipeline.yaml").write_text("\n".join(lines) + "\n")
