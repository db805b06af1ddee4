"""Measurements, each in a package of its own: ``make bench NAME=refine``."""
