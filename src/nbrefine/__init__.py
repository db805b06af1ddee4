"""From a messy notebook to a proved, tested and reproducible pipeline, without leaving Jupyter."""

__version__ = "0.1.0"
