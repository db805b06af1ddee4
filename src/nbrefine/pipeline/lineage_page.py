"""A product's lineage as a picture, and as a page with the picture and all that is recorded."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from nbrefine.pipeline.lineage_text import lineage_text
from nbrefine.report.graph import Node, Picture, Tone
from nbrefine.report.page import page
from nbrefine.report.svg import svg

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLE = """
.picture { padding:22px 24px } .picture svg { display:block; margin:0 auto; height:auto;
  max-width:100% }
pre { overflow-x:auto; padding:16px 20px; font-size:13px; line-height:1.55 }
""".strip()


def lineage_picture(data: Mapping[str, Any]) -> Picture:
    """Return the graph of files that a product came from, and of steps that depend on it.

    Parameters
    ----------
    data
        As `lineage_data` returns it.
    """
    product = data["product"]
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], None] = {}
    for step in reversed(data["steps"]):
        above = {each["path"] for each in step["from"]}
        for path in step["files"]:
            nodes.setdefault(path, Node(path, note="file", tone=Tone.UNSURE))
        for each in step["products"].values():
            tone = Tone.GOOD if each["path"] != product or _is_whole(data) else Tone.STALE
            details = tuple(f"{name}: {value}" for name, value in step["params"].items())
            nodes[each["path"]] = Node(each["path"], note=step["step"], tone=tone, details=details)
            for start in sorted(above | {*step["files"]}):
                if start in nodes and start != each["path"]:
                    edges[start, each["path"]] = None
    for each in data["dependents"]:
        name = _free(each["step"], nodes)
        tone = Tone.GOOD if each["current"] else Tone.STALE
        nodes[name] = Node(name, note="depends on it", tone=tone, details=tuple(each["products"]))
        start = _free(each["through"], {}) if each["through"] else product
        edges[start if start in nodes else product, name] = None
    return Picture(f"{product}: {data['condition']}", tuple(nodes.values()), tuple(edges))


def lineage_page(data: Mapping[str, Any]) -> str:
    """Return a page with the picture and the text.

    Parameters
    ----------
    data
        As `lineage_data` returns it.
    """
    body = [
        f"<h1>{escape(data['product'])}</h1>",
        f"<p>{escape(data['condition'])}</p>",
        f'<div class="card picture">{svg(lineage_picture(data))}</div>',
        f'<pre class="card">{escape(lineage_text(data))}</pre>',
    ]
    return page(f"Lineage of {data['product']}", body, style=_STYLE)


def _is_whole(data: Mapping[str, Any]) -> bool:
    return bool(data["condition"].startswith("as "))


def _free(step: str, nodes: Mapping[str, Node]) -> str:
    """Return a name for a step that is no file's."""
    return f"{step} (step)" if step in nodes else step
