"""Cells and their verdicts as parts of a page, for proofs and for notebook tests."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbrefine.compare.verdict import Verdict
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_FILTER = "".join(
    f"body:has(#only-{verdict}:checked) [data-verdict]:not([data-verdict={verdict}]) "
    "{ display:none }\n"
    for verdict in Verdict
)
STYLE = (
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
"""Rules for all that is made here and by `nbrefine.compare.sides`."""


def badge(verdict: Verdict) -> str:
    """Return a verdict as a small mark."""
    return f'<span class="badge {verdict}">{verdict}</span>'


def filter_form(present: Collection[str]) -> str:
    """Offer to show one verdict alone; style rules do it, so no script is needed.

    Parameters
    ----------
    present
        The verdicts that there are.
    """
    choices = [("all", "all", " checked")] + [
        (f"only-{verdict}", f"only {verdict}", "") for verdict in Verdict if verdict in present
    ]
    labels = (
        f'<label><input type="radio" name="only" id="{key}"{checked}> {text}</label>'
        for key, text, checked in choices
    )
    return f'<form class="filter" aria-label="Show">{"".join(labels)}</form>'


def cell_html(title: str, source: str, verdict: Verdict, notes: Iterable[str], outputs: str) -> str:
    """Show one cell, open where there is something to see.

    Parameters
    ----------
    title
        What the cell is called.
    source
        Its text.
    verdict
        How it compares.
    notes
        What there is to say, as HTML.
    outputs
        From `nbrefine.compare.sides.sides_html`.
    """
    text = mask_text(source)
    first = next((line for line in text.splitlines() if line.strip()), "")
    opened = "" if verdict is Verdict.EQUAL else " open"
    items = "".join(f"<li>{note}</li>" for note in notes)
    return (
        f'<details class="cell panel {verdict}" data-verdict="{verdict}"{opened}>'
        f"<summary>{badge(verdict)}<span>{escape(title)}</span>"
        f"<code>{escape(first)}</code></summary>"
        f"{f'<ul>{items}</ul>' if items else ''}"
        f"{f'<pre>{escape(text)}</pre>' if text else ''}{outputs}</details>"
    )
