"""Bring a changed notebook into a project whose steps were edited by hand."""
