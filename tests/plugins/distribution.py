"""A pytest plugin: the order of the tests, and the units that a worker of pytest-xdist runs as a whole.

A unit is a file, so that its module's fixtures are made once. The files of a folder that shares its fixtures are one
unit: below tests/journeys a journey that each test session runs once, elsewhere a server. These units begin first, then
tests marked `long`, so that no worker waits for another one at the end. There is one worker more than processors: tests
wait a quarter of their time.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

_SHARING = frozenset({"journeys", "eventarc", "speech"})


def unit_of(nodeid: str) -> str:
    """The file, or the folder whose files share fixtures, of a test."""
    file = PurePath(nodeid.partition("::")[0])
    return str(file.parent if _SHARING & {*file.parts} else file)


class UnitScheduling(LoadScopeScheduling):
    """Sends whole units to the workers, in the order of the collection (with `--no-loadscope-reorder`)."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """For `-n logical` and `-n auto`."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> UnitScheduling:
    return UnitScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (not _SHARING & {*item.path.parts}, item.get_closest_marker("long") is None))
