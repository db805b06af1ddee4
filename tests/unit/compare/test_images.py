"""Pictures are compared by what they show."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from nbrefine.compare.images import compare_images
from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    from conftest import Outputs


def test_other_bytes_of_the_same_pixels_are_equal(out: type[Outputs]) -> None:
    """A PNG holds dates and program names beside the picture."""
    pixels = out.plain_picture()
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG", compress_level=1)
    other = base64.b64encode(file.getvalue()).decode()
    assert other != out.png(pixels)
    assert compare_images(out.png(pixels), other).verdict is Verdict.EQUAL


def test_a_shade_in_few_pixels_is_within_tolerance(out: type[Outputs]) -> None:
    """Smoothed edges shift by a shade."""
    pixels = out.plain_picture()
    shifted = pixels.copy()
    shifted[100, :40] = 40
    found = compare_images(out.png(pixels), out.png(shifted))
    assert found.verdict is Verdict.WITHIN_TOLERANCE
    assert "by up to 40 of 255" in found.message


def test_a_point_that_is_gone_is_different(out: type[Outputs]) -> None:
    """Six by six pixels of 60,000 are few, but a reader sees them."""
    pixels = out.plain_picture()
    with_point = pixels.copy()
    with_point[20:26, 20:26] = (31, 119, 180)
    assert compare_images(out.png(with_point), out.png(pixels)).verdict is Verdict.DIFFERENT


def test_a_faint_change_of_a_whole_area_is_different(out: type[Outputs]) -> None:
    """A heat map of slightly other colours has other values."""
    pixels = out.plain_picture()
    fainter = pixels.copy()
    fainter[:20] = 240
    assert compare_images(out.png(pixels), out.png(fainter)).verdict is Verdict.DIFFERENT


def test_the_difference_picture_marks_what_differs(out: type[Outputs]) -> None:
    """Red where the pictures differ, grey elsewhere, in the same size."""
    pixels = out.plain_picture()
    changed = pixels.copy()
    changed[:50, :60] = 0
    found = compare_images(out.png(pixels), out.png(changed))
    with Image.open(io.BytesIO(base64.b64decode(found.picture))) as image:
        shown = np.asarray(image.convert("RGB")).astype(int)
    red = (shown[:, :, 0] - shown[:, :, 1]) > 100
    assert red[:50, :60].all()
    assert red.sum() == 50 * 60


def test_another_size_is_said_in_both_numbers(out: type[Outputs]) -> None:
    """Width and height, before and after."""
    found = compare_images(out.png(out.plain_picture()), out.png(out.plain_picture(100, 80)))
    assert found.verdict is Verdict.DIFFERENT
    assert found.message == "the size was 300 x 200, and is 80 x 100"


@pytest.mark.parametrize("content", ["bm90IGFuIGltYWdl", "!!"])
def test_what_is_no_picture_is_different_unless_the_bytes_agree(
    out: type[Outputs], content: str
) -> None:
    """Nothing that cannot be read counts as equal."""
    assert compare_images(content, content).verdict is Verdict.EQUAL
    found = compare_images(out.png(out.plain_picture()), content)
    assert found.verdict is Verdict.DIFFERENT


def test_an_animation_is_not_judged_by_its_first_picture() -> None:
    """Two animations that begin alike can end differently."""
    first, second, third = (
        Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "lime")
    )

    def animation(end: Image.Image) -> str:
        file = io.BytesIO()
        first.save(file, "GIF", save_all=True, append_images=[end])
        return base64.b64encode(file.getvalue()).decode()

    assert compare_images(animation(second), animation(third)).verdict is Verdict.DIFFERENT
