"""Reviews of a report: who has read which version, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Stamp, Value
from shared.records.types import Id, Moment

MOST_REVIEWS = 20
"""People who review one version of a report."""
NO_REVIEWS: dict[str, Any] = {"reviews": [], "reviewed_by": None, "reviewed_at": None}
"""The fields of a report that nobody has reviewed since its last change."""


class Review(Value):
    """A person has read and checked a version of a report. This is a record, not a signature."""

    reviewer_id: Id
    at: Moment
    version: int
    """The version of the report that was read."""


def with_review(reviews: Sequence[Review], stamp: Stamp, version: int) -> dict[str, Any]:
    """The fields of a report after one more review, the latest of which `reviewed_by` and `reviewed_at` repeat.

    A further review by the same person replaces their earlier one. Raises Conflict beyond `MOST_REVIEWS`.
    """
    others = [one for one in reviews if one.reviewer_id != stamp.by]
    if len(others) == MOST_REVIEWS:
        raise Conflict(ConflictCode.TOO_MANY_REVIEWS, f"{MOST_REVIEWS} people have reviewed this version")
    made = Review(reviewer_id=stamp.by, at=stamp.at, version=version)
    return {"reviews": [*others, made], "reviewed_by": made.reviewer_id, "reviewed_at": made.at}
