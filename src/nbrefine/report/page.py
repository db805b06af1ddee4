"""The shell of every HTML report: one file that works offline, in light and in dark."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLE = """
:root { color-scheme: light dark;
  --page:#f6f7f9; --panel:#fff; --ink:#1f2328; --soft:#59636e; --rule:#dfe3e8; --link:#0757b8;
  --mark:#fff7e0; --good:#1a7f4b; --stale:#9a6700; --absent:#59636e; --unsure:#6e56cf }
@media (prefers-color-scheme: dark) { :root {
  --page:#0f1317; --panel:#161b21; --ink:#e6edf3; --soft:#9aa4af; --rule:#2b323a; --link:#79b8ff;
  --mark:#2b2614; --good:#57c98a; --stale:#e3b341; --absent:#9aa4af; --unsure:#b3a4f5 } }
* { box-sizing:border-box }
body { margin:0; background:var(--page); color:var(--ink); line-height:1.5; font-size:15px;
  font-family:system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif }
main { max-width:1320px; margin:0 auto; padding:36px 24px 56px }
h1 { font-size:26px; line-height:1.25; margin:0 0 2px; letter-spacing:-.01em;
  overflow-wrap:anywhere }
h2 { font-size:17px; margin:32px 0 10px }
a { color:var(--link); text-underline-offset:2px } a:not(:hover) { text-decoration-color:#8886 }
:focus-visible { outline:2px solid var(--link); outline-offset:2px; border-radius:4px }
code { font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
  font-size:.88em; overflow-wrap:anywhere }
.soft { color:var(--soft) } .panel { background:var(--panel); border:1px solid var(--rule);
  border-radius:12px }
.scroll { overflow-x:auto }
table { border-collapse:collapse; width:100%; font-size:14px }
th { text-align:left; font-weight:600; font-size:12.5px; color:var(--soft); white-space:nowrap }
th, td { padding:11px 16px; vertical-align:top; border-bottom:1px solid var(--rule) }
tbody tr:last-child > * { border-bottom:0 } tr:target { background:var(--mark) }
tr { scroll-margin-top:16px }
footer { margin-top:28px; font-size:13px }
.skip { position:absolute; left:-9999px } .skip:focus { left:24px; top:8px }
@media print { body { background:#fff } .panel { border-color:#ccc } }
""".strip()


def page(title: str, body: Iterable[str], *, style: str = "") -> str:
    """Put a report's parts into a complete page.

    Parameters
    ----------
    title
        The page's title.
    body
        Its parts, as HTML.
    style
        More style rules.

    Returns
    -------
    str
        A page that loads nothing: its content security policy forbids it.
    """
    content = "\n".join(body)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="nbrefine">
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title>
<style>
{_STYLE}
{style}
</style>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


def link(path: Path, place: Path, text: str) -> str:
    """Make a link to a file that works where the page lies.

    Parameters
    ----------
    path
        The file.
    place
        The folder that the page lies in.
    text
        What the link says.

    Returns
    -------
    str
        The element; plain text if there is no such file.
    """
    label = f"<code>{escape(text)}</code>"
    return f'<a href="{escape(address(path, place))}">{label}</a>' if path.exists() else label


def address(path: Path, place: Path) -> str:
    """Return the relative address of a file as seen from a folder.

    Parameters
    ----------
    path
        The file.
    place
        The folder.

    Returns
    -------
    str
        Percent-encoded; a file's address where no relative one exists (other drive).
    """
    try:
        relative = os.path.relpath(path, place)
    except ValueError:
        return path.resolve().as_uri()
    # A leading "./" keeps a name with a colon from being read as a scheme.
    return quote(f"./{Path(relative).as_posix()}")
