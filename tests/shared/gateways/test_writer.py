"""Which answers of the model are accepted as those of the pinned one."""

from __future__ import annotations

import pytest

from shared.gateways.writer import is_pinned


@pytest.mark.parametrize(
    ("answered", "pinned", "accepted"),
    [
        ("gemini-3.5-flash-lite", "gemini-3.5-flash-lite", True),
        ("gemini-3.5-flash-lite-001", "gemini-3.5-flash-lite", True),
        ("gemini-3.5-flash-lite-001", "gemini-3.5-flash-lite-001", True),
        ("gemini-3.5-flash-lite-002", "gemini-3.5-flash-lite-001", False),
        ("gemini-3.5-flash-lite", "gemini-3.5-flash-lite-001", False),
        ("gemini-3.5-flash-lite-001-001", "gemini-3.5-flash-lite", False),
        ("gemini-3.5-flash-lite-preview-09-2026", "gemini-3.5-flash-lite", False),
        ("gemini-3.5-flash-lite", "gemini-3.5-flash", False),
        ("gemini-3.8-flash", "gemini-3.5-flash-lite", False),
        ("gemini-3.5-flash-lite", "gemini-flash-lite-latest", False),
        ("", "gemini-3.5-flash-lite", False),
    ],
)
def test_only_the_pinned_model_and_its_stable_versions_are_accepted(answered: str, pinned: str, accepted: bool) -> None:
    assert is_pinned(answered, pinned) == accepted
