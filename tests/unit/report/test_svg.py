from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from nbrefine.report.graph import Node, Picture, Tone, mermaid
from nbrefine.report.svg import STYLE, svg

SVG = "{http://www.w3.org/2000/svg}"
NASTY = 'a<b> & "c"'
GRAPH = Picture(
    "The title: <2>",
    (
        Node("load", "up to date", Tone.GOOD, "#step-load"),
        Node(NASTY, "outdated", Tone.STALE, details=("x & y",)),
        Node("plain"),
    ),
    (("load", NASTY), (NASTY, "plain")),
)


def chain(count: int, name: str = "step") -> Picture:
    names = [f"{name}_{i}" for i in range(count)]
    edges = tuple((names[i], names[i + 1]) for i in range(count - 1))
    return Picture("t", tuple(Node(n) for n in names), edges)


def test_it_is_well_formed_and_complete() -> None:
    """Each node has its name, its state as word and colour and icon, each edge its line."""
    root = ET.fromstring(svg(GRAPH))  # noqa: S314  (our own text)
    assert root.get("aria-label") == "The title: <2>"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts == ["load", "up to date", NASTY, "outdated", "plain"]
    assert len([p for p in root.iter(f"{SVG}path") if p.get("class") == "edge"]) == 2
    link, group, plain = (e for e in root if e.get("aria-label"))
    assert (link.tag, link.get("class"), link.get("href")) == (f"{SVG}a", "good", "#step-load")
    assert (group.tag, group.get("class"), group.get("role")) == (f"{SVG}g", "stale", "img")
    assert group.get("aria-label") == f"{NASTY}: outdated; x & y"
    assert plain.get("aria-label") == "plain"


def test_each_state_has_its_own_icon() -> None:
    """Who does not see colours sees shapes."""
    icons = {
        re.search(r"<g transform[^>]*>(.*?)</g>", svg(Picture("t", (Node("a", tone=tone),), ())))[1]
        for tone in Tone
    }
    assert len(icons) == len(Tone)


def test_nothing_is_fetched() -> None:
    """The picture refers to nothing outside itself."""
    text = svg(GRAPH).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http" not in text
    assert not re.search(r"@import|url\((?!#)|<script|<image", text)


def test_light_and_dark() -> None:
    """Every colour that light pages have has another one in the dark."""
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    names = set(re.findall(r"(--\w+):#", light))
    assert names >= {"--good", "--stale", "--absent", "--unsure", "--box", "--ink", "--line"}
    assert set(re.findall(r"(--\w+):#", dark)) == names


@pytest.mark.parametrize("background", ["light", "dark"])
def test_words_can_be_read(background: str) -> None:
    """The contrast of each state's word with its box is at least 4.5 to 1 (WCAG AA)."""
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--(\w+):(#\w+)", light if background == "light" else dark))
    box = luminance(colours["box"])
    for name in (*Tone, "ink"):
        one, two = sorted((luminance(colours[name]), box), reverse=True)
        assert (one + 0.05) / (two + 0.05) >= 4.5, name


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def size(picture: Picture, **options: str) -> tuple[float, float]:
    root = ET.fromstring(svg(picture, **options))  # noqa: S314  (our own text)
    return float(root.get("width")), float(root.get("height"))


def test_it_runs_down_if_it_would_be_too_wide() -> None:
    """A short chain lies, a long one stands; a stated direction is kept."""
    assert size(chain(6))[0] > size(chain(6))[1]
    assert size(chain(30))[0] < size(chain(30))[1]
    assert size(chain(30), direction="right")[0] > size(chain(30), direction="right")[1]
    assert size(chain(2), direction="down")[0] < size(chain(2), direction="down")[1]


def test_long_names_are_cut_in_the_middle() -> None:
    """The box shows both ends of a name, and the whole of it when the pointer rests on it."""
    name = "build_features_for_the_northern_region_2013"
    root = ET.fromstring(svg(Picture("t", (Node(name),), ())))  # noqa: S314  (our own text)
    (text,) = (element.text for element in root.iter(f"{SVG}text"))
    start, end = text.split("…")
    assert name.startswith(start)
    assert name.endswith(end)
    assert len(start) > 8
    assert name in [title.text for title in root.iter(f"{SVG}title")]


def test_an_empty_graph_is_a_picture() -> None:
    """No node is no error."""
    assert size(Picture("t", (), ())) == (12, 12)


def test_mermaid() -> None:
    """Names, notes, edges and states are said in mermaid's words, with its entities escaped."""
    lines = mermaid(GRAPH).splitlines()
    assert lines[:4] == ["---", 'title: "The title: <2>"', "---", "flowchart LR"]
    assert lines[4:9] == [
        '  n0["load<br/>up to date"]:::good',
        '  n1["a#60;b#62; #38; #34;c#34;<br/>outdated"]:::stale',
        '  n2["plain"]:::unsure',
        "  n0 --> n1",
        "  n1 --> n2",
    ]
    assert [line.split()[1] for line in lines[9:]] == list(Tone)
