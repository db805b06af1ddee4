"""Notebooks as documents, read and written without nbformat."""
