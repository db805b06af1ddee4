"""Names for transforms: what they do, and to which columns."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.inline.verbs import SENTENCES
from nbrefine.transforms.tables import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbrefine.refine.inline.columns import Columns

__all__ = ["Told", "name_for", "summary_of"]

TOLD = 4  # columns that a sentence mentions
FEW = 2  # columns that a name mentions, however long they are
LONGEST = 28  # of a name that mentions more
LONGEST_VALUE = 24  # of a value that a name mentions
_OF_ROWS = words("""
    drop_missing drop_duplicates drop_duplicates_and_missing select_rows sample_rows shuffle
    concatenate reshape explode select_columns prepare
""")
_OF_COLUMNS = words(
    "add clean convert drop encode fill scale transform bin round replace cap update"
)
# What a verb is about where no column says more.
_THINGS = {
    **dict.fromkeys(
        words("add drop rename encode convert scale transform bin clean correlate update"),
        "columns",
    ),
    **dict.fromkeys(words("drop_missing shuffle explode sort aggregate"), "rows"),
    **dict.fromkeys(words("set replace cap"), "values"),
    **dict.fromkeys(words("join prepare reshape"), "table"),
}
_WHOLE = {
    "index": "set_index",
    "fill": "fill_missing_values",
    "concatenate": "concatenate_tables",
    "round": "round_numbers",
    "difference": "take_differences",
}
_UNCLEAR = frozenset({"df", "data", "d", "x", "X", "tmp", "frame", "dataset"})


@dataclass(frozen=True)
class Told:
    """What a run of statements tells of itself.

    Parameters
    ----------
    verb
        What is done.
    columns
        To which columns.
    gives
        Name of the frame that comes out.
    joined
        Tables that it joins to the frame.
    spoken
        What its author calls it; empty if nothing says so.
    grouped
        The words of an aggregate: ``("mean", "delay", "by", "carrier")``.
    calendar
        Whether most columns that it makes are parts of a date.
    is_changed
        Whether the frame that comes out has the name of the one that goes in.
    value
        The text that is written into the rows, if it is one.
    """

    verb: str
    columns: Columns
    gives: str
    joined: Sequence[str] = ()
    spoken: str = ""
    grouped: Sequence[str] = ()
    calendar: bool = False
    is_changed: bool = False
    value: str = ""


def name_for(told: Told, taken: Collection[str]) -> str:
    """Return a name that is not taken: ``add_ratio``, ``drop_duplicates_of_orders``.

    Parameters
    ----------
    told
        What the statements tell.
    taken
        Names that stand for something else.
    """
    frame = "" if told.gives in _UNCLEAR else _table(told.gives)
    base = _base(told, frame)
    options = [base, *([f"{base}_of_{frame}"] if frame not in base else [])]
    options += [f"{base}_{number}" for number in range(2, len(taken) + 3)]
    return next(each for each in options if _is_free(each, taken))


def _base(told: Told, frame: str) -> str:
    """Return what the author calls it; else what is done, and to what."""
    verb, columns = told.verb, told.columns
    things = _things(verb, columns)
    if told.spoken:
        return told.spoken
    if object_ := _object(told, frame):
        return object_
    if verb in _OF_ROWS or not things:
        of_frame = verb in {"prepare", "sort", "aggregate", "join", "fill"} - {frame} and frame
        return f"{verb}_{frame}" if of_frame else _of_table(verb)
    if len(things) <= FEW:
        base = f"{verb}_{'_and_'.join(map(_identifier, things))}"
        says = verb == "set" and 0 < len(told.value) <= LONGEST_VALUE
        return f"{base}_to_{_identifier(told.value)}" if says else base
    return _of_many(verb, things, told)


def _object(told: Told, frame: str) -> str:
    """Return a name for what is done by rows, or with another table; empty for the rest."""
    verb, reads = told.verb, told.columns.reads
    named = "_and_".join(map(_identifier, reads)) if 1 <= len(reads) <= FEW else ""
    name = ""
    if verb == "aggregate" and told.grouped:
        name = "_".join(map(_identifier, told.grouped))
    elif verb in {"aggregate", "sort"} and reads:
        name = f"{verb}_by_{_identifier(reads[0])}"
    elif verb == "join" and told.joined:
        rest = [_table(told.joined[1])] if len(told.joined) == FEW else ["more"]
        name = "_and_".join([f"join_{_table(told.joined[0])}", *(rest if told.joined[1:] else ())])
    elif verb == "drop_missing" and named:
        name = f"{verb}_{named}"
    elif verb in {"select_rows", "select_columns"} and frame and not told.is_changed:
        # What the author calls what is left says most.
        name = f"select_{frame}"
    elif verb == "select_rows" and named:
        name = f"select_by_{named}"
    elif verb == "select_columns" and named:
        name = f"select_{named}"
    return name


def _of_many(verb: str, things: Sequence[str], told: Told) -> str:
    """Return a short name where many columns are made: by what they have in common."""
    if told.calendar and len(told.columns.reads) == 1:
        return f"{verb}_{_identifier(told.columns.reads[0])}_parts"
    parts = [_identifier(each).split("_") for each in things]
    shared = [word for word in parts[0] if all(word in each for each in parts)]
    shared = [word for word in shared if len(word) > 1 and not word.isdigit()]
    if shared and verb in _OF_COLUMNS:
        return f"{verb}_{'_'.join(shared)}_columns"
    *most, last = map(_identifier, things)
    listed = f"{verb}_{'_'.join(most)}_and_{last}"
    if len(listed) <= LONGEST:
        return listed
    return f"add_{_identifier(things[0])}_and_more" if verb == "add" else _of_table(verb)


def _things(verb: str, columns: Columns) -> tuple[str, ...]:
    if verb == "drop":
        return columns.drops
    if verb == "add":
        new = tuple(each for each in columns.makes if each not in columns.reads)
        return new or columns.makes
    return columns.makes or (columns.reads if verb in {"encode", "join"} else ())


def _of_table(verb: str) -> str:
    return f"{verb}_{_THINGS[verb]}" if verb in _THINGS else _WHOLE.get(verb, verb)


def _identifier(text: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    word = re.sub(r"[^0-9a-zA-Z]+", "_", snake.replace("%", " percent ")).strip("_").lower()
    return word or "column"


def _table(name: str) -> str:
    """Return what a frame is called, without the word for a frame: ``users`` for ``df_users``."""
    word = _identifier(name)
    return re.sub(r"^df_(?=[a-z])|(?<=[a-z0-9])_df$", "", word)


def _is_free(name: str, taken: Collection[str]) -> bool:
    return name not in taken and not keyword.iskeyword(name) and not hasattr(builtins, name)


def summary_of(verb: str, columns: Columns) -> str:
    """Return the first line of a docstring: ``Add `ratio`.``."""
    things = _things(verb, columns)
    listed = ", ".join(f"`{each}`" for each in things[:TOLD])
    listed += " and more" if len(things) > TOLD else ""
    return SENTENCES.get(verb, "Change {columns}.").format(columns=listed or "columns")
