"""The magic ``%step``: a step's parameters, inputs and working directory, as in the build.

In JupyterLab, with a step's notebook open, type these two lines into a console of the notebook
(right-click on it, "New Console for Notebook"), or into a cell of it::

    %load_ext nbrefine
    %step

then run all cells. The ``parameters`` cell does not take the values back, products go into
``.scratch/``, the file is not changed, and ``%step --off`` undoes it. A build passes over the
lines, so that they may stay in the notebook where nbrefine is installed. To save the first of
them, load the extension in every session: put
``c.InteractiveShellApp.extensions = ["nbrefine"]`` into ``ipython_kernel_config.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.terminal.interactiveshell import TerminalInteractiveShell

from nbrefine.errors import InputError, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.lab.session import StepSession
from nbrefine.lab.values import StepValues, step_of_notebook, step_values
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

    from nbrefine.pipeline.model import Pipeline

# Where a front end says which notebook a kernel was started for: Jupyter's server, VS Code.
NOTEBOOK_NAMES = ("__session__", "__vsc_ipynb_file__")

# The files whose contents Ploomber compares; they are many, and their paths say nothing new.
RESOURCES = "resources_"
WIDTH = 70


@magics_class
class StepMagics(Magics):
    """Magics for trying out a step by hand."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._ipython = shell
        self.session = StepSession(shell)

    # IPython's decorators have no types
    @magic_arguments()  # type: ignore[no-untyped-call, untyped-decorator]
    @argument("name", nargs="?", help="the step; this notebook's own if not given")  # type: ignore[no-untyped-call, untyped-decorator]
    @argument("--off", action="store_true", help="take the step out of the session again")  # type: ignore[no-untyped-call, untyped-decorator]
    @line_magic
    def step(self, line: str) -> None:
        """Load a step: its parameters, upstream, product and working directory, as in the build.

        Products go into a scratch folder, so that trying out never overwrites one. Running the
        cell tagged `parameters` does not undo it; nothing in the notebook's file is changed. In
        a build, where the values are there already, it does nothing.
        """
        arguments = parse_argstring(self.step, line)  # type: ignore[no-untyped-call]
        if arguments.off:
            self._off()
        elif not someone_types(self._ipython):
            print("%step: nobody types here, so the values come from the build.")  # noqa: T201
        elif self._injected():
            raise InputError(
                "'product' is set already, to the path of a real product.",
                hint="Run del product, then %step again, to work on a scratch product instead.",
            )
        else:
            self._load(arguments.name)

    def _load(self, name: str | None) -> None:
        notebook = notebook_of(self._ipython)
        start = notebook.parent if notebook else self.session.folder
        pipeline = read_pipeline(find_root(start))
        if name is None:
            name = self._own_step(pipeline, notebook)
        values = step_values(pipeline, name)
        self.session.load(values)
        print(table(values))  # noqa: T201

    def _own_step(self, pipeline: Pipeline, notebook: Path | None) -> str:
        if notebook is None:
            raise InputError(
                "Jupyter does not say which notebook this is.",
                hint=f"Name the step: %step NAME. {did_you_mean('', pipeline.steps)}",
            )
        return step_of_notebook(pipeline, notebook)

    def _off(self) -> None:
        if self.session.loaded is None:
            raise InputError("No step is loaded.", hint="Load one with %step NAME.")
        name = self.session.loaded.step.name
        self.session.unload()
        print(f"step {name} is out of the session; back in {Path.cwd()}")  # noqa: T201

    def _injected(self) -> bool:
        """Tell whether somebody else, such as papermill, has set ``product``."""
        product = self._ipython.user_ns.get("product")
        return self.session.loaded is None and isinstance(product, str | dict)

    def post_run_cell(self, result: ExecutionResult) -> None:
        """Keep the step's values when the cell with their defaults has run."""
        source = result.info.raw_cell if result.info else None
        differing = self.session.after_cell(source or "")
        if differing is None or self.session.loaded is None:
            return
        kept = ", ".join(f"{name} = {new!r}, not {old!r}" for name, (old, new) in differing.items())
        name = self.session.loaded.step.name
        print(f"%step: kept the build's values of step {name}" + (f": {kept}" if kept else ""))  # noqa: T201


def someone_types(shell: InteractiveShell) -> bool:
    """Tell whether a person is at the keyboard; papermill, nbconvert and nbval take no input."""
    # Only a kernel's shell knows the request that it answers.
    if (get_request := getattr(shell, "get_parent", None)) is not None:
        return bool(get_request().get("content", {}).get("allow_stdin", False))
    return isinstance(shell, TerminalInteractiveShell)


def notebook_of(shell: InteractiveShell) -> Path | None:
    """Return the notebook that a session was started for, as far as the front end says."""
    said = [shell.user_ns.get(name) for name in NOTEBOOK_NAMES]
    said.append(os.environ.get("JPY_SESSION_NAME"))
    for name in said:
        # A console without a notebook has a session's name too, but no file.
        if isinstance(name, str) and Path(name).is_file():
            return Path(name)
    return None


def table(values: StepValues) -> str:
    """Return what was loaded, a line for each name."""
    rows = [(name, _short(name, value)) for name, value in values.step.params.items()]
    rows += [("upstream", ", ".join(values.step.upstream) or "None")]
    named = isinstance(values.step.product, Mapping)
    rows += [
        (f"product[{name!r}]" if named else "product", shown(values.stand_ins[path], values.root))
        for name, path in values.step.files.items()
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"step {values.step.name}, in {values.root} (%step --off undoes it)"]
    return "\n".join([*lines, *(f"  {name:<{width}}  {value}" for name, value in rows)])


def _short(name: str, value: object) -> str:
    if name == RESOURCES and isinstance(value, Mapping):
        return ", ".join(map(str, value))
    text = repr(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def load(shell: InteractiveShell) -> None:
    """Register the magics with a shell: ``%load_ext nbrefine``."""
    magics = StepMagics(shell)
    shell.register_magics(magics)
    shell.events.register("post_run_cell", magics.post_run_cell)


def unload(shell: InteractiveShell) -> None:
    """Take the magics back: ``%unload_ext nbrefine``."""
    magics: Any = shell.magics_manager.registry.get("StepMagics")
    if magics is None:
        return
    magics.session.unload()
    shell.events.unregister("post_run_cell", magics.post_run_cell)
    del shell.magics_manager.magics["line"]["step"]
    del shell.magics_manager.registry["StepMagics"]
