"""Says in words what a matplotlib figure shows, beside the picture: axes, labels and series.

The words go into the metadata of the output, where a comparison of pictures finds them; what the
cell shows stays as it is.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MIME = "application/vnd.nbrefine.figure"
_MOST_AXES = 20
_MOST_ARTISTS = 40
_MOST_COLOURS = 3
# A sum that should be zero comes out as 1e-17 on one run and -3e-17 on another.
_ZERO = 1e-14


def attach(shell: Any) -> None:
    """Let an IPython shell describe the figures that it shows.

    Parameters
    ----------
    shell
        The shell. Nothing of matplotlib is imported.
    """
    base: Any = sys.modules["IPython.core.formatters"]

    class FigureWords(base.BaseFormatter):  # type: ignore[misc]
        """Gives no data, but metadata; matplotlib's backend takes out what is registered."""

        def __call__(self, thing: Any) -> Any:
            matplotlib: Any = sys.modules.get("matplotlib.figure")
            is_figure = matplotlib is not None and isinstance(thing, matplotlib.Figure)
            return _with_words(thing) if is_figure else None

    words = FigureWords(parent=shell.display_formatter)
    # The last in the row: the picture has been drawn then, with its limits and ticks.
    shell.display_formatter.formatters[MIME] = words


def _with_words(figure: Any) -> Any:
    try:
        return None, {"lines": list(describe(figure))}
    except Exception:
        return None  # of a figure that is made in a way of its own there are no words


def describe(figure: Any) -> Iterator[str]:
    """Describe a figure.

    Parameters
    ----------
    figure
        Of matplotlib.

    Yields
    ------
    str
        A line for each thing that it shows; numbers have ten digits.
    """
    width, height = figure.get_size_inches()
    axes = figure.axes
    yield f"figure of {_number(width)} x {_number(height)} inches with {len(axes)} axes"
    title = figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""
    if title:
        yield f"figure: title {_quoted(title)}"
    for index, each in enumerate(axes[:_MOST_AXES], 1):
        for line in _axes(each):
            yield f"axes {index}: {line}"


def _axes(axes: Any) -> Iterator[str]:
    for side in ("center", "left", "right"):
        if title := axes.get_title(loc=side) if hasattr(axes, "get_title") else "":
            yield f"title {_quoted(title)}"
    for name in ("x", "y", "z"):
        if hasattr(axes, f"get_{name}lim"):
            yield from _axis(axes, name)
    legend = axes.get_legend()
    if legend is not None:
        texts = ", ".join(_quoted(text.get_text()) for text in legend.get_texts())
        yield f"legend {_quoted(legend.get_title().get_text())} of {texts}"
    artists = [*axes.lines, *axes.patches, *axes.collections, *axes.images, *axes.texts]
    shown = [artist for artist in artists if artist.get_visible()]
    for artist in shown[:_MOST_ARTISTS]:
        yield _artist(artist)
    if len(shown) > _MOST_ARTISTS:
        yield f"and {len(shown) - _MOST_ARTISTS} more"


def _axis(axes: Any, name: str) -> Iterator[str]:
    axis = getattr(axes, f"{name}axis")
    if label := axis.get_label_text():
        yield f"{name} label {_quoted(label)}"
    low, high = getattr(axes, f"get_{name}lim")()
    yield f"{name} from {_number(low)} to {_number(high)}, {axis.get_scale()}"
    texts = [tick.get_text() for tick in axis.get_ticklabels()]
    if axis.get_visible() and any(_is_word(text) for text in texts):
        yield f"{name} ticks {', '.join(map(_quoted, texts))}"


def _is_word(text: str) -> bool:
    return any(letter.isalpha() for letter in text) and "$" not in text


