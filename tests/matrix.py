"""A pytest plugin: says at the end how large the role matrix was that the tests walked."""

from __future__ import annotations

from typing import Any

REPORTED = "role matrix: callers"
"""The property of a test that walked an operation; its value is by how many callers."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Add up what the tests reported, in whatever process they ran."""
    passed = terminalreporter.stats.get("passed", [])
    walked = [value for report in passed for name, value in report.user_properties if name == REPORTED]
    if walked:
        callers, cells = max(walked), sum(walked)
        terminalreporter.line(f"role matrix: {len(walked)} operations x {callers} callers = {cells} cells")
