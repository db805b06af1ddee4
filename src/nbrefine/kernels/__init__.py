"""Kernels, and sessions in them."""
