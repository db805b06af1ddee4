"""Regression tests of pipelines of notebooks: baselines in git, and the pytest plugin."""
