"""Finds the plainest format that stores values exactly, in a run of the original notebook."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.observer import stored as observed
from nbrefine.recording.formats import COPYING, FORMATS, Stored
from nbrefine.recording.inject import calling_code, loading_code
from nbrefine.recording.record import runnable_cells
from nbrefine.recording.shadow import Shadow
from nbrefine.recording.single import Interpreter, SingleRun, run_once, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.kernels.session import Session
    from nbrefine.notebook.document import Notebook

Request = tuple[int, tuple[str, ...]]
"""The origin of a cell, and names that are to be stored together after it."""

_SECONDS = 600


@dataclass(frozen=True)
class Trial:
    """Which formats were exact.

    Parameters
    ----------
    stored
        How each request is stored; None where no format stores it exactly.
    reasons
        Why there is none.
    run
        The run in which they were tried; None if nothing was.
    """

    stored: Mapping[Request, Stored | None]
    reasons: Mapping[Request, str] = field(default_factory=dict)
    run: SingleRun | None = None


def try_formats(  # noqa: PLR0913  (keywords, each with a default that does)
    notebook: Notebook,
    requests: Sequence[Request],
    *,
    folder: Path,
    definitions: Mapping[Request, str] | None = None,
    python: str | None = None,
    kernel: str | None = None,
    timeout: float | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    forbidden: Callable[[bytes], bool] | None = None,
    to_end: bool = False,
) -> Trial:
    """Find for each request the plainest format whose file a fresh process reads back exactly.

    Parameters
    ----------
    notebook
        The original; it runs once more, up to the last cell asked for.
    requests
        What is to be stored where.
    folder
        The notebook's own folder; nothing in it is changed.
    definitions
        Source of the functions and classes that the reading step will define, by request.
    python, kernel
        What to run in; this interpreter if neither is given.
    timeout
        Seconds that a cell may take.
    progress
        Called with ``formats``, the number of cells done, and the number of all.
    forbidden
        Says of a file's content whether it must not be stored.
    to_end
        Whether to run the notebook to its end: its run may count as one of the original then.

    Returns
    -------
    Trial
        A request whose cell was not reached counts as not storable.
    """
    if not requests:
        return Trial({})
    cells = runnable_cells(notebook)
    if not to_end:
        cells = cells[: max(origin for origin, _ in requests) + 1]
    tell = progress or (lambda *_: None)
    with Shadow(folder, [cell.source for cell in cells]) as shadow:
        writing = _Writing(requests, shadow.backup / "stored")

        def after_cell(origin: int, session: Session) -> None:
            writing.after_cell(origin, session)
            tell("formats", origin + 1, len(cells))

        tell("formats", 0, len(cells))
        run = run_once(
            cells,
            shadow,
            Interpreter(python, kernel),
            whole=False,
            hash_seed=1,  # that of the first plain run
            timeout=timeout,
            after_cell=after_cell,
        )
        executable = python or run.python.get("executable") or sys.executable
        reading = _Reading(executable, writing, definitions or {}, shadow, forbidden)
        return replace(reading.judge(requests), run=translated(run, shadow))


class _Writing:
    """Writes the files, in the kernel, right after the cells."""

    def __init__(self, requests: Sequence[Request], folder: Path) -> None:
        self._requests = requests
        self._folder = folder
        folder.mkdir()
        self.reports: dict[Request, dict[str, Any]] = {}
        self.path: dict[int, list[str]] = {}

    def after_cell(self, origin: int, session: Session) -> None:
        """Write what is asked for after a cell."""
        asked = [request for request in dict.fromkeys(self._requests) if request[0] == origin]
        if not asked:
            return
        report = self._folder / f"{origin}.json"
        groups = [list(names) for _, names in asked]
        call = f"entry.store({str(report)!r}, {groups!r}, {_formats()!r})"
        run = session.run_cell(calling_code(call), silent=True, timeout=_SECONDS)
        if run.error is not None or not report.exists():
            return
        said = json.loads(report.read_text("utf-8"))
        self.path[origin] = said["path"]
        self.reports.update(zip(asked, said["groups"], strict=True))


class _Reading:
    """Reads the files back in fresh processes, and judges."""

    def __init__(
        self,
        python: str,
        writing: _Writing,
        definitions: Mapping[Request, str],
        shadow: Shadow,
        forbidden: Callable[[bytes], bool] | None,
    ) -> None:
        self._python, self._writing, self._shadow = python, writing, shadow
        self._definitions, self._forbidden = definitions, forbidden

    def judge(self, requests: Sequence[Request]) -> Trial:
        """Return the first try of each request that a fresh process read back exactly."""
        found = self._read_all()
        stored: dict[Request, Stored | None] = {}
        reasons: dict[Request, str] = {}
        for request in dict.fromkeys(requests):
            report = self._writing.reports.get(request)
            if report is None:
                stored[request], reasons[request] = None, "the cell was not reached"
                continue
            stored[request], reason = self._first_exact(request, report, found)
            if stored[request] is None:
                reasons[request] = reason
        return Trial(stored, reasons)

    def _first_exact(
        self, request: Request, report: Mapping[str, Any], found: Mapping[tuple[Request, int], Any]
    ) -> tuple[Stored | None, str]:
        """Return the plainest try that was exact, and why those before it were not."""
        reason = report["reason"]
        first: Stored | None = None
        for number, attempt in enumerate(report["tries"]):
            why = _why_not(report, found.get((request, number), {})) or self._kept_out(attempt)
            if first is None and why:
                reason = "; ".join(part for part in (reason, f"{attempt['format']}: {why}") if part)
            elif first is None:
                first = Stored(
                    request[1],
                    attempt["format"],
                    tuple(attempt["repair"]),
                    bytes=attempt["bytes"],
                    reason=reason,
                    held=tuple(report["signature"]["held"]),
                    reads=tuple(report["signature"]["reads"]),
                )
            elif not why and attempt["format"].startswith(COPYING) and not attempt["repair"]:
                return replace(first, copying=attempt["format"]), reason
        return first, reason

    def _kept_out(self, attempt: Mapping[str, Any]) -> str:
        """Say why a file must not be kept, though it is exact; empty if it may be."""
        if self._forbidden is None or not self._forbidden(Path(attempt["path"]).read_bytes()):
            return ""
        return "it holds a credential"

    def _read_all(self) -> dict[tuple[Request, int], dict[str, Any]]:
        """Read all files, those with the same definitions in one process."""
        batches: dict[tuple[str, tuple[str, ...]], list[tuple[Request, int]]] = {}
        for request, report in self._writing.reports.items():
            # A value without code of the user's needs no definition, which may not even run here.
            said = report.get("signature", {})
            own = said.get("held") or said.get("reads")
            source = self._definitions.get(request, "") if own else ""
            key = (source, tuple(self._writing.path[request[0]]))
            keys = [(request, number) for number in range(len(report["tries"]))]
            batches.setdefault(key, []).extend(keys)
        found = {}
        for (source, path), asked in batches.items():
            tries = [
                {**self._writing.reports[request]["tries"][number], "names": request[1]}
                for request, number in asked
            ]
            for number, said in self._read(source, path, tries).items():
                found[asked[number]] = said
        return found

    def _read(
        self, source: str, path: Sequence[str], tries: Sequence[Mapping[str, Any]]
    ) -> dict[int, dict[str, Any]]:
        """Read files in a fresh process; in another one from where the first was lost."""
        found: dict[int, dict[str, Any]] = {}
        script = self._shadow.backup / "check.py"
        answers = self._shadow.backup / "answers"
        while len(found) < len(tries):
            answers.unlink(missing_ok=True)
            call = f"stored.check({[*tries]!r}, {_formats()!r}, {str(answers)!r}, {len(found)})"
            lines = [f"import sys; sys.path[:] = {[*path]!r}", f"exec({source!r}, globals())"]
            script.write_text("\n".join([*lines, loading_code(), calling_code(call)]), "utf-8")
            self._run(script)
            before = len(found)
            if answers.exists():
                for line in answers.read_text("utf-8").splitlines():
                    said = json.loads(line)
                    found[said["number"]] = said["found"]
            if len(found) < len(tries):
                lost = "the process that read it was lost"
                if len(found) == before and before == 0 and source:
                    lost = "the definitions that it needs do not run by themselves"
                found[len(found)] = {"error": lost}
        return found

    def _run(self, script: Path) -> None:
        try:
            subprocess.run(  # noqa: S603  (the notebook's own interpreter, a script of ours)
                [self._python, str(script)],
                cwd=self._shadow.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return


def _why_not(report: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Say why what was read is not what was written; empty if it is."""
    if "error" in found or not found:
        return str(found.get("error", "it was not read"))
    expected = observed.Signature(**report["signature"])
    exact = observed.same(expected, observed.Signature(**found), strict=report["strict"])
    return "" if exact else "a fresh process reads something else"


def _formats() -> dict[str, dict[str, Any]]:
    return {name: asdict(form) for name, form in FORMATS.items()}
