"""Names for transforms: what they do, and to which columns."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING

from nbrefine.refine.inline.verbs import SENTENCES
from nbrefine.transforms.tables import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbrefine.refine.inline.columns import Columns

__all__ = ["name_for", "summary_of"]

TOLD = 4  # columns that a sentence mentions
FEW = 2  # columns that a name mentions
_OF_ROWS = words("""
    drop_rows_with_gaps drop_duplicates select_rows sample_rows concatenate reshape explode
    select_columns prepare
""")
_UNCLEAR = frozenset({"df", "data", "d", "x", "X", "tmp", "frame", "dataset"})


def name_for(
    verb: str, columns: Columns, gives: str, others: Sequence[str], taken: Collection[str]
) -> str:
    """Return a name that is not taken: ``add_ratio``, ``drop_duplicates_of_orders``.

    Parameters
    ----------
    verb
        What is done.
    columns
        To which columns.
    gives
        Name of the frame that comes out.
    others
        What else it takes.
    taken
        Names that stand for something else.
    """
    things = _things(verb, columns)
    frame = "" if gives in _UNCLEAR else _identifier(gives)
    if verb == "aggregate" and columns.reads:
        base = f"aggregate_by_{_identifier(columns.reads[0])}"
    elif verb == "sort" and columns.reads:
        base = f"sort_by_{_identifier(columns.reads[0])}"
    elif verb == "join" and others:
        base = f"join_{_identifier(others[0])}"
    elif verb == "select_rows" and frame:
        base = f"select_{frame}"
    elif verb in _OF_ROWS or not things:
        base = _of_table(verb)
        if verb in {"prepare", "sort", "aggregate", "join", "fill"} and frame:
            base = f"{verb}_{frame}"
    else:
        listed = "_and_".join(_identifier(each) for each in things[:FEW])
        more = "" if len(things) <= FEW else f"_and_{len(things) - FEW}_more"
        base = f"{verb}_{listed}{more}"
    options = [base, *([f"{base}_of_{frame}"] if frame else [])]
    options += [f"{base}_{number}" for number in range(2, len(taken) + 3)]
    return next(each for each in options if _is_free(each, taken))


def _things(verb: str, columns: Columns) -> tuple[str, ...]:
    if verb == "drop":
        return columns.drops
    if verb == "add":
        new = tuple(each for each in columns.makes if each not in columns.reads)
        return new or columns.makes
    return columns.makes or (columns.reads if verb in {"encode", "join"} else ())


def _of_table(verb: str) -> str:
    return {"add": "add_columns", "drop": "drop_columns", "rename": "rename_columns",
            "index": "set_index", "fill": "fill_gaps", "encode": "encode_columns",
            "convert": "convert_columns", "set": "set_values", "join": "join_table",
            "prepare": "prepare_table", "concatenate": "concatenate_tables",
            "reshape": "reshape_table", "explode": "explode_rows", "sort": "sort_rows",
            "aggregate": "aggregate_rows", "scale": "scale_columns"}.get(verb, verb)  # fmt: skip


def _identifier(text: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    word = re.sub(r"[^0-9a-zA-Z]+", "_", snake).strip("_").lower()
    return word or "column"


def _is_free(name: str, taken: Collection[str]) -> bool:
    return name not in taken and not keyword.iskeyword(name) and not hasattr(builtins, name)


def summary_of(verb: str, columns: Columns) -> str:
    """Return the first line of a docstring: ``Add `ratio`.``."""
    things = _things(verb, columns)
    listed = ", ".join(f"`{each}`" for each in things[:TOLD])
    listed += " and more" if len(things) > TOLD else ""
    return SENTENCES.get(verb, "Change {columns}.").format(columns=listed or "columns")
