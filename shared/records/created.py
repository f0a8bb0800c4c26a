"""What a request created, or an earlier one like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Created(Generic[T]):
    """The result of a request that may be repeated: the answer is 201 the first time, and 200 later."""

    result: T
    first: bool
