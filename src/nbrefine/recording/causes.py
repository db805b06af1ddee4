"""Why a cell varies from run to run, in words."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from nbrefine.compare.outputs import compare_outputs
from nbrefine.compare.tokens import is_number, to_lines, without_space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.recording.facts import CellRecord, Output
    from nbrefine.recording.hints import CellHints, Hint

FOLLOWS_HASH = "It follows the hash seed, as the order of a set does: sort it."

_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\b")
_STREAM = {"random": "Python's", "numpy": "numpy's", "torch": "torch's"}
_WORDS = {
    "clock": "It asks the clock",
    "identifier": "It makes a new identifier",
    "network": "It asks the network",
    "subprocess": "It runs another program, which answers something else each time",
    "memory": "It shows memory that nothing was written to",
    "order": "It works in several threads or processes, and which ends first is chance",
}
_IMAGE = "image/"
# Numbers that differ by a hundredth or more differ in more than their digits.
_APART = 1e-2
# The first of these that a cell gives a hint of; where it uses what varies, that comes between.
_OWN = ("clock", "identifier", "network", "subprocess")
_LAST = ("memory", "order")


def random_cause(record: CellRecord, code: CellHints | None) -> str:
    """Say from what a cell draws though nobody has seeded it.

    Parameters
    ----------
    record
        The cell's.
    code
        What is known of its code.
    """
    drawn = (name for name, use in sorted(record.random.items()) if use != "seed")
    streams = [_STREAM[name] for name in drawn if name in _STREAM]
    source = f"{' and '.join(streams)} random stream" if streams else "a random generator"
    who = "which" if streams else "that"
    comma = "," if streams else ""
    said = f"It draws from {source}{comma} {who} nobody has seeded"
    lacking = [hint for hint in _hints(code, "random") if hint.lacks]
    return f"{said}: {_lack(lacking[0], code)}." if lacking else f"{said}."


def shown_cause(
    shown: Sequence[Output],
    others: Sequence[Sequence[Output]],
    alike: Sequence[bool],
    code: CellHints | None,
    varied: Mapping[str, int],
) -> str:
    """Say why the outputs of a cell differ between runs.

    Parameters
    ----------
    shown
        Outputs of the observed run.
    others
        Of each plain run.
    alike
        For each plain run whether it had the hash seed of the observed one. If just those agree
        with it that had, the cell follows the hash seed.
    code
        What is known of the cell's code.
    varied
        Names whose values vary, each with the number of the cell that is why.
    """
    if any(alike) and [not differ(shown, other) for other in others] == list(alike):
        return FOLLOWS_HASH
    if said := known_cause(shown, others, code, varied):
        return said
    steady = not any(differ(others[0], other) for other in others[1:])
    if len(others) > 1 and steady and differ(shown, others[0]):
        return "It shows something else when it is observed."
    return unknown_cause(shown, others)


def known_cause(
    shown: Sequence[Output],
    others: Sequence[Sequence[Output]],
    code: CellHints | None,
    varied: Mapping[str, int],
) -> str:
    """Say what makes the outputs of a cell differ between runs; empty if nothing is known to.

    Parameters
    ----------
    shown
        Outputs of one run.
    others
        Of each other.
    code
        What is known of the cell's code.
    varied
        Names whose values vary, each with the number of the cell that is why.
    """
    if not any(differ(_without_times(shown), _without_times(other)) for other in others):
        return "It shows the time of day."
    return "" if code is None else _of_code(code, varied)


def unknown_cause(shown: Sequence[Output], others: Sequence[Sequence[Output]]) -> str:
    """Say how the outputs of a cell differ between runs, where it is not known why.

    Parameters
    ----------
    shown
        Outputs of one run.
    others
        Of each other.
    """
    digits = [_same_digits(shown, other) for other in others]
    known = [each for each in digits if each is not None]
    if len(known) < len(others) or math.isinf(min(known)):
        return "It shows something else in each run."
    return (
        f"Only its numbers vary, from digit {int(min(known)) + 1} on, as where a fit ends early "
        "and threads take sums in another order: fit to a smaller tolerance, or show fewer digits."
    )


def _same_digits(left: Sequence[Output], right: Sequence[Output]) -> float | None:
    """Return in how many digits all numbers of two texts agree; None where more differs."""
    old, new = list(_tokens(left)), list(_tokens(right))
    if len(old) != len(new) or _pictures(left) != _pictures(right):
        return None
    least = math.inf
    for before, after in zip(old, new, strict=True):
        if before == after:
            continue
        if not (is_number(before) and is_number(after)):
            return None
        one, other = float(before), float(after)
        apart = abs(one - other) / max(abs(one), abs(other), 1e-300)
        if apart >= _APART or "." not in before + after:
            return None
        least = min(least, math.floor(-math.log10(apart)) if apart else math.inf)
    return least


def _tokens(outputs: Sequence[Output]) -> Iterator[str]:
    """Give the words, numbers and marks of what a cell shows."""
    for output in outputs:
        texts = {"": output.get("text"), **output.get("data", {})}
        for mime, text in texts.items():
            if isinstance(text, str) and not mime.startswith(_IMAGE):
                yield from (token for line in to_lines(text) for token in without_space(line))


def _pictures(outputs: Sequence[Output]) -> list[object]:
    """Return what a cell shows that is no text."""
    data = (item for output in outputs for item in output.get("data", {}).items())
    return [part for mime, part in data if mime.startswith(_IMAGE) or not isinstance(part, str)]


def _of_code(code: CellHints, varied: Mapping[str, int]) -> str:
    """Say what the code of a cell gives as a reason; empty if nothing."""
    here = [hint for hint in code.hints if hint.cell == code.number]
    behind = [hint for hint in code.hints if hint.cell != code.number]
    # The name that varies for the longest time is the likeliest cause.
    used = sorted((varied[name], name) for name in varied.keys() & code.mentions)
    taken = [f"It uses `{name}`, which varies because of cell {since}." for since, name in used]
    said = [*_reasons(here, _OWN), *taken, *_reasons(behind, _OWN), *_reasons(code.hints, _LAST)]
    return said[0] if said else ""


def _reasons(hints: Sequence[Hint], kinds: Sequence[str]) -> list[str]:
    """Return what hints of some kinds give as reasons, in the order of the kinds."""
    return [_said(hint) for kind in kinds for hint in hints if hint.kind == kind]


def _said(hint: Hint) -> str:
    """Say what a hint gives as a reason."""
    what = "" if hint.what == hint.kind else f" (`{hint.what}`)"
    return f"{_WORDS[hint.kind]}{what}."


def differ(left: Sequence[Output], right: Sequence[Output]) -> bool:
    """Tell whether a cell showed something else."""
    return compare_outputs(left, right).verdict.fails


def _hints(code: CellHints | None, kind: str) -> list[Hint]:
    return [hint for hint in code.hints if hint.kind == kind] if code is not None else []


def _lack(hint: Hint, code: CellHints | None) -> str:
    where = "" if code is None or hint.cell == code.number else f" in cell {hint.cell}"
    parameter = "seed" if hint.lacks == "seed" else f"`{hint.lacks}`"
    return f"`{hint.what}`{where} has no {parameter}"


def _without_times(value: Any) -> Any:  # noqa: ANN401  (JSON is of any type)
    """Leave out of all texts what looks like a time of day."""
    if isinstance(value, str):
        return _TIME.sub("", value)
    if isinstance(value, dict):
        return {key: _without_times(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_times(part) for part in value]
    return value
