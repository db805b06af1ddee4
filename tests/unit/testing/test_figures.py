"""What figures show, in words, and how it is compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from nbrefine.compare.verdict import Verdict
from nbrefine.observer.figures import describe
from nbrefine.testing.figures import compare_figures

if TYPE_CHECKING:
    from conftest import Make


@pytest.fixture
def figure() -> Iterator[Figure]:
    """A figure with a line, bars, points, a picture and a legend."""
    before = mpl.get_backend()
    mpl.use("Agg")
    made, axes = plt.subplots(2, 2)
    axes[0, 0].plot([1, 2, 3, 4], [3, 1, 2, 4], "r--", label="late")
    axes[0, 0].set(title="Delays", xlabel="hour", yscale="log")
    axes[0, 0].legend()
    axes[0, 1].bar(["JFK", "LGA"], [1, 2])
    axes[1, 0].scatter([1, 2], [3, 4], c=[1, 2])
    axes[1, 1].imshow(np.eye(3), cmap="Blues")
    made.canvas.draw()
    yield made
    plt.close(made)
    mpl.use(before)


def test_a_figure_is_described(figure: Figure) -> None:
    """Titles, labels, scales, ticks, legends, and each series with its colour."""
    words = "\n".join(describe(figure))
    for said in (
        "figure of 6.4 x 4.8 inches with 4 axes",
        'axes 1: title "Delays"',
        'axes 1: x label "hour"',
        ", log",
        'axes 1: legend "" of "late"',
        'axes 1: Line2D "late" x 4 values, first 1, last 4',
        "colour #ff0000ff, style -- None 1.5",
        'axes 2: x ticks "JFK", "LGA"',
        "axes 2: Rectangle x 0.6 to 1.4; y 0 to 2",
        "axes 3: PathCollection x 2 values",
        "axes 4: AxesImage 3 x 3 of 9 values",
        "colours Blues",
    ):
        assert said in words


@pytest.mark.parametrize("change", ["order", "value", "colour", "title", "gone"])
def test_what_changes_in_a_figure_changes_the_words(figure: Figure, change: str) -> None:
    """Another order of the same values, too."""
    before, axes = [*describe(figure)], figure.axes[0]
    line = axes.lines[0]
    if change == "order":
        line.set_ydata([3, 2, 1, 4])
    elif change == "value":
        line.set_ydata([3, 1, 2.000001, 4])
    elif change == "colour":
        line.set_color("blue")
    elif change == "title":
        axes.set_title("Delay")
    else:
        line.remove()
    assert [*describe(figure)] != before


@pytest.mark.parametrize(
    ("new", "verdict", "said"),
    [
        ('axes 1: title "Early"\naxes 1: y from 0 to 10, linear', Verdict.DIFFERENT,
         'axes 1: title "Late" became title "Early"'),
        ('axes 1: title "Late"\naxes 1: y from 0 to 10, log', Verdict.DIFFERENT,
         "axes 1: linear became log"),
        ('axes 1: title "Late"\naxes 1: y from 0 to 10.000000000001, linear',
         Verdict.WITHIN_TOLERANCE, "differ slightly"),
        ("axes 1: y from 0 to 10, linear", Verdict.DIFFERENT, 'axes 1: title "Late" is gone'),
    ],
)  # fmt: skip
def test_a_difference_is_said_in_words(
    make: type[Make], new: str, verdict: Verdict, said: str
) -> None:
    """What was, and what is, of just that which changed; numbers have a tolerance."""
    (difference,) = compare_figures([make.plot()], [make.plot(words=new)])
    assert difference.verdict is verdict
    assert said in difference.message


def test_what_varied_in_the_recording_says_nothing(make: type[Make]) -> None:
    """A number that other runs drew anew may differ; the title beside it may not."""
    others = [[make.plot(words='axes 1: title "Late"\naxes 1: y from 0 to 12, linear')]]
    new = make.plot(words='axes 1: title "Late"\naxes 1: y from 0 to 13, linear')
    (difference,) = compare_figures([make.plot()], [new], others)
    assert difference.verdict is Verdict.NONDETERMINISTIC
    new = make.plot(words='axes 1: title "Soon"\naxes 1: y from 0 to 13, linear')
    (difference,) = compare_figures([make.plot()], [new], others)
    assert difference.verdict is Verdict.DIFFERENT


def test_figures_without_words_are_left_to_their_pictures(make: type[Make]) -> None:
    """A baseline that nbval wrote has none."""
    plain = {**make.plot(), "data": {"image/png": make.png()}}
    assert [*compare_figures([plain], [make.plot()])] == []
