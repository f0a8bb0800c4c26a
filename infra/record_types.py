"""The stored record types of the product, collected from every module of shared.records."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from shared import records
from shared.records.record import Record


@cache
def record_types() -> tuple[type[Record], ...]:
    """Every stored record type, sorted by kind, without types that tests define."""
    for module in pkgutil.walk_packages(records.__path__, f"{records.__name__}."):
        importlib.import_module(module.name)
    ours = {model for model in _subclasses(Record) if model.__module__.startswith(f"{records.__name__}.")}
    stored = {model for model in ours if hasattr(model, "collection")}  # Attempt is the base of some
    return tuple(sorted(stored, key=lambda model: model.kind))


def _subclasses(model: type[Record]) -> Iterator[type[Record]]:
    for derived in model.__subclasses__():
        yield derived
        yield from _subclasses(derived)
