"""A graph to be drawn: what a picture, a text and a mermaid diagram have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a node stands: it decides the colour and the icon, never the words."""

    GOOD = "good"
    STALE = "stale"
    ABSENT = "absent"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Node:
    """A node.

    Parameters
    ----------
    name
        Its name, which the edges use.
    note
        A word or two below the name.
    tone
        How it stands.
    link
        Where a click on it leads; empty for nowhere.
    details
        More about it: shown in a text, and when the pointer rests on the node.
    """

    name: str
    note: str = ""
    tone: Tone = Tone.UNSURE
    link: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A graph.

    Parameters
    ----------
    title
        What it shows, in a few words.
    nodes
        In an order in which each comes after those that it has an edge from.
    edges
        Pairs of names.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]

    def before(self, name: str) -> tuple[str, ...]:
        """Return the nodes that a node has an edge from."""
        return tuple(start for start, end in self.edges if end == name)


# Fill, border and text, legible on light and on dark pages.
_MERMAID_STYLES = {
    Tone.GOOD: "fill:#e6f4ec,stroke:#1a7f4b,color:#10331f",
    Tone.STALE: "fill:#fdf3dc,stroke:#9a6700,color:#3d2b00",
    Tone.ABSENT: "fill:#f2f3f5,stroke:#59636e,color:#24292f,stroke-dasharray:4 3",
    Tone.UNSURE: "fill:#efebfb,stroke:#6e56cf,color:#2c2160",
}


def mermaid(picture: Picture) -> str:
    """Write a graph as a mermaid diagram, which JupyterLab and code hosts draw.

    Parameters
    ----------
    picture
        The graph.

    Returns
    -------
    str
        The diagram's text.
    """
    number = {node.name: f"n{i}" for i, node in enumerate(picture.nodes)}
    lines = ["---", f"title: {_quoted(picture.title)}", "---", "flowchart LR"]
    for node in picture.nodes:
        label = "<br/>".join(_escaped(part) for part in (node.name, node.note) if part)
        lines.append(f'  {number[node.name]}["{label}"]:::{node.tone}')
    lines += [f"  {number[start]} --> {number[end]}" for start, end in picture.edges]
    lines += [f"  classDef {tone} {style}" for tone, style in _MERMAID_STYLES.items()]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Write all but plain characters as mermaid's numbered entities."""
    return re.sub(r"[^\w .,:/-]", lambda match: f"#{ord(match[0])};", text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
