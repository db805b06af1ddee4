"""Statements that turn frames into frames become functions with names."""
