"""Definitions move from step notebooks to modules in ``src/``."""
