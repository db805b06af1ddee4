"""How the kernels of a build are started: forked from one that has imported everything, or cold."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.engine.kernel_memory import KernelMemory
from nbrefine.pipeline.code import code_of, reached_by
from nbrefine.pipeline.plan import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nbrefine.analysis.facts import Import
    from nbrefine.analysis.modules import Finder
    from nbrefine.kernels.zygote import Zygote
    from nbrefine.pipeline.graph import Graph
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.plan import Plan
    from nbrefine.pipeline.survey import Survey

THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"),
)
"""Variables that say how many threads libraries of linear algebra, and those of OpenMP, use."""
_MAY_RUN = frozenset({State.OUTDATED, State.WAITING})
_FEWEST = 2


@dataclass(frozen=True)
class Kernels:
    """How kernels are started.

    Parameters
    ----------
    ahead
        Modules that are imported ahead of time; None for kernels that are started cold.
    environ
        Variables that they get beside this process's.
    codes
        By step, the digest of its code.
    memory
        What is remembered of steps; None for nothing.
    heard
        By step, what its kernel has loaded in this build.
    """

    ahead: tuple[str, ...] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    memory: KernelMemory | None = None
    heard: dict[str, list[str]] = field(default_factory=dict)

    def ahead_of(self, step: str, folder: Path) -> tuple[str, ...] | None:
        """Return what a step's kernel finds imported; None for one that is started cold.

        What earlier kernels of this build have loaded is imported first.
        """
        code = self.codes.get(step)
        if self.memory is not None and code and self.memory.cold.get(step) == code:
            return None
        if self.heard and (zygote := self._zygote(folder)) is not None:
            zygote.add(dict.fromkeys(each for heard in [*self.heard.values()] for each in heard))
        return self.ahead

    def prepare(self, folder: Path) -> None:
        """Begin to import, while there is something else to do."""
        self._zygote(folder)

    def learn(self, step: str, modules: Iterable[str], *, cold: bool) -> None:
        """Take note of what a step's kernel was seen to do.

        Parameters
        ----------
        step
            The step.
        modules
            What it has loaded.
        cold
            Whether it had to be one of its own in the end.
        """
        if self.memory is not None and cold:
            self.memory.needs_cold(step, self.codes.get(step, ""))
        elif self.memory is not None:
            self.heard[step] = [*modules]

    def finish(self, folder: Path) -> None:
        """Keep for the next build what was learnt."""
        zygote = self._zygote(folder) if self.heard else None
        if self.memory is None or zygote is None:
            return
        for step, modules in self.heard.items():
            beyond = [name for name in modules if name in zygote.added]
            self.memory.learn(step, beyond, zygote.left_out)
        self.memory.save()

    def are_imported(self, folder: Path) -> bool:
        """Whether an earlier build of this process has imported for them already."""
        from nbrefine.kernels.zygotes import ZYGOTES  # noqa: PLC0415  (most builds run nothing)

        return ZYGOTES.has(*self._wanted(folder))

    def _zygote(self, folder: Path) -> Zygote | None:
        if self.ahead is None:
            return None
        from nbrefine.kernels.zygotes import ZYGOTES  # noqa: PLC0415

        return ZYGOTES.prepare(*self._wanted(folder))

    def _wanted(
        self, folder: Path
    ) -> tuple[Sequence[str], str, Mapping[str, str], tuple[str, ...]]:
        environ = {**os.environ, **self.environ}
        return [sys.executable], str(folder), environ, self.ahead or ()


COLD = Kernels()
"""Each is started by itself."""


def kernels_of(
    pipeline: Pipeline, plan: Plan, survey: Survey, workers: int, *, warm: bool
) -> Kernels:
    """Return how a build's kernels are to be started.

    Parameters
    ----------
    pipeline
        The pipeline.
    plan
        What the build does.
    survey
        Looks at files.
    workers
        How many steps may run at a time.
    warm
        Whether kernels may be forked.

    Returns
    -------
    Kernels
        With nothing imported ahead of time where a single step runs: that would gain nothing, but
        for where an earlier build of this process has done so already.
    """
    names = [name for name, each in plan.steps.items() if each.state in _MAY_RUN]
    if not names:
        return COLD
    environ = _threads(min(workers, _at_once(pipeline.graph, names)))
    if not warm or sys.platform in {"darwin", "win32"}:
        return Kernels(None, environ)
    memory = KernelMemory(pipeline.root)
    steps = [pipeline.steps[name] for name in names]
    codes = {step.name: code_of(step, survey).code for step in steps}
    found = {each for step in steps for each in imports_of(step, survey)}
    learnt = dict.fromkeys(each for name in names for each in memory.loaded.get(name, ()))
    ahead = (each for each in [*sorted(found), *learnt] if each not in memory.unfit)
    kernels = Kernels(tuple(ahead), environ, codes, memory)
    if len(names) < _FEWEST and not kernels.are_imported(pipeline.root):
        return Kernels(None, environ)
    return kernels


def imports_of(step: Step, survey: Survey) -> Iterator[str]:
    """Give the libraries' modules that a step's code, and the project's that it reaches, import.

    A name that is taken from a module is given as if it were a module of its own.
    """
    code = code_of(step, survey)
    if code.kernel:
        return
    finder = survey.finder(step.source, code.uses.folders)
    uses = [code.uses, *(survey.module(file).uses for file in reached_by(step, code, survey).files)]
    for each in uses:
        for one in each.imports:
            yield from _modules(one, finder)


def _modules(one: Import, finder: Finder) -> Iterator[str]:
    top = one.module.partition(".")[0]
    if one.level or not top or finder.is_own(top):
        return
    yield one.imports or one.module
    if one.attribute not in {"", "*"}:
        yield f"{one.module}.{one.attribute}"


def _threads(at_once: int) -> dict[str, str]:
    """Divide the cores among steps that run at a time, unless it is said how many each takes."""
    if at_once < _FEWEST or any(name in os.environ for name in THREADS):
        return {}
    return dict.fromkeys(THREADS, str(max(1, cores() // at_once)))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _at_once(graph: Graph, names: Iterable[str]) -> int:
    """Return how many of the steps may run at a time, going by how deep they are."""
    depth: dict[str, int] = {}
    wanted = {*names}
    for name in graph.order:
        depth[name] = max((depth[up] for up in graph.upstream(name)), default=-1) + (name in wanted)
    return max(Counter(depth[name] for name in wanted).values(), default=0)
