"""A pytest plugin: one line for each reason why tests were skipped, which says what to install.

With ALLOWED_SKIP set, a regular expression, the run fails on a skip whose reason it does not match.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest

_NAME = "skipped tests"


class Skips:
    """The number of skipped tests by reason."""

    def __init__(self, allowed: str | None) -> None:
        self.allowed = allowed
        self.reasons: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._count(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._count(report)

    def _count(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1

    @property
    def unexpected(self) -> list[str]:
        """The reasons that are not allowed, sorted."""
        if self.allowed is None:
            return []
        return sorted(reason for reason in self.reasons if not re.search(self.allowed, reason))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unexpected and not hasattr(session.config, "workerinput"):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for reason, count in self.reasons.most_common():
            terminalreporter.write_line(f"{count} skipped: {reason}", red=reason in self.unexpected)
        if self.unexpected:
            terminalreporter.write_line("Failed: no test may be skipped for a reason in red.", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Skips(os.environ.get("ALLOWED_SKIP")), _NAME)
