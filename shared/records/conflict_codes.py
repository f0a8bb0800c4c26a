"""The causes of refusals because of a state (409) or a limit (429): stable codes, for clients to switch over.

The docstring of each member is its text for developers; the API description and docs/problems.md publish it.
"""

from __future__ import annotations

from enum import StrEnum


class ConflictCode(StrEnum):
    """The cause of a `conflict`. New causes may be added: treat an unknown one as the others, by showing `detail`."""

    ALREADY_MEMBER = "already_member"
    """The person is of this clinic already."""
    APPOINTMENT_HAS_SESSION = "appointment_has_session"
    """Another session belongs to the appointment."""
    APPOINTMENT_NOT_OPEN = "appointment_not_open"
    """The appointment is neither scheduled nor confirmed."""
    BILL_ISSUED = "bill_issued"
    """The bill of the session is issued."""
    BILL_NOT_OPEN = "bill_not_open"
    """The bill takes no payment or reversal in its state."""
    BILL_NOT_PRICED = "bill_not_priced"
    """Only a draft with prices can be issued."""
    CHART_FULL = "chart_full"
    """The list of the patient has as many entries as possible."""
    DOCTOR_IS_RESPONSIBLE = "doctor_is_responsible"
    """The doctor is responsible for the patient: transfer the patient first."""
    LAST_ADMIN = "last_admin"
    """The clinic needs another admin first."""
    NOTES_MISSING = "notes_missing"
    """The session has neither complaint nor notes: write them first."""
    OFFER_ACCEPTED = "offer_accepted"
    """The offered change of the chart is accepted: change the chart itself."""
    OPEN_WORK = "open_work"
    """The person has running sessions or unsigned reports; `errors` names them."""
    PAYMENT_REVERSED = "payment_reversed"
    """The payment is reversed already."""
    PROFILE_DIFFERS = "profile_differs"
    """The profile says otherwise than the request; `errors` names the fields."""
    PROFILE_INCOMPLETE = "profile_incomplete"
    """The profile of the user has no name or no licence number."""
    RECORDING_EXPECTED = "recording_expected"
    """A recording is transcribed or on its way: wait for its draft, or send `despite_recording`."""
    REPORT_EMPTY = "report_empty"
    """The report has no statement: there is nothing to sign."""
    REPORT_EXISTS = "report_exists"
    """The session has a report: correct it, or send `replace`."""
    REPORT_NOT_READY = "report_not_ready"
    """The report is waiting, failed or not reviewed; `detail` has its state."""
    REPORT_NOT_SIGNED = "report_not_signed"
    """The report is not signed."""
    REPORT_SIGNED = "report_signed"
    """The report is signed, and stays as it is."""
    SESSION_CANCELLED = "session_cancelled"
    """The session is cancelled."""
    SESSION_NOT_COMPLETED = "session_not_completed"
    """The visit is not over: complete the session first."""
    SESSION_STATE = "session_state"
    """The session cannot do this in its state; `detail` has the state."""
    STILL_RUNNING = "still_running"
    """The transcription or report is not failed, so it cannot be requested again; `detail` has its state."""
    TOO_LATE_TO_REOPEN = "too_late_to_reopen"
    """The minutes in which a session can be reopened are over."""
    TOO_MANY_CORRECTIONS = "too_many_corrections"
    """The session was corrected as often as possible."""
    TOO_MANY_DOCTORS = "too_many_doctors"
    """The record is shared with as many doctors as possible."""
    TOO_MANY_REPORTS = "too_many_reports"
    """The doctor has too many unsigned reports: transfer patients one by one first."""
    TOO_MANY_TO_SORT = "too_many_to_sort"
    """There are too many patients to sort by name: search, or list the newest."""
    TRANSCRIPTION_MISSING = "transcription_missing"
    """The session has no completed transcription."""
    USER_DISABLED = "user_disabled"
    """The user is disabled."""
    USER_NOT_DISABLED = "user_not_disabled"
    """The user is not disabled."""


class IdentityCode(StrEnum):
    """The cause of `identity-unconfirmed`."""

    PROFILE_INCOMPLETE = "profile_incomplete"
    """Your profile has no name or no licence number: write both."""
    NOT_CONFIRMED = "not_confirmed"
    """An admin of the clinic must confirm your name and licence number."""


class LimitCode(StrEnum):
    """The cause of `too-many-requests`."""

    INVITED_RECENTLY = "invited_recently"
    """The person was invited a short while ago."""
    RECORDS_SHOWN = "records_shown"
    """You were shown as many patient records as one person may see in an hour."""
    UPLOADS_OPEN = "uploads_open"
    """As many uploads of the session are open as possible: finish one."""
