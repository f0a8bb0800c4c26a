"""One case per HTTP operation, by domain. The OpenAPI document and the tests of all operations are made from them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.records.record import Record
from tools.openapi.operation_cases import (
    billing,
    books,
    clinic,
    clinic_settings,
    consents,
    exports,
    live,
    messages,
    patients,
    reminders,
    reports,
    rewriting,
    scheduling,
    sharing,
    signed_reports,
    templates,
    visits,
)
from tools.openapi.operation_cases.case import OperationCase

_CASES: Mapping[str, OperationCase] = {
    **patients.CASES,
    **consents.CASES,
    **scheduling.CASES,
    **messages.CASES,
    **reminders.CASES,
    **visits.CASES,
    **live.CASES,
    **reports.CASES,
    **rewriting.CASES,
    **signed_reports.CASES,
    **sharing.CASES,
    **exports.CASES,
    **billing.CASES,
    **books.CASES,
    **templates.CASES,
    **clinic.CASES,
    **clinic_settings.CASES,
}
_ALIASES = {
    "appointments.change_by_put": "appointments.change",
    "reports.correct_by_put": "reports.correct",
    "bills.change_by_put": "bills.change",
    "clinic.change_by_put": "clinic.change",
    "sessions.change_by_put": "sessions.change",
}
"""The operations that have the handler of another one."""
CASES: Mapping[str, OperationCase] = {**_CASES, **{alias: _CASES[name] for alias, name in _ALIASES.items()}}
"""By the operation's resource and name, such as `patients.get`."""

_RECORDS: tuple[Record, ...] = (
    patients.PATIENT,
    scheduling.APPOINTMENT,
    scheduling.SERIES,
    scheduling.WAITING,
    messages.MESSAGE,
    visits.SESSION,
    visits.RECORDING,
    visits.TRANSCRIPTION,
    reports.REPORT,
    exports.EXPORT,
    billing.BILL,
)
EXAMPLE_IDS: Mapping[str, type[Record]] = {record.id: type(record) for record in _RECORDS}
"""The type of record that each id in the examples belongs to."""
