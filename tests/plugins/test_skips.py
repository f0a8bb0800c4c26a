"""The plugin prints each reason for a skip once, and fails the run on a reason that is not allowed."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SUITE = """
    import pytest

    @pytest.mark.parametrize("number", range(3))
    @pytest.mark.skipif(True, reason="install Java 17")
    def test_with_java(number): ...

    def test_with_node():
        pytest.skip("install Node.js")

    def test_without_anything(): ...
"""


def outcome(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, allowed: str | None) -> tuple[int, list[str]]:
    """The exit code of a run of SUITE, and the lines of its summary."""
    if allowed is None:
        monkeypatch.delenv("ALLOWED_SKIP", raising=False)
    else:
        monkeypatch.setenv("ALLOWED_SKIP", allowed)
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_inprocess("-p", "tests.plugins.skips", "-p", "no:xdist")
    return result.ret, [line for line in result.outlines if "skipped: " in line or line.startswith("Failed: ")]


@pytest.mark.parametrize("allowed", [None, "Java|Node"])
def test_each_reason_is_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, allowed: str | None
) -> None:
    code, lines = outcome(pytester, monkeypatch, allowed)

    assert code == pytest.ExitCode.OK
    assert lines == ["3 skipped: install Java 17", "1 skipped: install Node.js"]


def test_a_reason_that_is_not_allowed_fails_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    code, lines = outcome(pytester, monkeypatch, "Java")

    assert code == pytest.ExitCode.TESTS_FAILED
    assert lines[-1] == "Failed: no test may be skipped for a reason in red."
