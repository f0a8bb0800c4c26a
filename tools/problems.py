"""docs/problems.md: every problem type of the API, with meaning, cause and remedy."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.catalogue import ROOT
from shared.records.problems import Problem
from tools.codes import texts_of

PAGE = ROOT / "docs" / "problems.md"

_HEAD = """# Problems

Errors are `application/problem+json` (RFC 9457). Clients distinguish them by `type`, which is stable; `title`, `detail`
and `errors` are texts for people. `errors` names every invalid field with a JSON pointer, `trace_id` finds the request
in the logs. `make openapi` generates this page.
"""


@dataclass(frozen=True)
class Remedy:
    """The cause of a problem, and the reactions to it."""

    cause: str
    client: str
    """Action of the client."""
    support: str
    """Action of support."""


REMEDIES: Mapping[str, Remedy] = {
    "internal": Remedy(
        "An error of the service. The request had no effect, or its whole effect.",
        "Repeat the identical request once, with the same Idempotency-Key; then show the trace id.",
        "Search the logs for the trace id. The entry has the type and the source lines of the error.",
    ),
    "signature-invalid": Remedy(
        "The stored proof of a signed report was altered, belongs to another report, or cannot be verified.",
        "Show nothing of the report. Do not repeat; tell the user to call support with the trace id.",
        "Treat it as a security incident: docs/operations.md, alert `signature_invalid`.",
    ),
    "bad-request": Remedy(
        "The body is not JSON, or a header (Idempotency-Key, If-Match) is malformed or missing.",
        "Correct the request; do not repeat it unchanged.",
        "Ask for the version of the app: it built an invalid request.",
    ),
    "unauthenticated": Remedy(
        "The ID token is missing, malformed, expired or revoked; or the user was disabled.",
        "Refresh the ID token once and repeat; then let the user sign in again.",
        "Check that the user is enabled and was not signed out.",
    ),
    "fresh-sign-in-required": Remedy(
        "The user's last sign-in is more than 5 minutes old. Refreshing the ID token does not change that.",
        "Let the user sign in again, then send the identical request with the new token.",
        "Nothing is wrong.",
    ),
    "second-factor-required": Remedy(
        "The clinic wants a second factor at signing, and the user signed in without one.",
        "Let the user sign in with the second factor (enrol one first), then send the identical request.",
        "The operator's command `second-factor` shows and changes the clinic's setting.",
    ),
    "forbidden": Remedy(
        "The user's role does not allow the operation, or the user is not responsible for the patient.",
        "Show the detail. Do not repeat.",
        "Compare the user's roles with the table of operations in api.md.",
    ),
    "consent-missing": Remedy(
        "The clinic's policy requires a consent of the patient that was not given, ended, or is not in the right form.",
        "Show `missing_consents`; ask the patient, record the answer with POST /patients/{id}/consents, then repeat.",
        "Nothing to mend. GET /patients/{id}/consents shows each consent with its state.",
    ),
    "doubts-unresolved": Remedy(
        "Major doubts, omissions or risk answers of the report were neither resolved by a doctor nor corrected.",
        "Show GET /reports/{id}/doubts; let the doctor correct, add or resolve with a reason, then sign again.",
        "Nothing to mend. `findings` has the ids of what is open.",
    ),
    "not-found": Remedy(
        "There is no such path or record, it is deleted, or the patient is another doctor's.",
        "Treat the record as missing; reload the list that it came from.",
        "An admin sees whether the patient exists and with whom it is shared.",
    ),
    "none-yet": Remedy(
        "The session is there, but no report, bill, transcription or audio of it so far, or there will never be one.",
        "Show that there is none. Follow the progress of the session, or ask again after some seconds.",
        "Nothing is wrong. The recordings of the session say whether one was refused or has expired.",
    ),
    "gone": Remedy(
        "The recording was deleted, refused or never uploaded, or its audio was discarded with a cancelled session.",
        "Show that there is nothing to play. The transcript may still be there. Do not repeat.",
        "Nothing is wrong. `status` and `refusal` of the recording have the reason.",
    ),
    "record-unreadable": Remedy(
        "A stored record was altered or moved outside of the product, is incomplete, or was restored without its keys.",
        "Show the trace id and do not repeat: no request can mend it. Other records stay usable.",
        'An alert was sent. docs/operations.md, "A record does not open", has the steps.',
    ),
    "too-many-requests": Remedy(
        "The same action was done a short while ago, too many uploads are open, or too many records were shown.",
        "Wait for the seconds in Retry-After; disable the button until then.",
        'Nothing was changed. docs/operations.md, "Somebody was shown too many records", has the quota.',
    ),
    "method-not-allowed": Remedy(
        "The path exists, but not with this method; the Allow header names its methods.",
        "Correct the request.",
        "Ask for the version of the app.",
    ),
    "conflict": Remedy(
        "The state of the record does not allow the change, such as a payment of a draft.",
        "Read the record again and show its state with the detail.",
        "Read the record's history in the audit trail.",
    ),
    "duplicate": Remedy(
        "A patient whom the user may see has a similar name with the birth date, telephone number or e-mail address.",
        "Show the patients in `duplicate_patients`; repeat with `allow_duplicate` and a new key if the user insists.",
        "Two records of one person cannot be merged yet.",
    ),
    "identity-unconfirmed": Remedy(
        "No admin has confirmed the name and licence number, or the profile was changed afterwards.",
        "Show the detail. An admin confirms both with `POST /users/{id}/confirm-identity`.",
        "Compare `identity_confirmation` of the user with the profile.",
    ),
    "blocked": Remedy(
        "The patient has an open session, a completed session without a bill, a draft of a bill, an unpaid bill or a "
        "coming visit, or the request named others in `cancel_pending` than there are by now.",
        "Show the records in `blocked_by`, up to 100 of each kind, and `left_out`. Settle them, or, if all are "
        "`cancellable` and the user agrees, repeat the request with their ids in `cancel_pending`.",
        "The audit trail has the attempts; the records are in the patient's lists.",
    ),
    "slot-taken": Remedy(
        "The doctor, the patient or the room has another appointment then, or the doctor keeps this time free.",
        "Offer `free_slots`, or list free times (`GET /appointments/free-slots`). An admin may send `override_reason`.",
        "`taken_by` names the appointments that are in the way.",
    ),
    "outside-schedule": Remedy(
        "The doctor does not work at this time, or the time is blocked, or the clinic is closed.",
        "Offer `free_slots`; if the visit is meant, repeat it with `outside_schedule`.",
        "`GET /schedules/{doctor_id}` shows the hours; `detail` says what is in the way.",
    ),
    "series-taken": Remedy(
        "Some dates of a series are not free, or clocks skip or repeat the local time on them.",
        "Show `not_free`; exclude or move those dates, then repeat. `POST /appointments/series/check` books nothing.",
        "Nothing was booked. `taken_by` names the appointments that are in the way.",
    ),
    "another-recorder": Remedy(
        "Another device, or another run of the recorder, records the session; `recorder` says since when.",
        "Ask the user: stop it there, or send `take_over`. What the other one has captured may still be sent.",
        "Nothing is wrong. After a crash the recorder goes on with the `recorder_id` that it has stored.",
    ),
    "audio-missing": Remedy(
        "Pieces of a live recording are on a device and not here, or the recorder has not said which is its last.",
        "Send the pieces in `missing_audio`, then repeat; or let the doctor declare them lost, with a reason.",
        "Find the device that recorded: it keeps each piece until it has the receipt.",
    ),
    "session-running": Remedy(
        "The doctor or the patient is in another session that runs or is paused, and is not overdue.",
        "Show the session in `running_sessions`, let the user complete it (`ended_at` may be earlier), then repeat.",
        "The doctor of that session or an admin ends it. After `visit_limit_hours` of the clinic it blocks nobody.",
    ),
    "stale": Remedy(
        "Another change came first: If-Match names an older revision.",
        "Read the record again, compare, and send the change with the new ETag.",
        "Nothing is wrong; the audit trail names the other change.",
    ),
    "too-large": Remedy(
        "The body or the announced recording is larger than the limit in the detail.",
        "Send less; recordings go to Cloud Storage through an upload session.",
        "Compare the size with the limit.",
    ),
    "unsupported-media-type": Remedy(
        "The operation does not accept the Content-Type.",
        "Send one of the types in the detail.",
        "Ask for the version of the app.",
    ),
    "invalid": Remedy(
        "Fields or parameters are invalid or unknown, a page token has expired, or an Idempotency-Key was used before.",
        "Show each error at its field. For a page token, begin the list again.",
        "The errors name each field; values are never logged.",
    ),
    "precondition-required": Remedy(
        "A change was sent without If-Match.",
        "Read the record and send its ETag in If-Match.",
        "Ask for the version of the app.",
    ),
    "busy": Remedy(
        "Too many concurrent changes of one clinic, or an unavailable Google service.",
        "Repeat the identical request after Retry-After, with growing delays.",
        "If it persists, check the alerts and Google's status page.",
    ),
}
"""By the name of the problem."""


def problem_types() -> list[type[Problem]]:
    """All problem types, by status and name."""
    return sorted([Problem, *Problem.__subclasses__()], key=lambda kind: (kind.status, kind.name))


def meaning(kind: type[Problem]) -> str:
    """The first sentence of the class's docstring. Raises ValueError if the class has none of its own."""
    if not kind.__doc__:
        raise ValueError(f"{kind.__name__} has no docstring")
    text = " ".join(inspect.cleandoc(kind.__doc__).split())
    return re.split(r"(?<=\.) ", text, maxsplit=1)[0]


def page_text() -> str:
    """The current content of the page."""
    return "\n".join([_HEAD, *(line for kind in problem_types() for line in _section(kind))])


def _section(kind: type[Problem]) -> Iterator[str]:
    remedy = REMEDIES[kind.name]
    yield f"## {kind.name}"
    yield ""
    yield f"`urn:synapseai:problem:{kind.name}`, status {kind.status}: {kind.title}."
    yield ""
    if kind is not Problem:  # its docstring describes the whole hierarchy, not `internal`
        yield f"- **Meaning:** {meaning(kind)}"
    yield f"- **Cause:** {remedy.cause}"
    yield f"- **Client:** {remedy.client}"
    yield f"- **Support:** {remedy.support}"
    yield ""
    if kind.codes:
        yield "| `code` | cause |"
        yield "| --- | --- |"
        yield from (f"| `{code}` | {text} |" for code, text in texts_of(kind.codes).items())
        yield ""
