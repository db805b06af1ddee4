"""An engine for papermill: ``papermill --engine nbrefine in.ipynb out.ipynb``.

Kernels are forked, and started cold where that cannot be done right; of what a cell prints the
first part is kept; the output notebook is written once, whole. Papermill loads this whenever it is
imported, so nothing else is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from papermill.engines import NBClientEngine

if TYPE_CHECKING:
    from papermill.engines import NotebookExecutionManager

MOST_PRINTED = 2_000_000
"""Characters of printed text that are kept of a cell."""


class Engine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Runs notebooks for papermill."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,  # noqa: ANN401  (papermill has no types)
        kernel_name: str,
        output_path: str | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Run a notebook, and write it when it has ended.

        Parameters
        ----------
        nb
            The notebook; its outputs are replaced.
        kernel_name
            Name of an installed kernel.
        output_path
            Where it goes; papermill itself writes it there if nothing is raised here.
        **kwargs
            As for papermill's own engine.

        Returns
        -------
        NotebookNode
            The notebook, also if a cell failed: papermill looks for that.

        Raises
        ------
        DeadKernelError, CellTimeoutError
            As by papermill's own engine; the notebook is written as far as it ran.
        """
        from nbrefine.kernels.papermill_output import write_whole, written_whole  # noqa: PLC0415

        if output_path is not None:
            written_whole(output_path)
        # What papermill would save after each cell leaves a half-done notebook if it is killed.
        kwargs["autosave_cell_every"] = 0
        try:
            return super().execute_notebook(nb, kernel_name, output_path=None, **kwargs)
        except BaseException:
            if output_path is not None:
                write_whole(nb, output_path)
            raise

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Run a notebook, a second time in a kernel of its own if it needs one.

        Parameters
        ----------
        nb_man
            Papermill's account of how it goes on.
        kernel_name, **kwargs
            As for papermill's own engine.
        """
        from nbrefine.kernels.papermill_client import run  # noqa: PLC0415

        kwargs.pop("input_path", None)
        timeout = kwargs.pop("execution_timeout", None) or kwargs.pop("timeout", None)
        patience = kwargs.pop("start_timeout", None) or kwargs.pop("startup_timeout", 60)
        options = {**kwargs, "timeout": timeout, "startup_timeout": patience}
        return run(nb_man, {"kernel_name": kernel_name, **options}, MOST_PRINTED)
