"""What Ploomber calls when a step fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def rerun_after_failure(product: Mapping[str, object]) -> None:
    """Make the next build rerun a step that has failed, whatever else it finds unchanged.

    Ploomber writes the failed run over the step's executed notebook, but keeps its record of the
    run before: put the cause right, say by resetting a parameter, and it would take the failed
    notebook for that run's. Without the record it does not; the other products stay.

    Parameters
    ----------
    product
        The step's products by key; ``nb`` is the executed notebook.
    """
    notebook = Path(str(product["nb"]))
    notebook.with_name(f".{notebook.name}.metadata").unlink(missing_ok=True)
