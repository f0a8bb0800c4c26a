"""Stacks for benchmarks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.services.firestore.service import EMBEDDED
from local.stack.stack import Stack


@contextmanager
def embedded(*, preloading: bool = True) -> Iterator[Stack]:
    """A stack with the embedded Firestore, whose services this process calls too, and no other one. `preloading`: see
    `Stack`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder), firestore=EMBEDDED, preloading=preloading) as stack,
    ):
        os.environ.update({name: value for name, value in stack.client_environment().items() if name != "PATH"})
        yield stack