def _artist(artist: Any) -> str:
    kind = type(artist).__name__
    label = str(artist.get_label() or "")
    name = kind if not label or label.startswith("_") else f"{kind} {_quoted(label)}"
    if hasattr(artist, "get_xdata"):
        x, y = artist.get_xdata(orig=False), artist.get_ydata(orig=False)
        style = f"{artist.get_linestyle()} {artist.get_marker()} {_number(artist.get_linewidth())}"
        text = f"x {_series(x)}; y {_series(y)}; {_colours([artist.get_color()])}, style {style}"
    elif hasattr(artist, "get_offsets") and len(artist.get_offsets()) > 1:
        places = artist.get_offsets()
        columns = [[place[column] for place in places] for column in (0, 1)]
        sizes = f"; sizes {_series(artist.get_sizes())}" if hasattr(artist, "get_sizes") else ""
        text = f"x {_series(columns[0])}; y {_series(columns[1])}{sizes}; {_faces(artist)}"
    elif hasattr(artist, "get_paths"):
        corners = [corner for path in artist.get_paths() for corner in path.vertices]
        text = f"{_corners(corners)}; {_faces(artist)}"
    elif hasattr(artist, "get_array"):
        values = artist.get_array()
        shape = " x ".join(map(str, values.shape))
        text = f"{shape} of {_series(values.ravel())}; colours {artist.get_cmap().name}"
    elif hasattr(artist, "get_text"):
        x, y = artist.get_position()
        text = f"{_quoted(artist.get_text())} at {_number(x)}, {_number(y)}"
    elif hasattr(artist, "get_bbox"):
        (x, y), (to_x, to_y) = artist.get_bbox().get_points()
        text = f"x {_number(x)} to {_number(to_x)}; y {_number(y)} to {_number(to_y)}"
        text += f"; {_colours([artist.get_facecolor()])}"
    else:
        outline = artist.get_path().vertices if hasattr(artist, "get_path") else ()
        text = f"{_corners(outline)}; {_colours([artist.get_facecolor()])}"
    return f"{name} {text}"


def _corners(corners: Any) -> str:
    columns = [[corner[column] for corner in corners] for column in (0, 1)]
    return f"x {_series(columns[0])}; y {_series(columns[1])}"


def _faces(artist: Any) -> str:
    values = artist.get_array() if hasattr(artist, "get_array") else None
    if values is not None:
        return f"colours {artist.get_cmap().name} by {_series(values.ravel())}"
    faces, edges = artist.get_facecolor(), artist.get_edgecolor()
    return _colours(faces if len(faces) else edges)


def _colours(colours: Iterable[Any]) -> str:
    matplotlib: Any = sys.modules["matplotlib.colors"]
    found = list(dict.fromkeys(matplotlib.to_hex(colour, keep_alpha=True) for colour in colours))
    left = len(found) - _MOST_COLOURS
    more = f" and {left} more" if left > 0 else ""
    return f"colour {' '.join(found[:_MOST_COLOURS])}{more}"


def _series(values: Any) -> str:
    """Sum a series up such that another value, or another order, shows."""
    numpy: Any = sys.modules["numpy"]
    numbers = numpy.ma.filled(numpy.ma.asarray(values, dtype=float), numpy.nan).ravel()
    known = numbers[numpy.isfinite(numbers)]
    if not len(known):
        return f"{len(numbers)} values"
    places = numpy.arange(1, len(known) + 1)
    said = {
        "first": known[0],
        "last": known[-1],
        "least": known.min(),
        "most": known.max(),
        "mean": known.mean(),
        "weighted": (known * places).sum() / places.sum(),
    }
    gaps = f" ({len(numbers) - len(known)} missing)" if len(numbers) > len(known) else ""
    parts = ", ".join(f"{name} {_number(value)}" for name, value in said.items())
    return f"{len(numbers)} values{gaps}, {parts}"


def _number(value: Any) -> str:
    return "0" if abs(float(value)) < _ZERO else f"{float(value):.10g}"


def _quoted(text: Any) -> str:
    return json.dumps(str(text), ensure_ascii=False)
