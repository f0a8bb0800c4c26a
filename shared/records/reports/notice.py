"""The notice of a report whose draft is ready: created with the draft, claimed before it is sent.

waiting → claimed → (busy) waiting, at most MOST_CLAIMS times
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self

from shared.records.privacy import Plain
from shared.records.record import Keyset, Record, Stamp
from shared.records.reports.report import Report
from shared.records.types import Id, Moment

MOST_CLAIMS = 6
"""How often one notice is sent at most, if Firebase Cloud Messaging is busy each time."""
KEPT_FOR = timedelta(days=7)
"""How long a notice is stored: longer than its event is delivered again, which is a day at most."""


class ReportNotice(Record):
    """One push notification to one doctor. It has ids only, so it is no record of the patient.

    Only a claimed notice is sent, and a claim is committed first: after a crash, or a second delivery of the event, no
    device gets the message twice, and one that was not reached yet does not get it.
    """

    kind: ClassVar[str] = "ReportNotice"
    collection: ClassVar[str] = "notices"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    report_id: Plain[Id]
    session_id: Plain[Id]
    doctor_id: Plain[Id]
    """The doctor who was responsible for the report when the draft was completed."""
    waiting_for: Plain[list[Id]]
    """The devices that are still to be reached; empty while the notice is claimed, and at the end."""
    claims: Plain[int] = 0
    expires_at: Plain[Moment]
    """When Firestore deletes the notice."""

    @classmethod
    def of(cls, report: Report, device_ids: list[str], stamp: Stamp) -> Self:
        """The notice of the current attempt of a report."""
        subject = {"report_id": report.id, "session_id": report.session_id, "doctor_id": report.doctor_id}
        return cls.new(
            f"{report.id}-n{report.attempt}", stamp, **subject, waiting_for=device_ids, expires_at=stamp.at + KEPT_FOR
        )

    @property
    def may_wait(self) -> bool:
        """True if devices that were not reached may be tried again."""
        return self.claims < MOST_CLAIMS

    def claimed(self, stamp: Stamp) -> Self:
        """The notice, about to be sent to all devices that it waits for."""
        return self.revised(stamp, waiting_for=[], claims=self.claims + 1)

    def postponed(self, device_ids: list[str], stamp: Stamp) -> Self:
        """The notice, to be sent again to these devices, to which nothing was sent."""
        return self.revised(stamp, waiting_for=device_ids)
