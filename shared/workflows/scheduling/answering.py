"""A patient's answer to an appointment, on the page of its link: confirmed, another time asked for, or cancelled.

The page shows what was agreed on when the link was made, which stands in the link; the appointment's own record is read
only for what it is now, and opened only to be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.lazily import lazily
from shared.records.clinic.profile import UserProfile
from shared.records.links.link import LinkState
from shared.records.patients.patient import Patient
from shared.records.record import Ref, Stamp
from shared.records.scheduling.types import COMING
from shared.records.types import local_date
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.links.dialogue import Dialogue
from shared.workflows.links.opening import LinkPage
from shared.workflows.scheduling.visit_pages import Answer, VisitPage, VisitState

with lazily(globals()):
    from shared.records.links.link import Link
    from shared.records.links.passcode import read_year
    from shared.records.links.visit import AgreedVisit
    from shared.records.scheduling.appointment import Appointment
    from shared.records.scheduling.other_time import OtherTimeRequest
    from shared.records.scheduling.types import AppointmentStatus
    from shared.workflows.links import hashes
    from shared.workflows.links.opening import PageState, closed_page
    from shared.workflows.scheduling import appointments
    from shared.workflows.scheduling.visit_pages import Facts

Page = VisitPage | LinkPage
_FIRST = "visit"
"""The use of the first form."""
_TYPED_AGAIN = ("day1", "part1", "day2", "part2", "wish")
_BY_TELEPHONE = frozenset({Answer.OTHER_TIME, Answer.CANCEL})
"""What the clinic wants to be called for, shortly before the visit."""
_CLOSED = (LinkState.REVOKED, LinkState.LOCKED, LinkState.USED)


class AppointmentDialogue(Dialogue[Page]):
    """Appointments."""

    def page(self, work: UnitOfWork, link: Link, state: VisitState = VisitState.ASKS) -> Page:
        """The appointment with its answers, or why it has none."""
        # By paths: records of a patient are not opened.
        paths = Appointment.path_of(link.subject_id), Patient.path_of(link.patient_id)
        work.prefetch(*_told_refs(work, link), *paths)
        if link.state(work.now) in _CLOSED and (closed := closed_page(work, link)):
            return closed
        now = _unopened(work, link)
        gone = _gone(link, now, work.now)
        if gone:
            return VisitPage(gone, _contact(work, link))
        assert now is not None
        facts = _facts(work, link, now)
        return VisitPage(state, facts, open=_open(work, facts), form=hashes.form_of(work, link, _FIRST))

    def checked(self, work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> Page | None:
        """Lead from the first form to the second, and see whether the second is complete and current."""
        page = self.page(work, link)
        if not isinstance(page, VisitPage) or not page.form:
            return page
        wanted = _answer(posted)
        if wanted not in page.open:
            is_late = wanted in _BY_TELEPHONE and _is_late(work, page.facts)
            return VisitPage(VisitState.CALL, page.facts, wanted) if is_late else page
        if "sure" in posted:
            return _second_checked(work, link, page, posted)
        if not hashes.is_current(work, link, posted.get("form", ""), _FIRST, at_least=timedelta(0)):
            return self.page(work, link, VisitState.AGAIN)
        return _second(work, link, page, posted)

    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any] | str]:
        """The appointment, and what the patient is told with it."""
        return [Appointment.ref(link.subject_id), *_told_refs(work, link)]

    def action(self, posted: Mapping[str, str]) -> str:
        return f"appointment.{_answer(posted)}"

    def knows(self, work: UnitOfWork, patient: Patient, posted: Mapping[str, str]) -> bool:
        """True for the patient's year of birth; nobody is known by a year that the record does not have."""
        born = patient.date_of_birth
        return born is not None and read_year(posted, work.now.date()) == born.year

    def wrong(self, work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> Page:
        page = self.page(work, link)
        return _second(work, link, page, posted, VisitState.WRONG) if isinstance(page, VisitPage) else page

    def done(self, work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> Page:
        """Change the appointment in the name of the patient."""
        appointment = work.get(Appointment.ref(link.subject_id))
        stamp, wanted = Stamp(link.patient_id, work.now), _answer(posted)
        after = appointment
        if wanted == Answer.CONFIRM:
            after = appointment.confirmed(stamp)
        elif wanted == Answer.CANCEL:
            after = appointment.cancelled(None, stamp)
        elif (request := _request(work, appointment.time_zone, posted)) is not None:
            after = appointment.asked(request, stamp)
        appointments.save_with_time(work, appointment, after)
        facts = _facts(work, link, after.model_dump())
        more = () if wanted == Answer.CANCEL else _open(work, facts)
        return VisitPage(VisitState.DONE, facts, wanted, more, hashes.form_of(work, link, _FIRST))

    def busy(self, retry_after: int) -> Page:
        return LinkPage(PageState.BUSY, retry_after=retry_after)


def _told_refs(work: UnitOfWork, link: Link) -> list[Ref[Any]]:
    """The settings, and the name of the doctor."""
    doctor = link.visit.doctor_id if link.visit else None
    return [work.settings_ref(), *([UserProfile.ref(doctor)] if doctor else [])]


def _second(
    work: UnitOfWork, link: Link, first: VisitPage, posted: Mapping[str, str], state: VisitState = VisitState.SURE
) -> VisitPage:
    """The second page of an answer."""
    wanted = _answer(posted)
    typed = {name: posted[name] for name in _TYPED_AGAIN if name in posted}
    return VisitPage(state, first.facts, wanted, form=hashes.form_of(work, link, wanted or ""), typed=typed)


def _second_checked(work: UnitOfWork, link: Link, first: VisitPage, posted: Mapping[str, str]) -> VisitPage | None:
    """The second page again, with what is wrong; None for a form that is complete and current."""
    if not _is_complete(work, first, posted):
        return _second(work, link, first, posted, VisitState.INCOMPLETE)
    if not hashes.is_current(work, link, posted.get("form", ""), _answer(posted) or ""):
        return _second(work, link, first, posted, VisitState.AGAIN)
    return None


def _answer(posted: Mapping[str, str]) -> Answer | None:
    asked = posted.get("answer", "")
    return Answer(asked) if asked in set(Answer) else None


def _unopened(work: UnitOfWork, link: Link) -> Mapping[str, Any] | None:
    """The plain fields of the appointment as it is now; None if it, or its patient, is deleted."""
    found = work.unopened(Appointment.ref(link.subject_id), Patient.ref(link.patient_id))
    return found.get(link.subject_id) if link.patient_id in found else None


def _gone(link: Link, now: Mapping[str, Any] | None, at: datetime) -> VisitState | None:
    """Why the appointment takes no answer by this link."""
    if now is None or link.visit is None:
        return VisitState.CHANGED
    if now["status"] == AppointmentStatus.CANCELLED:
        return VisitState.CANCELLED
    changed = {name: now[name] for name in AgreedVisit.model_fields} != link.visit.model_dump()
    if now["status"] == AppointmentStatus.RESCHEDULED or changed:
        return VisitState.CHANGED
    begun = now["session_id"] is not None or now["checked_in_at"] is not None or now["scheduled_at"] <= at
    return VisitState.OVER if begun or now["status"] not in COMING else None


def _contact(work: UnitOfWork, link: Link) -> Facts | None:
    """The clinic and its telephone number, for an appointment that is not shown any more."""
    if link.visit is None:
        return None
    return _facts(work, link, {"scheduled_at": link.opens_until, "confirmed_at": None, "asks_other_time": False})


def _facts(work: UnitOfWork, link: Link, now: Mapping[str, Any]) -> Facts:
    settings = work.settings()
    assert link.visit is not None
    profile = work.get_or_none(UserProfile.ref(link.visit.doctor_id)) if link.visit.doctor_id else None
    return Facts(
        clinic=settings.name_in_messages,
        visit=link.visit,
        starts_at=now["scheduled_at"],
        doctor=profile.full_name if profile and settings.doctor_name_in_messages else None,
        phone=settings.phone,
        confirmed=now["confirmed_at"] is not None,
        asked=bool(now.get("asks_other_time")),
    )


def _open(work: UnitOfWork, facts: Facts) -> tuple[Answer, ...]:
    """The answers that can be given now."""
    late = _is_late(work, facts)
    possible = {
        Answer.CONFIRM: not facts.confirmed,
        Answer.OTHER_TIME: not late and not facts.asked,
        Answer.CANCEL: not late,
    }
    return tuple(answer for answer in Answer if possible[answer])


def _is_late(work: UnitOfWork, facts: Facts | None) -> bool:
    """True if the clinic wants to be called."""
    return facts is not None and facts.starts_at - work.now < work.settings().cancel_by_link


def _is_complete(work: UnitOfWork, page: VisitPage, posted: Mapping[str, str]) -> bool:
    assert page.facts is not None
    if read_year(posted, work.now.date()) is None:
        return False
    return _answer(posted) != Answer.OTHER_TIME or _request(work, page.facts.visit.time_zone, posted) is not None


def _request(work: UnitOfWork, zone: str, posted: Mapping[str, str]) -> OtherTimeRequest | None:
    return OtherTimeRequest.read(posted, work.now, local_date(work.now, zone))
