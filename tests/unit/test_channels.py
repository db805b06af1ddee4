"""A notebook that would notice a kernel without channels gets one that has them."""

from __future__ import annotations

import pytest

from nbrefine.kernels.channels import needs_channels


@pytest.mark.parametrize(
    "source",
    [
        "from ipykernel.connect import get_connection_file",
        "import zmq",
        "%connect_info",
        "get_ipython().kernel.parent.connection_file",
        "print(threading.active_count())",
        "from threading import enumerate as threads",
        "[each.name for each in threading.enumerate()]",
        "import threading as t; t.enumerate()",
        "psutil.Process().num_threads()",
        "%gui qt",
        "x = 1\n%matplotlib qt",
    ],
)
def test_who_looks_at_channels_or_their_threads_needs_them(source: str) -> None:
    """Whichever cell it is."""
    assert needs_channels(["import pandas as pd", source])


@pytest.mark.parametrize(
    "source",
    [
        "for n, row in enumerate(rows): print(n)",
        "import threading; threading.Thread(target=print).start()",
        "from multiprocessing import Pool",
        "kernel = 'rbf'",
        "%matplotlib inline",
        "%matplotlib\nqt = 1",
        "%pylab agg",
        "from IPython.display import display",
    ],
)
def test_others_need_none(source: str) -> None:
    """Threads and processes of the notebook's own are the same everywhere."""
    assert not needs_channels([source])
