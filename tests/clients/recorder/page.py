"""What the page of the recorder's tests shows."""

from __future__ import annotations

from pathlib import Path

from tests.support.browser import Browser


def captured(browser: Browser) -> list[bytes]:
    """What the worklet gave, as samples of 16 kHz: one item for each stretch of audio without a break."""
    return [Path(file).read_bytes() for file in browser.call("taps")]


def assert_empty(browser: Browser) -> None:
    assert set(browser.call("counts").values()) == {0}, "nothing is left in the browser's store"
