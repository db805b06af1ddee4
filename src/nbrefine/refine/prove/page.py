"""A proof as one HTML page: the verdict, then each step's cells, what was beside what is."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from nbrefine.compare.cells_page import STYLE, badge, cell_html, filter_form
from nbrefine.compare.sides import sides_html
from nbrefine.compare.verdict import Verdict
from nbrefine.refine.inline.report import transforms_table
from nbrefine.refine.prove.proof import headline
from nbrefine.report.masking import mask_text
from nbrefine.report.page import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.refine.prove.proof import CellProof, ItemProof, Proof


def proof_page(proof: Proof, transforms: Sequence[Mapping[str, Any]] = ()) -> str:
    """Draw a proof.

    Parameters
    ----------
    proof
        What was compared.
    transforms
        Inline transforms that are functions now, see `transforms_json`.

    Returns
    -------
    str
        One self-contained page that works offline and without scripts.
    """
    return page(f"Proof of {proof.root.name}", _body(proof, transforms), style=STYLE)


def _body(proof: Proof, transforms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"<h1>{escape(proof.root.name)}</h1>"
    yield '<p class="soft">What the pipeline says, beside what the notebook said.</p>'
    tone = (
        proof.verdict
        if proof.verdict.fails or proof.verdict is Verdict.SUPERSEDED
        else Verdict.EQUAL
    )
    yield f'<div class="panel banner {tone}"><strong>{escape(headline(proof))}</strong>'
    for kind, counts in proof.counts.items():
        if counts:
            parts = ", ".join(f"{number} {verdict}" for verdict, number in _ordered(counts))
            yield f"<p>{kind.capitalize()}: {parts}</p>"
    yield "</div>"
    if proof.build_error:
        yield f"<h2>The build failed</h2><pre>{escape(mask_text(proof.build_error))}</pre>"
    yield filter_form({v for counts in proof.counts.values() for v in counts})
    for step, cells in groupby(proof.cells, key=lambda cell: cell.step):
        yield from _step(step, list(cells))
    yield from _items("Variables", "Variable", proof.variables)
    yield from _items("Files", "File", proof.files)
    yield from transforms_table(transforms)
    yield _footer(proof)


def _step(step: str, cells: Sequence[CellProof]) -> Iterator[str]:
    name = f"Step <code>{escape(step)}</code>" if step else "In no step"
    yield f"<h2>{name}<small>{len(cells)} cells</small></h2>"
    for cell in cells:
        yield _cell(cell)


def _cell(cell: CellProof) -> str:
    notes = [
        f"{badge(item.verdict)} {escape(item.part)}: {escape(mask_text(item.message))}"
        f"{_quoted(item.expected, item.actual) if item.part == 'warning' else ''}"
        for item in cell.differences
    ]
    if cell.cause:
        notes.append(f"It varies in the notebook too: {escape(cell.cause)}")
    outputs = sides_html(
        cell.expected,
        cell.actual,
        cell.differences,
        ("In the notebook", "In the pipeline"),
        equal=cell.verdict is Verdict.EQUAL,
    )
    return cell_html(f"Code cell {cell.origin + 1}", cell.source, cell.verdict, notes, outputs)


def _quoted(expected: str, actual: str) -> str:
    return f"<pre>{escape(mask_text(expected or actual))}</pre>"


def _items(title: str, column: str, items: Sequence[ItemProof]) -> Iterator[str]:
    """Show variables or files as a table."""
    if not items:
        return
    order = list(Verdict)
    rows = (
        f'<tr class="{item.verdict}" data-verdict="{item.verdict}">'
        f"<td><code>{escape(item.name)}</code></td><td>{badge(item.verdict)}</td>"
        f"<td>{escape(item.step)}</td><td>{escape(mask_text(item.message))}</td></tr>"
        for item in sorted(items, key=lambda item: (-order.index(item.verdict), item.name))
    )
    head = f"<tr><th>{column}</th><th>Verdict</th><th>Step</th><th></th></tr>"
    yield f'<h2>{title}</h2><div class="panel scroll"><table><thead>{head}</thead>'
    yield f"<tbody>{''.join(rows)}</tbody></table></div>"


def _ordered(counts: object) -> list[tuple[str, int]]:
    found = dict(counts) if isinstance(counts, dict) else {}
    return [(verdict, found[verdict]) for verdict in Verdict if verdict in found]


def _footer(proof: Proof) -> str:
    how = (
        f"Built anew from nothing by Ploomber in {proof.seconds:.0f} s"
        if proof.rebuilt
        else "Not built anew: the products were compared as they lay in the project"
    )
    return (
        f'<footer class="soft">{how}. Numbers in text are equal within one part in a thousand '
        "million, pictures within one pixel in a thousand.</footer>"
    )
