"""Runs a notebook for papermill, in a forked kernel where that can be done right."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.log import logger

from nbrefine.kernels.outputs import Cap
from nbrefine.kernels.provisioner import WarmProvisioner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jupyter_client.manager import KernelManager
    from papermill.engines import NotebookExecutionManager


def run(nb_man: NotebookExecutionManager, options: Mapping[str, Any], most: int) -> Any:  # noqa: ANN401
    """Run a notebook to its end, or to a cell that fails.

    Parameters
    ----------
    nb_man
        Papermill's account of how it goes on.
    options
        Of papermill's client.
    most
        Characters of printed text that are kept of a cell.

    Returns
    -------
    NotebookNode
        The notebook.

    Raises
    ------
    DeadKernelError, CellTimeoutError
        If its kernel dies, or takes too long.
    """
    client = Client(nb_man, most=most, is_warm=True, **options)
    try:
        return client.execute()
    except DeadKernelError:
        if not client.needs_cold_kernel:
            raise
    logger.info("The notebook needs a kernel of its own, and runs again from its start.")
    nb_man.notebook_start(nb=nb_man.nb)
    if nb_man.pbar:
        nb_man.pbar.reset()
    return Client(nb_man, most=most, is_warm=False, **options).execute()


class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Papermill's client, with a kernel that may be forked and a limit to what is kept.

    Parameters
    ----------
    nb_man
        Papermill's account of how it goes on.
    most
        Characters of printed text that are kept of a cell.
    is_warm
        Whether its kernel may be forked.
    **options
        Of papermill's client.
    """

    def __init__(
        self,
        nb_man: NotebookExecutionManager,
        *,
        most: int,
        is_warm: bool,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(nb_man, log=logger, **options)
        self._cap, self._cell = Cap(most), -1
        self._is_warm = is_warm
        self._provisioner: WarmProvisioner | None = None

    @property
    def needs_cold_kernel(self) -> bool:
        """Whether its kernel has ended because the notebook has to run in one of its own."""
        return self._provisioner is not None and self._provisioner.has_refused

    def create_kernel_manager(self) -> KernelManager:
        """Make what starts the kernel."""
        manager: KernelManager = super().create_kernel_manager()
        if self._is_warm:
            sources = (cell.source for cell in self.nb.cells if cell.cell_type == "code")
            self._provisioner = manager.provisioner = WarmProvisioner(
                kernel_spec=manager.kernel_spec,
                parent=manager,
                names=[*dict.fromkeys(imported(sources))],
                exits=True,
            )
        return manager

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:  # noqa: ANN401
        """Take a message of the kernel's, without what a cell prints too much."""
        if cell_index != self._cell:
            self._cell = cell_index
            self._cap.begin()
        if msg["msg_type"] == "stream":
            content = msg["content"]
            content["text"] = self._cap.cut(content["text"])
            if not content["text"]:
                return None
        return super().process_message(msg, cell, cell_index)


def imported(sources: Iterable[str]) -> Iterator[str]:
    """Give the modules that cells import; names that are taken from one as if they were some.

    Parameters
    ----------
    sources
        Text of code cells; lines that only IPython understands are passed over.
    """
    for source in sources:
        rows = ("pass" if row.startswith(("%", "!")) else row for row in source.split("\n"))
        try:
            tree = ast.parse("\n".join(rows))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module
                yield from (f"{node.module}.{a.name}" for a in node.names if a.name != "*")
