"""The size and the choice of the samples of generated cases."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

THOROUGH = bool(os.environ.get("THOROUGH"))
"""True for all cases, and for the large samples of endless ones: `make test THOROUGH=1`."""
SEED = int(os.environ.get("SEED") or datetime.now(UTC).toordinal())
"""Chooses the samples: the number of the day, or SEED. Consecutive seeds choose consecutive cases."""

Case = TypeVar("Case")


def examples(count: int) -> int:
    """The number of examples of a generated test: `count` with THOROUGH, else a third of them."""
    return count if THOROUGH else max(1, count // 3)


def sample(cases: Sequence[Case], size: int) -> list[Case]:
    """All cases with THOROUGH, else `size` of them. len(cases) / size consecutive seeds choose every case."""
    if THOROUGH or len(cases) <= size:
        return list(cases)
    return [cases[(SEED * size + number) % len(cases)] for number in range(size)]
