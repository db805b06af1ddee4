"""What all figures share: colours, style, panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which everybody can tell apart.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#888888"
COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", GREY)
STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlesize": 11,
    "figure.dpi": 100,
    "font.size": 10,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "savefig.bbox": "tight",
}


def panels(columns: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """Make a row of panels that no global state keeps alive.

    Parameters
    ----------
    columns
        How many.
    size
        Width and height in inches.

    Returns
    -------
    tuple
        The figure and its panels.
    """
    figure = Figure(figsize=size, layout="constrained")
    return figure, list(figure.subplots(1, columns, squeeze=False).flat)
