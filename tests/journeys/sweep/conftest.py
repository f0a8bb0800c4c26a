"""Every test begins without tasks of the previous one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack.stack import Stack
from tests.support import crashes as support


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    with support.quiet(stack):
        yield
