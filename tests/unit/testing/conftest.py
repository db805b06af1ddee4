"""Outputs, cells and runs to make baselines of."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nbrefine.pipeline.model import Pipeline, Step
from nbrefine.testing.baseline import Baseline, BaselineCell
from nbrefine.testing.executed import Executed, ExecutedCell

WORDS = 'axes 1: title "Late"\naxes 1: y from 0 to 10, linear'


class Make:
    """Makes what a test needs in one call."""

    @staticmethod
    def png(shade: int = 0, side: int = 40) -> str:
        """A picture of one shade, in base64."""
        file = io.BytesIO()
        Image.new("RGB", (side, side), (shade, shade, shade)).save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()

    @staticmethod
    def printed(text: str) -> dict[str, Any]:
        return {"output_type": "stream", "name": "stdout", "text": text}

    @staticmethod
    def warned(text: str) -> dict[str, Any]:
        return {"output_type": "stream", "name": "stderr", "text": text}

    @staticmethod
    def result(text: str, **more: str) -> dict[str, Any]:
        data = {"text/plain": text, **{key.replace("_", "/"): each for key, each in more.items()}}
        return {"output_type": "execute_result", "data": data}

    @classmethod
    def plot(cls, shade: int = 0, words: str = WORDS) -> dict[str, Any]:
        data = {"text/plain": "<Figure>", "image/png": cls.png(shade), "figure": words}
        return {"output_type": "display_data", "data": data}

    @staticmethod
    def cell(source: str, *outputs: dict[str, Any], **more: Any) -> BaselineCell:  # noqa: ANN401
        return BaselineCell("code", source, outputs=outputs, **more)

    @staticmethod
    def ran(source: str, *outputs: dict[str, Any], **more: Any) -> ExecutedCell:  # noqa: ANN401
        return ExecutedCell("code", source, more.pop("number", 1), outputs=outputs, **more)

    @staticmethod
    def baseline(*cells: BaselineCell) -> Baseline:
        return Baseline("report", cells)

    @staticmethod
    def run(*cells: ExecutedCell, root: Path = Path("/shop")) -> Executed:
        setting = f'# Parameters\nn = 3\nupstream = None\nproduct = {{"csv": "{root}/out/a.csv"}}\n'
        return Executed("report", cells, setting, 0)


@pytest.fixture
def make() -> type[Make]:
    """Makers of outputs, cells and runs."""
    return Make


@pytest.fixture
def pipeline() -> Pipeline:
    """A pipeline of one step, that is nowhere on disk."""
    root = Path("/shop")
    step = Step("report", "notebook", root / "notebooks/report.ipynb", {"csv": root / "out/a.csv"})
    return Pipeline(root, root / "pipeline.yaml", {"report": step})
