"""How many calls to Google Cloud an operation makes with warm keys, derived from its kind.

A read is one `BatchGetDocuments` and one `Commit` of the audit entry. A change commits its records in the same
`Commit`. Additional calls and documents are a deviation, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.services.kit.recorder import Call
from tests.support.clinics import TestClinic
from tests.support.operation_cases import case_of, operations
from tools.openapi.operation_cases.case import Scope, State

CountedCall = tuple[str, str, int]
"""Service, method, and the number of documents that Firestore reads or writes; 0 for other services."""


def reads(documents: int) -> CountedCall:
    """All reads of a request are one call, unless a document names the next one to read."""
    return ("firestore", "BatchGetDocuments", documents)


def query(documents: int) -> CountedCall:
    """One query and the documents that it finds."""
    return ("firestore", "RunQuery", documents)


def commit(writes: int) -> CountedCall:
    """A change and its audit entry; a request that only reads commits the audit entry alone."""
    return ("firestore", "Commit", writes)


DECRYPT: CountedCall = ("kms", "Decrypt", 0)
GET_PUBLIC_KEY: CountedCall = ("kms", "GetPublicKey", 0)
SIGN: CountedCall = ("kms", "AsymmetricSign", 0)
TASK: CountedCall = ("tasks", "CreateTask", 0)
START_UPLOAD: CountedCall = ("storage", "resumable.start", 0)
GET_OBJECT: CountedCall = ("storage", "objects.get", 0)
SIGN_BLOB: CountedCall = ("iam", "SignBlob", 0)
DELETE_OBJECT: CountedCall = ("storage", "objects.delete", 0)
RECOGNISE: CountedCall = ("speech", "BatchRecognize", 0)
WRITE: CountedCall = ("gemini", "generateContent", 0)


def contains(calls: Sequence[CountedCall], part: Sequence[CountedCall]) -> bool:
    """True if some of the calls are these, one after another."""
    return any([*calls[start : start + len(part)]] == [*part] for start in range(len(calls)))


@dataclass(frozen=True)
class Deviation:
    """The calls and documents of a request in addition to those of its kind."""

    reason: str
    read: int = 0
    """Additional documents in the first read."""
    written: int = 0
    """Additional documents in the commit."""
    between: Sequence[CountedCall] = ()
    """Calls between the first read and the commit."""
    after: Sequence[CountedCall] = ()
    """Calls after the commit."""


def expected_calls(name: str, deviation: Deviation | None = None) -> list[CountedCall]:
    """The calls of a request to an operation, in order."""
    deviation = deviation or Deviation("none")
    return [
        reads(_documents_read(name) + deviation.read),
        *deviation.between,
        commit(_documents_written(name) + deviation.written),
        *deviation.after,
    ]


def _documents_read(name: str) -> int:
    """The caller; the target; the patient, which has the keys; with an Idempotency-Key the stored response.

    The stored response counts only if the key is required: the journey sends no optional key.
    """
    operation, case = operations()[name], case_of(name)
    about_a_patient = case.state.scope == Scope.PATIENT
    is_patient = about_a_patient and name.startswith("patients.")
    has_target = case.state == State.OWN_PROFILE or ("id" in operation.signature.parameters and not is_patient)
    return 1 + has_target + about_a_patient + operation.requires_idempotency_key


def _documents_written(name: str) -> int:
    """The audit entry; the changed record; the response that is stored for a repeated request; after a read of records
    of a patient their count, for the quota of the hour."""
    operation = operations()[name]
    shown = operation.counts_shown and case_of(name).state.scope == Scope.PATIENT
    return 1 + (not operation.counts_shown) + operation.requires_idempotency_key + shown


def counted(calls: Sequence[Call]) -> list[CountedCall]:
    """The recorded calls in the form in which tests compare them."""
    return [(call.service, call.method, _documents(call)) for call in calls]


def _documents(call: Call) -> int:
    return sum(call.amounts.values()) if call.service == "firestore" else 0


def calls_when_repeated(clinic: TestClinic, function: str, act: Callable[[], object]) -> list[CountedCall]:
    """The calls of the function when the action is repeated, with the keys warm."""
    act()
    return calls_during(clinic, function, act)


def calls_during(clinic: TestClinic, function: str, act: Callable[[], object]) -> list[CountedCall]:
    """The calls of the function during the action."""
    clinic.stack.wait_idle(60)
    mark = clinic.stack.recorder.mark()
    act()
    return counted([call for call in clinic.stack.recorder.calls(mark) if call.caller == function])
