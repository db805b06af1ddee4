"""Runs inside the user's kernel and says what each cell did; the standard library alone."""
