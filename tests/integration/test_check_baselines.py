"""Baselines are tried in forked kernels; those that are started cold decide where one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbrefine.refine.generated_tests import check_baselines as module
from nbrefine.refine.generated_tests.baselines import make_baseline
from nbrefine.refine.generated_tests.check_baselines import check_baselines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.refine.generated_tests.baselines import Baseline

# numpy has its threads by then, so a forked kernel would say what is not so.
THREADS = 'import os\nos.environ["OPENBLAS_NUM_THREADS"] = "1"\nimport numpy as np\n'


def baseline(source: str, shown: str) -> Baseline:
    """Return the baseline of a step with one cell."""
    output = {"output_type": "stream", "name": "stdout", "text": shown}
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": source, "execution_count": 1}
    return make_baseline("draw", [{**cell, "outputs": [output]}], [])


@pytest.mark.parametrize(
    ("source", "shown", "runs", "ignored"),
    [
        ("import numpy as np\nprint(np.arange(3))", "[0 1 2]\n", ["warm"], set()),
        (f"{THREADS}print(np.arange(3))", "[0 1 2]\n", ["warm", "cold"], set()),
        ("import numpy as np\nprint(np.arange(3))", "[0 1]\n", ["warm", "cold"], {0}),
    ],
    ids=["the same", "needs a cold kernel", "another"],
)
def test_cold_kernels_decide(  # noqa: PLR0913, PLR0917  (parameters and fixtures)
    source: str,
    shown: str,
    runs: list[str],
    ignored: set[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    seen, run = [], module._run

    def noting(root: Path, baselines: Any, kernels: Mapping[str, str]) -> Any:  # noqa: ANN401
        seen.append("warm" if "JUPYTER_DEFAULT_PROVISIONER_NAME" in kernels else "cold")
        return run(root, baselines, kernels)

    monkeypatch.setattr(module, "_run", noting)
    passing, refused = check_baselines(tmp_path, [baseline(source, shown)], ahead=["numpy"])
    assert not refused
    assert [{*each.ignored} for each in passing] == [ignored]
    assert seen == runs
