"""Outputs as nbformat 4 has them, in short."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

Output = dict[str, Any]


class Outputs:
    """Makes outputs and pictures."""

    @staticmethod
    def stdout(text: str) -> Output:
        return {"output_type": "stream", "name": "stdout", "text": text}

    @staticmethod
    def stderr(text: str) -> Output:
        return {"output_type": "stream", "name": "stderr", "text": text}

    @staticmethod
    def result(**data: object) -> Output:
        return {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": Outputs.mimes(data),
        }

    @staticmethod
    def display(**data: object) -> Output:
        return {"output_type": "display_data", "metadata": {}, "data": Outputs.mimes(data)}

    @staticmethod
    def mimes(data: dict[str, Any]) -> dict[str, Any]:
        names = {
            "text": "text/plain",
            "html": "text/html",
            "png": "image/png",
            "svg": "image/svg+xml",
            "json": "application/json",
            "plotly": "application/vnd.plotly.v1+json",
            "vega": "application/vnd.vegalite.v5+json",
            "javascript": "application/javascript",
            "widget": "application/vnd.jupyter.widget-view+json",
        }
        return {names[name]: content for name, content in data.items()}

    @staticmethod
    def error(ename: str, evalue: str, traceback: list[str] | None = None) -> Output:
        return {
            "output_type": "error",
            "ename": ename,
            "evalue": evalue,
            "traceback": traceback or [],
        }

    @staticmethod
    def png(pixels: np.ndarray) -> str:
        file = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
        return base64.b64encode(file.getvalue()).decode()

    @staticmethod
    def plain_picture(height: int = 200, width: int = 300) -> np.ndarray:
        """A white picture with a black line."""
        pixels = np.full((height, width, 3), 255)
        pixels[height // 2, :] = 0
        return pixels


@pytest.fixture(scope="session")
def out() -> type[Outputs]:
    """What makes outputs."""
    return Outputs
