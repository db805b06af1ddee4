"""Edits of a small project: whether a build runs again what it has to, and nothing else."""
