"""Which notebooks would notice that their kernel has no channels of Jupyter's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Who connects more clients, works on ipykernel's own parts, looks at the threads that serve, or
# has a window's loop of events run beside them.
_NOTICING = re.compile(
    r"ipykernel|\bzmq\b|ipyparallel|qtconsole|bind_kernel|connection_file|connect_info|%subshell"
    r"|active_count|num_threads|\w\.enumerate\b|import enumerate"
    r"|%gui\b|%(matplotlib|pylab)[^\S\n]+(?!inline|agg|-)\w"
)


def needs_channels(sources: Iterable[str]) -> bool:
    """Return whether a notebook names what a kernel without channels has not, or has otherwise.

    Parameters
    ----------
    sources
        Text of its code cells.
    """
    return any(_NOTICING.search(source) for source in sources)
