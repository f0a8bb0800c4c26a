"""The descriptors in the product are those of the installed clients of Google."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.google_messages import SOURCES, described


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_descriptors_are_those_of_the_client(path: Path) -> None:
    assert path.read_bytes() == described(SOURCES[path]()), "run `make google-messages`"
