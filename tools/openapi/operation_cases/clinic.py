"""Operations on the clinic's staff and their profiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.clinic.calendar_feed import CalendarFeedState, IssuedCalendarFeed
from shared.records.clinic.devices import Device, Platform
from shared.records.clinic.identity import PrintedIdentity
from shared.records.clinic.me import Me
from shared.records.clinic.people import Doctor, InvitationStatus
from shared.records.clinic.profile import HasLogo
from shared.records.parties import StaffName
from shared.records.record import Detailed, Stamp
from shared.records.scheduling.coming import ComingAppointments
from shared.records.types import Role
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.sample_clinic import BEGAN, CLINIC, COLLEAGUE, DOCTOR

# Profiles

_PROFILE_UPDATE = {
    "first_name": "Meera",
    "last_name": "Iyer",
    "email": "meera.iyer@banyan.example",
    "phone": "+918041234567",
    "licence_number": "KMC 45821",
    "specialization": "MD (Psychiatry)",
    "organization": "Banyan Mental Health",
    "time_zone": "Asia/Kolkata",
    "language": "en-IN",
    "notifications": {"report_ready": True},
}
_PROFILE = factories.profile(DOCTOR, Stamp(DOCTOR, BEGAN), **_PROFILE_UPDATE)
_WITH_LOGO = Detailed(_PROFILE, HasLogo(has_logo=True))

DEVICE = "dv7kq2mxn4tz9wpb3rhs"
_NEW_DEVICE = {"token": "cXk3Vb9TQ1mPz-7:APA91bHnE5wLr_0aJ4fUoYd2", "platform": "android"}
_DEVICE = Device(id=DEVICE, platform=Platform.ANDROID, registered_at=BEGAN)

_CALENDAR = CalendarFeedState(with_names=False, issued_at=BEGAN)

_USER = factories.user(Stamp(DOCTOR, BEGAN), id=DOCTOR, email="meera.iyer@banyan.example")

# Users

_INVITATION = {"email": "arjun.menon@banyan.example", "roles": ["doctor"]}
_WAITING = {"invitation": InvitationStatus.WAITING, "invited_at": BEGAN - timedelta(days=30)}
_INVITED = factories.user(Stamp(DOCTOR, BEGAN - timedelta(days=30)), id=COLLEAGUE, **_INVITATION, **_WAITING)
_OF_USER = {"id": COLLEAGUE}

_IDENTITY = {"full_name": "Arjun Menon", "licence_number": "KMC 51177"}
_PRINTED = PrintedIdentity(**_IDENTITY, identity_confirmed=False)
_CONFIRMED = Stamp(DOCTOR, BEGAN)
_BY_ADMIN = {"confirmed_by": _CONFIRMED.by, "confirmed_at": _CONFIRMED.at}

_COMING = ComingAppointments(coming_appointments=12)
_NONE_COMING = ComingAppointments(coming_appointments=0)

CASES: Mapping[str, OperationCase] = {
    "me.read": OperationCase(answer=Me.of(_USER, CLINIC, _PROFILE), state=State.OWN_PROFILE),
    "profile.get": OperationCase(answer=_WITH_LOGO, state=State.OWN_PROFILE),
    "profile.put": OperationCase(body=_PROFILE_UPDATE, answer=_WITH_LOGO, state=State.OWN_PROFILE),
    "profile.get_logo": OperationCase(state=State.OWN_PROFILE),
    "profile.put_logo": OperationCase(answer=_WITH_LOGO, state=State.OWN_PROFILE, test_body=Placeholder.PICTURE),
    "profile.delete_logo": OperationCase(state=State.OWN_PROFILE),
    "profile.list_devices": OperationCase(answer=page(_DEVICE), state=State.OWN_DEVICE),
    "profile.register_device": OperationCase(body=_NEW_DEVICE, answer=_DEVICE, state=State.OWN_DEVICE),
    "profile.remove_device": OperationCase(path={"id": DEVICE}, state=State.OWN_DEVICE, vanishes=True),
    "profile.get_calendar": OperationCase(answer=_CALENDAR, state=State.OWN_CALENDAR),
    "profile.issue_calendar": OperationCase(
        body={"with_names": False},
        answer=IssuedCalendarFeed(
            **dict(_CALENDAR),
            url="https://api.clinic.example/api/v1/calendar/banyan/Yb3kQ9dLr2TzXw7nPm5aVc.ics",
        ),
        state=State.OWN_CALENDAR,
    ),
    "profile.revoke_calendar": OperationCase(state=State.OWN_CALENDAR, vanishes=True),
    "profile.sign_out": OperationCase(state=State.OWN_PROFILE, ends_sign_in=True),
    "users.list_users": OperationCase(query={"page_size": 20}, answer=page(_INVITED), state=State.CLINIC),
    "users.list_doctors": OperationCase(
        query={"page_size": 20}, answer=page(Doctor.of(DOCTOR, _PROFILE)), state=State.CLINIC
    ),
    "users.list_names": OperationCase(
        query={"page_size": 100}, answer=page(StaffName.of(_USER, _PROFILE)), state=State.CLINIC
    ),
    "users.invite": OperationCase(
        body=_INVITATION,
        answer=_INVITED,
        state=State.CLINIC,
        test_body={**_INVITATION, "email": Placeholder.UNUSED_EMAIL},
    ),
    "users.invite_again": OperationCase(
        path=_OF_USER, answer=_INVITED.invited(Stamp(DOCTOR, BEGAN)), state=State.STAFF_MEMBER
    ),
    "users.get": OperationCase(path=_OF_USER, answer=_INVITED, state=State.STAFF_MEMBER),
    "users.get_identity": OperationCase(path=_OF_USER, answer=Detailed(_INVITED, _PRINTED), state=State.STAFF_MEMBER),
    "users.confirm_identity": OperationCase(
        path=_OF_USER,
        body=_IDENTITY,
        answer=Detailed(
            _INVITED.revised(_CONFIRMED, identity_confirmation={**_IDENTITY, **_BY_ADMIN}),
            _PRINTED.model_copy(update={"identity_confirmed": True}),
        ),
        state=State.STAFF_MEMBER_WITH_PROFILE,
    ),
    "users.remove": OperationCase(
        path=_OF_USER,
        query={"take_over_by": DOCTOR},
        answer=Detailed(_INVITED.removed(Stamp(DOCTOR, BEGAN)), _COMING),
        state=State.STAFF_MEMBER,
        vanishes=True,
    ),
    "users.set_roles": OperationCase(
        path=_OF_USER,
        body={"roles": ["admin", "doctor"]},
        answer=Detailed(_INVITED.revised(Stamp(DOCTOR, BEGAN), roles=[Role.ADMIN, Role.DOCTOR]), _NONE_COMING),
        state=State.STAFF_MEMBER,
    ),
    "users.set_supervisor": OperationCase(
        path=_OF_USER,
        body={"supervisor_id": DOCTOR},
        answer=_INVITED.supervised_by(_USER, Stamp(DOCTOR, BEGAN)),
        state=State.STAFF_MEMBER,
    ),
    "users.disable": OperationCase(
        path=_OF_USER,
        body={"take_over_by": DOCTOR},
        answer=Detailed(_INVITED.disabled_at(Stamp(DOCTOR, BEGAN)), _COMING),
        state=State.STAFF_MEMBER,
    ),
    "users.enable": OperationCase(
        path=_OF_USER,
        answer=_INVITED.disabled_at(Stamp(DOCTOR, BEGAN)).enabled_at(Stamp(DOCTOR, BEGAN + timedelta(days=20))),
        state=State.DISABLED_STAFF_MEMBER,
    ),
}
