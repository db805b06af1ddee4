"""Say what a transform may be used for: from its code, and from data where there is some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nbrefine.transforms.model import Classification, Kind
from nbrefine.transforms.reading import Given, read
from nbrefine.transforms.sources import Source, load
from nbrefine.transforms.values import UNSET, Shape, Value

if TYPE_CHECKING:
    from nbrefine.transforms.evidence import Evidence
    from nbrefine.transforms.model import Cause
    from nbrefine.transforms.subject import Subject

__all__ = ["classify"]


def classify(
    transform: str | Callable[..., Any], frames: object | Mapping[str, object] | None = None
) -> Classification:
    """Classify a transform of a frame.

    Parameters
    ----------
    transform : str or callable
        A function or lambda, or the source of one, or statements that change a frame. In a
        source with several functions the last one is the transform, and the others help it.
    frames : DataFrame, Series, array, or mapping of str to object, optional
        The batch; or values of the arguments, or of the names that the statements read, the
        batch among them. The transform is then run on samples of it, in this process.

    Returns
    -------
    Classification
        *Row-wise* only where the code shows it, and the data do not contradict; where
        neither code nor data can tell, *unknown*.
    """
    source = load(transform)
    values = _values(source, frames)
    subject = source.subject
    said = _by_code(source, values)
    if frames is None or subject is None:
        return said[0]
    from nbrefine.transforms.evidence import observe  # noqa: PLC0415 - loads pandas
    from nbrefine.transforms.running import runnable  # noqa: PLC0415 - runs the transform

    if subject.batch not in values:
        return said[0]
    function = runnable(source, values)
    return _joined(*said, observe(function, values[subject.batch]))


def _values(source: Source, frames: object) -> dict[str, object]:
    """Return values by the name that they have in the code."""
    values = dict(source.known)
    if isinstance(frames, Mapping):
        values |= frames
    elif frames is not None and source.subject is not None:
        values[source.subject.batch] = frames
    return values


def _by_code(source: Source, values: Mapping[str, object]) -> tuple[Classification, Value | None]:
    if source.trouble is not None:
        return _unknown(source.trouble), None
    if source.subject is None:
        return _unknown("no frame goes in: there is no batch to depend on"), None
    given = {name: _given(name, value, source.subject) for name, value in values.items()}
    value = read(source.text, source.subject, given)
    return _decided(value), value


def _given(name: str, value: object, subject: Subject) -> Given:
    """Return what is known of a value from itself."""
    if name == subject.batch:
        return _of_batch(value)
    plain = value is None or isinstance(value, (bool, int, float, str))
    listed = isinstance(value, (list, tuple)) and all(
        isinstance(each, (bool, int, float, str)) for each in value
    )
    return Given(literal=value if plain or listed else UNSET)


def _of_batch(value: object) -> Given:
    kind = type(value).__name__
    if kind == "DataFrame":
        frame: Any = value
        chosen = frame.select_dtypes("category").columns
        return Given("frame", frozenset(str(each) for each in chosen))
    if kind == "Series":
        series: Any = value
        categorical = str(series.dtype) == "category"
        return Given("series", frozenset({"*"} if categorical else ()))
    return Given("array" if kind == "ndarray" else "")


def _decided(value: Value) -> Classification:  # noqa: PLR0911 - one a case
    """Turn the abstract value of a result into words."""
    if value.rows is not None:
        return _because(Kind.RESHAPING, value.rows)
    if value.unknown is not None:
        return _because(Kind.UNKNOWN, value.unknown)
    if value.shape == Shape.STAT:
        if value.batch is None:
            return Classification(Kind.RESHAPING, None, None, "no rows come out", "code")
        return _because(Kind.RESHAPING, value.batch)
    if value.batch is not None:
        return _because(Kind.FITTED, value.batch)
    if value.doubt is not None:
        return _because(Kind.UNKNOWN, value.doubt)
    if value.shape == Shape.CONST:
        return _unknown("what comes out is not made of the batch")
    reason = "each row is made of that row alone"
    return Classification(Kind.ROW_WISE, None, None, reason, "code")


def _because(kind: Kind, cause: Cause) -> Classification:
    return Classification(kind, cause.line, cause.statement, cause.reason, "code")


def _unknown(reason: str) -> Classification:
    return Classification(Kind.UNKNOWN, None, None, reason, "code")


def _joined(said: Classification, value: Value | None, seen: Evidence) -> Classification:  # noqa: PLR0911 - one a case
    """Set what the code says against what the data show.

    Data can disprove that rows are independent, and settle what the code leaves open. They
    cannot prove a transform row-wise whose code is not understood, nor acquit one that the
    code convicts: the statistic may only not have mattered this time.
    """
    if seen.kind is None:
        return said if said.kind != Kind.UNKNOWN else _with(said, said.kind, seen.reason)
    if said.kind == seen.kind:
        return _with(said, said.kind, said.reason, "both")
    if said.kind == Kind.ROW_WISE:
        return Classification(seen.kind, None, None, seen.reason, "data")
    if said.kind == Kind.UNKNOWN:
        open_only = value is not None and value.unknown is None and value.doubt is not None
        if seen.kind != Kind.ROW_WISE or open_only:
            return Classification(seen.kind, said.line, said.statement, seen.reason, "data")
        return _with(said, said.kind, f"{said.reason}; {seen.reason}, which is no proof")
    if said.kind == Kind.FITTED and seen.kind == Kind.RESHAPING:
        return Classification(seen.kind, None, None, seen.reason, "data")
    return said


def _with(said: Classification, kind: Kind, reason: str, basis: str = "both") -> Classification:
    return Classification(kind, said.line, said.statement, reason, "both" if basis else "code")
