"""A proof as one HTML page: the verdict, then each step's cells, what was beside what is."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from nbrefine.compare.verdict import Verdict
from nbrefine.refine.proof import headline
from nbrefine.refine.proof_outputs import outputs_html
from nbrefine.refine.transforms_report import transforms_table
from nbrefine.report.masking import mask_text
from nbrefine.report.page import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.refine.proof import CellProof, ItemProof, Proof

_FILTER = "".join(
    f"body:has(#only-{verdict}:checked) [data-verdict]:not([data-verdict={verdict}]) "
    "{ display:none }\n"
    for verdict in Verdict
)
_STYLE = (
    """
:root { --bad:#c0272d; --badge:#fff } @media (prefers-color-scheme: dark) { :root {
  --bad:#ff7b72; --badge:#10151a } }
.banner { padding:18px 22px; border-left:6px solid var(--tone) } .banner p { margin:4px 0 0 }
.banner strong { font-size:18px }
.equal { --tone:var(--good) } .within-tolerance { --tone:var(--good) }
.nondeterministic, .superseded { --tone:var(--stale) } .not-compared { --tone:var(--absent) }
.different, .missing { --tone:var(--bad) }
.badge { background:var(--tone); color:var(--badge); border-radius:20px; padding:1px 10px;
  font-size:12.5px; font-weight:600; white-space:nowrap }
.filter { display:flex; flex-wrap:wrap; gap:6px 18px; margin:20px 0 0; font-size:14px }
.filter label { cursor:pointer }
details.cell { margin:8px 0; padding:0 16px } details.cell[open] { padding-bottom:14px }
details.cell summary { display:flex; gap:12px; align-items:baseline; padding:10px 0;
  cursor:pointer; list-style:none } summary::-webkit-details-marker { display:none }
summary::before { content:"▸"; color:var(--soft) } details[open] > summary::before { content:"▾" }
summary code { flex:1; min-width:0; overflow:hidden; text-overflow:ellipsis; white-space:nowrap }
details ul { margin:0 0 10px; padding-left:20px }
pre { margin:0 0 10px; padding:10px 12px; background:var(--page); border-radius:8px;
  overflow-x:auto; font-size:12.5px; line-height:1.45;
  font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace }
mark, td.differs { background:#ffd6d6; color:#7a0c10 }
@media (prefers-color-scheme: dark) { mark, td.differs { background:#5c1f22; color:#ffd9d7 } }
table.sides { table-layout:fixed } table.sides td { padding:10px 8px }
table.grid { width:auto; font-size:12.5px } table.grid td { padding:3px 9px }
img { max-width:100%; height:auto; background:#fff; border-radius:6px }
h2 small { font-weight:400; color:var(--soft); font-size:13px; margin-left:6px }
"""
    + _FILTER
)


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
    return page(f"Proof of {proof.root.name}", _body(proof, transforms), style=_STYLE)


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
    yield _filter(proof)
    for step, cells in groupby(proof.cells, key=lambda cell: cell.step):
        yield from _step(step, list(cells))
    yield from _items("Variables", "Variable", proof.variables)
    yield from _items("Files", "File", proof.files)
    yield from transforms_table(transforms)
    yield _footer(proof)


def _filter(proof: Proof) -> str:
    """Offer to show one verdict alone; style rules do it, so no script is needed."""
    present = {verdict for counts in proof.counts.values() for verdict in counts}
    choices = [("all", "all", " checked")] + [
        (f"only-{verdict}", f"only {verdict}", "") for verdict in Verdict if verdict in present
    ]
    labels = (
        f'<label><input type="radio" name="only" id="{key}"{checked}> {text}</label>'
        for key, text, checked in choices
    )
    return f'<form class="filter" aria-label="Show">{"".join(labels)}</form>'


def _step(step: str, cells: Sequence[CellProof]) -> Iterator[str]:
    name = f"Step <code>{escape(step)}</code>" if step else "In no step"
    yield f"<h2>{name}<small>{len(cells)} cells</small></h2>"
    for cell in cells:
        yield _cell(cell)


def _cell(cell: CellProof) -> str:
    """Show one cell, open where there is something to see."""
    source = mask_text(cell.source)
    first = next((line for line in source.splitlines() if line.strip()), "")
    opened = "" if cell.verdict is Verdict.EQUAL else " open"
    notes = [
        f"<li>{_badge(item.verdict)} {escape(item.part)}: {escape(mask_text(item.message))}"
        f"{_quoted(item.expected, item.actual) if item.part == 'warning' else ''}</li>"
        for item in cell.differences
    ]
    if cell.cause:
        notes.append(f"<li>It varies in the notebook too: {escape(cell.cause)}</li>")
    return (
        f'<details class="cell panel {cell.verdict}" data-verdict="{cell.verdict}"{opened}>'
        f"<summary>{_badge(cell.verdict)}<span>Code cell {cell.origin + 1}</span>"
        f"<code>{escape(first)}</code></summary>"
        f"{'<ul>' + ''.join(notes) + '</ul>' if notes else ''}"
        f"{f'<pre>{escape(source)}</pre>' if source else ''}{outputs_html(cell)}</details>"
    )


def _quoted(expected: str, actual: str) -> str:
    return f"<pre>{escape(mask_text(expected or actual))}</pre>"


def _items(title: str, column: str, items: Sequence[ItemProof]) -> Iterator[str]:
    """Show variables or files as a table."""
    if not items:
        return
    order = list(Verdict)
    rows = (
        f'<tr class="{item.verdict}" data-verdict="{item.verdict}">'
        f"<td><code>{escape(item.name)}</code></td><td>{_badge(item.verdict)}</td>"
        f"<td>{escape(item.step)}</td><td>{escape(mask_text(item.message))}</td></tr>"
        for item in sorted(items, key=lambda item: (-order.index(item.verdict), item.name))
    )
    head = f"<tr><th>{column}</th><th>Verdict</th><th>Step</th><th></th></tr>"
    yield f'<h2>{title}</h2><div class="panel scroll"><table><thead>{head}</thead>'
    yield f"<tbody>{''.join(rows)}</tbody></table></div>"


def _badge(verdict: Verdict) -> str:
    return f'<span class="badge {verdict}">{verdict}</span>'


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
