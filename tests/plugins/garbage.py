"""A pytest plugin: the garbage collector looks at few of the objects that stay until the end of the test session.

A test process holds millions of them (thousands of tests, the modules of all libraries), and also runs the local cloud.
Without this plugin, the collections take a quarter of its CPU time.
"""

from __future__ import annotations

import gc

import pytest

_THRESHOLDS = (20_000, 20, 20)
"""Python's own begin with 700 new objects: while modules are imported, nearly all objects stay."""


def pytest_configure() -> None:
    gc.set_threshold(*_THRESHOLDS)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Before pytest's own collections of all that is left, which take seconds and find nothing that a test asserts."""
    gc.freeze()
