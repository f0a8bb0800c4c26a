"""Push messages to the doctor of a report whose draft is ready, at most one to each device."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from shared.lazily import lazily
from shared.records.clinic.people import User
from shared.records.clinic.profile import Notifications, UserProfile
from shared.records.problems import Unavailable
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import messaging
    from shared.gateways.messaging import Delivery
    from shared.records.clinic.devices import Devices, RegisteredDevice
    from shared.records.reports.notice import ReportNotice
    from shared.records.reports.report import Report
    from shared.workflows.clinic import devices

_log = logging.getLogger("synapse.jobs")

REPORT_READY = "report_ready"
"""The `type` of the message."""


@dataclass(frozen=True)
class _Claim:
    """A notice that is claimed, and the devices to send it to."""

    notice: ReportNotice
    devices: list[RegisteredDevice]


@dataclass
class _Outcome:
    """Ids of the devices that need a change of the records."""

    postponed: list[str] = field(default_factory=list)
    unregistered: list[str] = field(default_factory=list)


def announce(work: UnitOfWork, report: Report) -> None:
    """Create the notice of a draft, in the commit of the draft, if its doctor has devices and wants messages."""
    wanted = _wanted(work, report.doctor_id)
    if wanted:
        work.create(ReportNotice.of(report, [device.id for device in wanted], work.stamp))


def send(clinic: Clinic, notice_id: str) -> None:
    """Claim a notice and send it.

    Raises Unavailable, so that the event is delivered again, when Firebase Cloud Messaging is busy; at most MOST_CLAIMS
    times.
    """
    claim = clinic.perform("report.notify", lambda work: _claimed(work, notice_id))
    if claim is None:
        return
    outcome = _sent(clinic, claim)
    if not (outcome.postponed or outcome.unregistered):
        return
    clinic.perform("report.notified", lambda work: _noted(work, claim.notice, outcome))
    if not outcome.postponed:
        return
    if claim.notice.may_wait:
        raise Unavailable
    _log.warning("a push message was given up", extra=_about(clinic, claim.notice))


def _claimed(work: UnitOfWork, notice_id: str) -> _Claim | None:
    """Claim a waiting notice; None if nothing is to be sent (any more)."""
    notice = work.get_or_none(ReportNotice.ref(notice_id))
    if notice is None or not notice.waiting_for:
        return None
    doctor = User.ref(notice.doctor_id)
    work.prefetch(doctor, UserProfile.ref(doctor.id), Devices.ref(doctor.id))
    user = work.get_or_none(doctor)
    if user is None or user.disabled:
        return None
    wanted = [device for device in _wanted(work, doctor.id) if device.id in notice.waiting_for]
    if not wanted:
        return None
    return _Claim(work.save(notice.claimed(work.stamp)), wanted)


def _wanted(work: UnitOfWork, doctor_id: str) -> list[RegisteredDevice]:
    """The doctor's devices; none if the profile does not want the message. Without a profile the default counts."""
    registered = work.get_or_none(Devices.ref(doctor_id))
    if registered is None or not registered.registered:
        return []
    profile = work.get_or_none(UserProfile.ref(doctor_id))
    wishes = Notifications() if profile is None else profile.notifications
    return registered.registered if wishes.report_ready else []


def _sent(clinic: Clinic, claim: _Claim) -> _Outcome:
    """Send to one device after the other. Once the service is busy or a response is lost, the remaining devices wait:
    ten timeouts would exceed the time of the function."""
    notice, outcome, interrupted = claim.notice, _Outcome(), False
    ids = {"clinic_id": clinic.id, "session_id": notice.session_id, "report_id": notice.report_id}
    for device in claim.devices:
        delivery = Delivery.BUSY if interrupted else messaging.send(device.token, {"type": REPORT_READY, **ids})
        interrupted = interrupted or delivery in (Delivery.BUSY, Delivery.UNKNOWN)
        if delivery is Delivery.BUSY:
            outcome.postponed.append(device.id)
        elif delivery is Delivery.UNREGISTERED:
            outcome.unregistered.append(device.id)
        elif delivery is not Delivery.SENT:
            _log.log(
                logging.ERROR if delivery is Delivery.REFUSED else logging.WARNING,
                "a push message was not accepted",
                extra={**_about(clinic, notice), "reason": delivery.value},
            )
    return outcome


def _noted(work: UnitOfWork, claimed: ReportNotice, outcome: _Outcome) -> None:
    """Remove the devices that have no valid token, and let the notice wait for those that nothing was sent to."""
    work.prefetch(ReportNotice.ref(claimed.id), Devices.ref(claimed.doctor_id))
    devices.remove_unregistered(work, claimed.doctor_id, outcome.unregistered)
    notice = work.get(ReportNotice.ref(claimed.id))
    if outcome.postponed and notice.revision == claimed.revision and notice.may_wait:
        work.save(notice.postponed(outcome.postponed, work.stamp))


def _about(clinic: Clinic, notice: ReportNotice) -> dict[str, str]:
    return {"kind": "notice", "id": notice.id, "clinic_id": clinic.id}
