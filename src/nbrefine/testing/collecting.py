"""Tests of a pipeline's notebooks, on top of nbval's: one for each cell, and for each assertion."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NoReturn, Self

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile  # type: ignore[import-untyped]

from nbrefine.engine.documents import executable_document
from nbrefine.engine.failure_text import failing_place
from nbrefine.errors import NbrefineError, format_error
from nbrefine.notebook.document import INJECTED_TAG
from nbrefine.pipeline.spec import SPEC_NAME
from nbrefine.testing.alignment import align
from nbrefine.testing.asserts import Assertion, assertions
from nbrefine.testing.baseline import Baseline, baseline_file, read_baseline
from nbrefine.testing.executed import ExecutedCell, tested_steps
from nbrefine.testing.markers import markers_of
from nbrefine.testing.project_run import ProjectRun, project_run, project_runs
from nbrefine.testing.text import assertion_text, cell_text, failure_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.pipeline.model import Step
    from nbrefine.testing.checking import StepCheck
    from nbrefine.testing.comparison import CellCheck


class NotebookTestError(Exception):
    """A cell shows something else, or did not run; the text is all that there is to say."""


def pipeline_notebook(path: Path, parent: pytest.Collector) -> PipelineNotebook | None:
    """Collect a step's notebook, or its baseline, in a project that the engine builds.

    Parameters
    ----------
    path
        The notebook.
    parent
        What it is collected for.

    Returns
    -------
    PipelineNotebook or None
        None for any other notebook: it is nbval's.
    """
    path = path.resolve()
    root = next((each for each in path.parents if (each / SPEC_NAME).is_file()), None)
    if root is None:
        return None
    try:
        project = project_run(root, parent.config)
    except NbrefineError as error:
        raise pytest.Collector.CollectError(format_error(error)) from None
    if project is None:
        return None
    for step in tested_steps(project.pipeline):
        if path in {step.source.resolve(), baseline_file(root, step.name)}:
            return PipelineNotebook.from_parent(parent, path=path, project=project, step=step)
    return None


def execute_collected(session: pytest.Session) -> None:
    """Run the steps that a session has tests of."""
    parents = [item.parent for item in session.items]
    notebooks = [each for each in parents if isinstance(each, PipelineNotebook)]
    for project in project_runs(session.config):
        names = dict.fromkeys(each.step.name for each in notebooks if each.project is project)
        if names:
            project.run(session.config, [*names])


class PipelineNotebook(IPyNbFile):  # type: ignore[misc]
    """The notebook of a step: it is run by the build, and no kernel is started here."""

    project: ProjectRun
    step: Step
    told: bool = False

    @classmethod
    def from_parent(cls, parent: Any, **options: Any) -> Self:  # noqa: ANN401  (pytest's interface)
        """Make it, with the project and the step that it belongs to."""
        project, step = options.pop("project"), options.pop("step")
        made: Self = super().from_parent(parent, **options)
        made.project, made.step = project, step
        return made

    def setup(self) -> None:
        """Start no kernel, as nbval would."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give a test for each code cell, and one for each assertion in it."""
        try:
            cells = list(self._cells())
            baseline = self._baseline()
        except NbrefineError as error:
            raise self.CollectError(format_error(error)) from None
        for cell in cells:
            if cell.kind == "code" and cell.source.strip():
                yield PipelineCell.of(self, cell)
                if not markers_of(cell.source, cell.tags).skip:
                    for assertion in assertions(cell.source):
                        yield AssertionTest.of(self, cell, assertion)
        if baseline is not None and self._has_gone(baseline, cells):
            yield GoneCells.from_parent(self, name="Cells that are gone")

    def check(self) -> StepCheck:
        """Return how the step compares."""
        return self.project.check(self.step.name)

    def _cells(self) -> Iterator[ExecutedCell]:
        products = {path: path for path in self.step.files.values()}
        document = executable_document(self.project.pipeline, self.step, products)
        number = 0
        for cell in document["cells"]:
            tags = cell.get("metadata", {}).get("tags", ())
            if INJECTED_TAG not in tags:
                number += 1
                identifier = str(cell.get("id", ""))
                kind, source = cell["cell_type"], "".join(cell["source"])
                yield ExecutedCell(kind, source, number, identifier, tuple(tags))

    def _baseline(self) -> Baseline | None:
        root = self.project.pipeline.root
        if not baseline_file(root, self.step.name).is_file():
            return None
        return read_baseline(root, self.step.name)

    @staticmethod
    def _has_gone(baseline: Baseline, cells: list[ExecutedCell]) -> bool:
        old = [cell for cell in baseline.cells if cell.kind == "code"]
        new = [cell for cell in cells if cell.kind == "code"]
        return any(b is None and a is not None and old[a].outputs for a, b in align(old, new))


