"""Recordings and builds without the credentials that they came across."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nbrefine.analysis.secrets import is_distinct
from nbrefine.notebook.json_texts import map_texts
from nbrefine.refine.place.credentials import in_files, with_own
from nbrefine.refine.prove.case import StepRun
from nbrefine.report.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Failure, Recording, ValueFacts, WrittenFile
    from nbrefine.refine.place.credentials import Credentials
    from nbrefine.refine.prove.build import BuildRun

# A text that was cut off may end in the first characters of a value.
_CUT_OFF = re.compile(r"\.\.\.|…")
_LEAST_SHOWN = 3


class Redaction:
    """Takes some values out of all that is kept.

    Parameters
    ----------
    values
        The values. Where there are none, nothing changes.
    """

    def __init__(self, values: Iterable[str]) -> None:
        values = set(values)
        distinct = filter(is_distinct, values)
        self._forms = tuple(sorted({form for value in distinct for form in _written(value)}))
        # A word is hidden as a word; a part of another it may be by chance.
        words = [rf"(?<!\w){re.escape(each)}(?!\w)" for each in values if not is_distinct(each)]
        whole = map(re.escape, sorted(self._forms, key=len, reverse=True))
        self._whole = re.compile("|".join([*whole, *sorted(words)]) or r"(?!)")
        self._is_empty = not values

    def text(self, text: str) -> str:
        """Return a text with a mask in place of the values, those included that are cut off."""
        if self._is_empty:
            return text
        text = self._whole.sub(MASK, text)
        for end in reversed([match.start() for match in _CUT_OFF.finditer(text)]):
            shown = max((_shown(form, text[:end]) for form in self._forms), default=0)
            if shown >= _LEAST_SHOWN:
                text = text[: end - shown] + MASK + text[end:]
        return text

    def data(self, value: Any) -> Any:  # noqa: ANN401  (JSON is of any type)
        """Return what JSON holds with a mask in its texts."""
        return map_texts(value, self.text)

    def facts(self, values: Mapping[str, ValueFacts]) -> dict[str, ValueFacts]:
        """Return what is known of some values; of those that show one the digest is of the rest."""
        return {name: self._facts(value) for name, value in values.items()}

    def recording(self, recording: Recording) -> Recording:
        """Return a recording whose outputs and values tell no credential."""
        if self._is_empty:
            return recording
        cells = tuple(
            replace(
                cell,
                outputs=self.data(cell.outputs),
                values=self.facts(cell.values),
            )
            for cell in recording.cells
        )
        return replace(
            recording,
            cells=cells,
            final=self.facts(recording.final),
            reruns=self.data(recording.reruns),
            rerun_finals=tuple(map(self.facts, recording.rerun_finals)),
            causes=self.data(recording.causes),
            failed=self._failure(recording.failed),
        )

    def notebook(self, notebook: Notebook) -> Notebook:
        """Return a notebook to be shown, each line in its place."""
        cells = tuple(replace(cell, source=self.text(cell.source)) for cell in notebook.cells)
        return replace(notebook, cells=cells)

    def files(self, recording: Recording, kept: Path) -> Recording:
        """Remove the copies of written files that hold a credential; their digests are kept.

        Parameters
        ----------
        recording
            Says which copies there are.
        kept
            The folder that they lie in.
        """
        files = {
            path: self._file(file, kept) if self._forms else file
            for path, file in recording.files.items()
        }
        return replace(recording, files=files)

    def run(self, run: StepRun) -> StepRun:
        """Return what a step showed and held without credentials."""
        if self._is_empty:
            return run
        values = None if run.values is None else self.facts(run.values)
        return StepRun(self.data(run.cells), values)

    def build(self, run: BuildRun) -> BuildRun:
        """Return a build without credentials in what its steps showed and in its error."""
        steps = {path: self.run(step) for path, step in run.steps.items()}
        return replace(run, steps=steps, error=self.text(run.error))

    def holds(self, content: bytes) -> bool:
        """Tell whether a file's content has one of the values; a mere word proves nothing."""
        return any(form.encode() in content for form in self._forms)

    def _failure(self, failure: Failure | None) -> Failure | None:
        if failure is None:
            return None
        evalue, traceback = self.text(failure.evalue), self.data(failure.traceback)
        return replace(failure, evalue=evalue, traceback=traceback)

    def _facts(self, facts: ValueFacts) -> ValueFacts:
        summary = self.text(facts.summary)
        if summary == facts.summary:
            return facts
        # Whoever knows the digest of a short text can find the text.
        digest = None if facts.digest is None else f"of {summary}"
        return replace(facts, summary=summary, digest=digest)

    def _file(self, file: WrittenFile, kept: Path) -> WrittenFile:
        copy = kept / file.kept
        if not file.kept or not copy.is_file() or not self.holds(copy.read_bytes()):
            return file
        copy.unlink()
        return replace(file, kept="")


def redaction_of(credentials: Credentials, recording: Recording) -> Redaction:
    """Return what takes the credentials that a notebook came across out of what is kept.

    Parameters
    ----------
    credentials
        What was taken out of the notebook itself.
    recording
        Its run, which says what else it has read.
    """
    return Redaction([*with_own(credentials, recording).values(), *in_files(recording)])


def _written(value: str) -> set[str]:
    """Return the ways to write a value: as it is, and as in Python, JSON, HTML and addresses."""
    ways: tuple[Callable[[str], str], ...] = (
        str,
        lambda text: repr(text)[1:-1],
        lambda text: json.dumps(text)[1:-1],
        html.escape,
        lambda text: quote(text, safe=""),
    )
    return {way(value) for way in ways}


def _shown(form: str, text: str) -> int:
    """Return how many of a value's first characters a text ends in."""
    most = min(len(form), len(text))
    return next((count for count in range(most, 0, -1) if text.endswith(form[:count])), 0)
