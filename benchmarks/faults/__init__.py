"""Injects faults into builds, and sees whether a wrong result is ever taken as good."""
