"""At most five uploads of a session are open at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.call_counts import START_UPLOAD, CountedCall, calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter

MOST = 5


def open_upload(clinic: TestClinic, session: str) -> Reply:
    return clinic.doctor.post(f"/sessions/{session}/recordings", {"content_type": "audio/flac", "size_bytes": 9})


@pytest.fixture
def session(clinic: TestClinic) -> str:
    """A session with five open uploads."""
    session = str(clinic.session().body["id"])
    for _ in range(MOST):
        open_upload(clinic, session).ok(201)
    return session


def test_sixth_upload_is_refused_and_nothing_is_written(clinic: TestClinic, session: str) -> None:
    refused = open_upload(clinic, session).refused(429, "too-many-requests")

    eight_days = 8 * 24 * 3600
    assert eight_days - 600 < int(refused.headers["Retry-After"]) <= eight_days
    assert len(clinic.doctor.get(f"/sessions/{session}").ok().body["recordings"]) == MOST
    open_upload(clinic, str(clinic.session().body["id"])).ok(201)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "received"},
        {"status": "refused"},
        {"status": "expired"},
        {"updated_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    ids=["received", "refused", "expired", "expired, not swept yet"],
)
def test_upload_that_is_no_longer_open_frees_its_place(
    clinic: TestClinic, session: str, change: dict[str, object]
) -> None:
    alter(clinic, f"sessions/{session}/recordings/{session}-a2", change)

    open_upload(clinic, session).ok(201)
    open_upload(clinic, session).refused(429, "too-many-requests")


def test_of_concurrent_openings_five_succeed(clinic: TestClinic) -> None:
    session = str(clinic.session().body["id"])

    replies = at_once(8, lambda _: open_upload(clinic, session))

    assert statuses(replies) == {201: MOST, 429: 8 - MOST}
    assert len(clinic.doctor.get(f"/sessions/{session}").ok().body["recordings"]) == MOST


def test_call_counts(clinic: TestClinic, session: str) -> None:
    alter(clinic, f"sessions/{session}/recordings/{session}-a1", {"status": "received"})
    awaited: CountedCall = ("firestore", "RunQuery", MOST - 1)

    opening = calls_during(clinic, "sessions", lambda: open_upload(clinic, session).ok(201))

    # The first five of a session need no query. A signed report, or one that waits for a co-signature, would refuse it.
    assert opening == [reads(8), awaited, START_UPLOAD, commit(6)]
