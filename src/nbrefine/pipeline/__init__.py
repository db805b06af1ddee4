"""Reads pipelines; never executes anything of the user's."""
