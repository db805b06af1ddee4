"""Read the labelled transforms, and classify them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.transforms.data import cities, passengers
from nbrefine.transforms import Classification, Kind, classify

__all__ = ["Answer", "Case", "answer", "cases"]

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """A transform with its kind, as somebody who knows it would say.

    Attributes
    ----------
    table : str
        The file that it is from.
    lookup : str or None
        The argument beside the frame.
    hard : bool
        Whether it is one that is easily taken for another kind.
    """

    name: str
    kind: Kind
    code: str
    table: str
    lookup: str | None = None
    hard: bool = False


@dataclass(frozen=True)
class Answer:
    """What was said of a transform, by its code alone and with data."""

    case: Case
    by_code: Classification
    with_data: Classification


def cases(only: str = "") -> list[Case]:
    """Return labelled transforms; the files say their kind, or each of them does."""
    found = []
    for file in sorted(FOLDER.glob(f"*{only}*.yaml" if only else "*.yaml")):
        default = file.stem.replace("_", "-")
        for entry in yaml.safe_load(file.read_text()):
            kind = Kind(entry.get("kind", default))
            hard = bool(entry.get("hard"))
            name, code = entry["name"], entry["code"]
            found.append(Case(name, kind, code, file.stem, entry.get("with"), hard))
    return found


def answer(case: Case) -> Answer:
    """Classify a transform twice."""
    frames: dict[str, object] = {"df": passengers()}
    if case.lookup is not None:
        frames[case.lookup] = cities()
    return Answer(case, classify(case.code), classify(case.code, frames))
