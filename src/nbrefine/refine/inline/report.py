"""What inline transforms are functions now, and what each may be used for: as data, as a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.refine.inline.named import NamedTransform
    from nbrefine.transforms.model import Classification

__all__ = ["transforms_json", "transforms_table"]

_USE = {
    "row-wise": "serves a request as it is",
    "fitted": "learns from its rows: fit it on the training data",
    "reshaping": "changes the rows: for training data",
    "unknown": "not understood",
}


def transforms_json(
    transforms: Sequence[NamedTransform],
    tested: Mapping[str, Classification],
    transformers: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Describe transforms.

    Parameters
    ----------
    transforms
        The functions.
    tested
        By a function's name what its recorded calls say of it, which outweighs its code.
    transformers
        By a function's name the class that learns what it takes from all rows.
    """
    found = []
    for each in transforms:
        kind = tested.get(each.name, each.kind)
        found.append(
            {
                "name": each.name,
                "notebook": each.notebook,
                "cell": each.cell,
                "line": each.kind.line or each.line,
                "kind": str(kind.kind),
                "statement": mask_text(each.kind.statement or ""),
                "reason": kind.reason,
                "transformer": transformers.get(each.name),
                "reads": list(each.reads),
                "makes": list(each.makes),
            }
        )
    return found


def transforms_table(transforms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Draw transforms as a table.

    Parameters
    ----------
    transforms
        What `transforms_json` says of each.
    """
    if not transforms:
        return
    rows = (
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['kind'])}</td>"
        f"<td>{escape(_USE[each['kind']])}{_learnt(each['transformer'])}</td>"
        f"<td>cell {each['cell'] + 1}, line {each['line']}"
        f"{_quoted(each['statement'])}<br>{escape(each['reason'])}</td></tr>"
        for each in transforms
    )
    head = "<tr><th>Function</th><th>Kind</th><th>Use</th><th>Since</th></tr>"
    yield f'<h2>Transforms</h2><div class="panel scroll"><table><thead>{head}</thead>'
    yield f"<tbody>{''.join(rows)}</tbody></table></div>"


def _learnt(transformer: str | None) -> str:
    return f", as <code>{escape(transformer)}</code> does" if transformer else ""


def _quoted(statement: str) -> str:
    return f"<br><code>{escape(statement)}</code>" if statement else ""