class _StepTest(pytest.Item):
    """A test of something in a step's notebook."""

    parent: PipelineNotebook

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], **more: Any) -> Any:  # type: ignore[override]  # noqa: ANN401
        """Say what is wrong, without the traceback of the test itself."""
        if isinstance(excinfo.value, NotebookTestError):
            return str(excinfo.value)
        if isinstance(excinfo.value, NbrefineError):
            return format_error(excinfo.value)
        return pytest.Item.repr_failure(self, excinfo, **more)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the test is, and its name."""
        return self.path, None, self.name

    def reached(self, number: int) -> StepCheck:
        """Return how the step compares, if it was run up to a cell.

        Of the tests of a step that was not run at all, the first one fails.
        """
        try:
            found = self.parent.check()
        except NbrefineError as error:
            self._tell(error)
        executed = found.executed
        if found.problem is not None:
            self._tell(found.problem)
        if executed.failure and not executed.failed_at:
            self._tell(NotebookTestError(failure_text(found)))
        if executed.failed_at and number > executed.failed_at:
            pytest.skip(f"cell {executed.failed_at} failed before")
        return found

    def _tell(self, problem: Exception) -> NoReturn:
        """Fail for a problem of the whole step, once."""
        if self.parent.told:
            pytest.skip(f"the step {self.parent.step.name!r} could not be tested")
        self.parent.told = True
        raise problem


class PipelineCell(_StepTest, IPyNbCell):  # type: ignore[misc]
    """The test of a cell: it ran, and shows what it showed."""

    @classmethod
    def of(cls, notebook: PipelineNotebook, cell: ExecutedCell) -> Self:
        """Make the test of a cell."""
        markers = markers_of(cell.source, cell.tags)
        options = defaultdict(bool, skip=markers.skip, check_exception=markers.raises)
        made: Self = cls.from_parent(
            notebook, name=f"Cell {cell.number}", cell_num=cell.number, cell=cell, options=options
        )
        return made

    def setup(self) -> None:
        """Do nothing: nbval expects a failure here where an earlier cell took too long."""

    def runtest(self) -> None:
        """Compare the cell with its baseline."""
        if self.options["skip"]:
            pytest.skip("it is tagged to be skipped")
        found = self.reached(self.cell_num)
        if found.executed.failed_at == self.cell_num:
            raise NotebookTestError(failure_text(found))
        cell = self._check(found)
        if cell.verdict.fails:
            raise NotebookTestError(cell_text(found, cell))

    def _check(self, found: StepCheck) -> CellCheck:
        for cell in found.cells:
            if cell.number == self.cell_num:
                return cell
        raise NotebookTestError(f"The notebook has changed since: it has no cell {self.cell_num}.")


class AssertionTest(_StepTest):
    """The test of an assertion: the cell came past it."""

    number: int
    assertion: Assertion

    @classmethod
    def of(cls, notebook: PipelineNotebook, cell: ExecutedCell, assertion: Assertion) -> Self:
        """Make the test of an assertion."""
        made: Self = cls.from_parent(notebook, name=f"Cell {cell.number}: {assertion.name}")
        made.number, made.assertion = cell.number, assertion
        return made

    def runtest(self) -> None:
        """Look whether the cell ended before it, at it, or behind it."""
        found = self.reached(self.number)
        error = found.executed.error
        if found.executed.failed_at != self.number or error is None:
            return
        place = failing_place(error)
        line = None if place is None else place.line
        if line is not None and line < self.assertion.line:
            pytest.skip(f"line {line} failed before")
        if line is None or line <= self.assertion.end_line:
            raise NotebookTestError(assertion_text(found, line))


class GoneCells(_StepTest):
    """The test of the cells that only the baseline has."""

    def runtest(self) -> None:
        """Show them."""
        found = self.reached(0)
        gone = [cell for cell in found.failing if not cell.number]
        if gone and not self.config.option.nbval_lax:
            raise NotebookTestError("\n\n".join(cell_text(found, cell) for cell in gone))
