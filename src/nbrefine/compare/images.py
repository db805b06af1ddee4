"""Compare images by their pixels."""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Smoothed edges shift by a shade where a coordinate differs in its last digit.
SHADE = 8
SHARE_OF_SHADES = 1e-3
# A point or a label that is not there changes few pixels, but from one colour to another.
CONTRAST = 64
SHARE_OF_CONTRASTS = 2e-5


@dataclass(frozen=True)
class ImageComparison:
    """How two images compare.

    Parameters
    ----------
    verdict
        Equal, within tolerance or different.
    message
        What differs.
    picture
        A PNG (base64) with what differs in red on a faint copy; empty where the sizes differ.
    """

    verdict: Verdict
    message: str = ""
    picture: str = ""


def compare_images(expected: str, actual: str) -> ImageComparison:
    """Compare two images, PNG, JPEG or any other that Pillow reads.

    Parameters
    ----------
    expected, actual
        Their bytes in base64.

    Returns
    -------
    ImageComparison
        Within tolerance if at most one pixel of a thousand has another shade, and hardly any
        another colour.
    """
    if "".join(expected.split()) == "".join(actual.split()):
        return ImageComparison(Verdict.EQUAL)
    old, new = _pixels(expected), _pixels(actual)
    if old is None or new is None:
        return ImageComparison(
            Verdict.DIFFERENT, "the bytes differ, and they are not single pictures"
        )
    if old.shape != new.shape:
        sizes = (f"{image.shape[1]} x {image.shape[0]}" for image in (old, new))
        return ImageComparison(
            Verdict.DIFFERENT, f"the size was {next(sizes)}, and is {next(sizes)}"
        )
    distance = abs(old - new).max(axis=2)
    if not distance.any():
        return ImageComparison(Verdict.EQUAL)
    shades = float((distance > SHADE).mean())
    contrasts = float((distance > CONTRAST).mean())
    tolerable = shades <= SHARE_OF_SHADES and contrasts <= SHARE_OF_CONTRASTS
    share, most = float((distance > 0).mean()), int(distance.max())
    return ImageComparison(
        Verdict.WITHIN_TOLERANCE if tolerable else Verdict.DIFFERENT,
        f"{share:.3%} of the pixels differ, by up to {most} of 255",
        _difference_picture(old, distance),
    )


def _pixels(content: str) -> npt.NDArray[np.int16] | None:
    """Decode an image to rows of red, green, blue and alpha; None if it is not one picture."""
    import numpy as np  # noqa: PLC0415  (only where images are not the same bytes)
    from PIL import Image  # noqa: PLC0415  (as above)

    try:
        with Image.open(io.BytesIO(base64.b64decode(content))) as image:
            if getattr(image, "n_frames", 1) > 1:
                return None  # an animation: its first picture would not speak for the rest
            return np.asarray(image.convert("RGBA"), dtype=np.int16)
    except (binascii.Error, OSError, ValueError):
        return None


def _difference_picture(old: npt.NDArray[np.int16], distance: npt.NDArray[np.int16]) -> str:
    """Draw what differs in red over a faint grey copy of what was."""
    import numpy as np  # noqa: PLC0415  (as above)
    from PIL import Image  # noqa: PLC0415  (as above)

    grey = 255 - (255 - old[:, :, :3].mean(axis=2)) * 0.25
    picture = np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)
    picture[distance > 0] = (255, 160, 160)
    picture[distance > SHADE] = (215, 0, 0)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
