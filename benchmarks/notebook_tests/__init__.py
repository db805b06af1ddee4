"""Notebook tests: false alarms, faults that are caught at the right cell, and time."""
