"""What is written down once about each HTTP operation: its documented example, and how tests prepare a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from shared.records.page import Page
from shared.records.permissions import Action


class Scope(Enum):
    """Who may know that the target of a request exists. Everybody else gets 404."""

    PATIENT = "patient"
    """Doctors of the patient, and everybody of the clinic who is not a doctor."""
    CLINIC = "clinic"
    """Everybody of the clinic."""
    CALLER = "caller"
    """Each caller has a target of their own, or none."""


class State(Enum):
    """The data that a request needs. Tests know how to create each."""

    CLINIC = "clinic"
    """The clinic and its staff."""
    OWN_PROFILE = "own profile"
    """The caller's profile, with a logo."""
    OWN_DEVICE = "own device"
    """A device of the caller, with the id of the example."""
    OWN_CALENDAR = "own calendar"
    """The caller's calendar feed."""
    OWN_TEMPLATE = "own template"
    """A template that the caller may change, with the id of the example, and its parent, which has a second version."""
    OWN_STYLE = "own style"
    """The caller's style examples."""
    OWN_SCHEDULE = "own schedule"
    """The caller's working hours, or those of the clinic's doctor."""
    OWN_REMINDERS = "own reminders"
    """The reminder policy of the caller's clinic."""
    OWN_SETTINGS = "own settings"
    """The settings of the caller's clinic, with a logo."""
    OWN_PROVIDER = "own provider"
    """The account of the caller's clinic at its payment provider, and a payment that waits for a person."""
    STAFF_MEMBER = "staff member"
    STAFF_MEMBER_WITH_PROFILE = "staff member with profile"
    """A doctor whose profile has the name and licence number of the example."""
    DISABLED_STAFF_MEMBER = "disabled staff member"
    VISIT = "visit"
    """A patient with a session in progress, a failed transcription, a drafted report and an unpaid bill."""
    REPORT_FAILED = "report failed"
    """As `VISIT`, but the transcription is completed and the report failed."""
    REPORT_SIGNED = "report signed"
    """As `VISIT`, but the report is signed."""
    REPORT_SHARED = "report shared"
    """As `REPORT_SIGNED`, and the report was shared by a link, with the id of the example behind that of the report."""
    COSIGNATURE_PENDING = "co-signature pending"
    """As `VISIT`, but a trainee signed the report, and the doctor of the patient is to co-sign it."""
    RECORDED = "recorded"
    """As `VISIT`, but the recording was received, and its audio is there."""
    SETTLED = "settled"
    """As `VISIT`, but the session is completed and billed, the bill paid and the appointment kept."""
    ENDED = "ended"
    """As `VISIT`, but the session was completed just now, and its bill is a draft."""
    PAID_IN_PART = "paid in part"
    """As `VISIT`, but a payment of the bill is recorded, with the id of the example."""
    BILL_SENT = "bill sent"
    """As `VISIT`, and the bill was sent by a link, with the id of the example behind that of the bill."""
    LIVE = "live"
    """As `VISIT`, but its recording is a live one: pieces 1 and 3 arrived."""
    TWO_LINES = "two lines"
    """As `ENDED`, but the draft of the bill has two lines."""
    ONLINE = "online"
    """As `VISIT`, and the clinic has a payment provider."""
    CLAIMED = "claimed"
    """As `VISIT`, but an insurer was asked to pay a part of the bill."""
    CREDIT = "credit"
    """As `VISIT`, but another bill of the patient was paid twice."""
    APPOINTMENT_BEGUN = "appointment begun"
    """As `VISIT`, but the appointment began an hour ago."""
    TIME_OFFERED = "time offered"
    """As `VISIT`, but the appointment is only offered, to the patient's entry of the waiting list."""
    PATIENT_DELETED = "patient deleted"
    """As `VISIT`, but the patient is deleted."""
    DECEASED = "deceased"
    """As `VISIT`, but the patient's death is recorded."""
    MERGED = "merged"
    """As `VISIT`, but another record of the person is merged into the patient's."""

    @property
    def scope(self) -> Scope:
        """The scope of the target that this state provides."""
        if self == State.CLINIC or self.value.startswith("own "):
            return Scope.CALLER
        staff = (State.STAFF_MEMBER, State.STAFF_MEMBER_WITH_PROFILE, State.DISABLED_STAFF_MEMBER)
        return Scope.CLINIC if self in staff else Scope.PATIENT


class Placeholder(Enum):
    """A value of a test request that is known only in the test clinic."""

    OWNER = "owner"
    """Null when the caller is a doctor, otherwise a doctor of the caller's clinic."""
    SHARED_DOCTOR = "shared doctor"
    """A doctor with whom the patient is shared."""
    OTHER_PATIENT = "other patient"
    """Another patient of the clinic's doctor, who consents to recordings."""
    DUPLICATE = "duplicate"
    """A new patient of the clinic's doctor."""
    MERGED_RECORD = "merged record"
    """The record that is merged into the patient's."""
    PATIENT_NAME = "patient name"
    UNUSED_EMAIL = "unused email"
    UNUSED_REFERENCE = "unused reference"
    """A reference of no payment."""
    FREE_TIME = "free time"
    """A time at which nobody has an appointment."""
    FREE_LOCAL_TIME = "free local time"
    """Such a time on the wall, in UTC; a week and two weeks later nobody has an appointment either."""
    BILL_SHARE = "bill share"
    """The share of the patient's bill."""
    SHARE = "share"
    """The share of the report."""
    OTHER_BILL = "other bill"
    """Another bill of the patient."""
    PICTURE = "picture"
    """The bytes of a PNG."""
    PIECE = "piece"
    """A piece of a live recording: two seconds of a WAV file."""
    NOW = "now"
    """This moment, in RFC 3339."""


@dataclass(frozen=True)
class OperationCase:
    """One HTTP operation: the example in the OpenAPI document, and the state in which tests send it.

    Tests send the example with the ids of their own records. `test_path` and `test_body` are given only where the
    example does not fit a test clinic.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    """Path parameters, by name."""
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    """The JSON that a client sends."""
    answer: Any = None
    """The return value of the handler, so a new field of a model appears by itself; of a stream one `Event`; of a file
    of JSON its content; None for other files."""
    state: State = State.VISIT
    action: Action | None = None
    """The action in the table of permissions; None if the roles and the access to the patient alone decide."""
    vanishes: bool = False
    """True if the target is not found after the operation."""
    ends_sign_in: bool = False
    """True if the caller's token is refused after the operation."""
    test_path: Mapping[str, Placeholder] = field(default_factory=dict)
    """Path parameters that replace those of the example."""
    test_query: Mapping[str, Any] = field(default_factory=dict)
    """The query string that tests send; without it they send none."""
    test_body: Any = None
    """The whole body, instead of the example's."""


def page(*items: Any, more: bool = False) -> Page[Any]:
    """A page of a list, the last one unless there are `more`."""
    return Page(list(items), "AUxkN3Zm0kq2c1VQb8h" if more else None)
