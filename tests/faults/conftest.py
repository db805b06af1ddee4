"""Counts the faults that happened, and what came of them."""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take the test's word, which comes back from the worker in its report."""
    if report.when == "call":
        _counts.update(value for name, value in report.user_properties if name == "fault")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many there were."""
    if _counts:
        said = ", ".join(f"{number} {what}" for what, number in sorted(_counts.items()))
        terminalreporter.write_line(f"Faults: {said}")


_counts: Counter[str] = Counter()
