"""Observed runs of notebooks."""
