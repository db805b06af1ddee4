"""What Ploomber calls when a step fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def reread_after_failure(product: Mapping[str, object], params: Mapping[str, Any]) -> None:
    """Make the next build read the raw tables anew after they have failed the checks.

    Ploomber does not look at the raw files. Whoever corrects them in place would else meet the
    same message again, of tables that are gone.

    Parameters
    ----------
    product
        The products of the step that has failed.
    params
        Its parameters, with the products of the steps above under ``upstream``.
    """
    rerun_after_failure(product)
    rerun_after_failure(params["upstream"]["ingest"])
