"""Literals that become parameters."""
