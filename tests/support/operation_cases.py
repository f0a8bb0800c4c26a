"""Requests made from the operation cases, with the ids of real records."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from local.demo.pieces import digest_of
from shared.records.billing.bill import Bill
from shared.records.patients.patient import Patient
from shared.records.reports.report import Report
from shared.records.types import Role, new_id
from shared.web.operations import Operation
from tests.support.charts import PRIVATE, Chart
from tests.support.client import ApiClient, Reply
from tests.support.free_times import free_local_time, free_time
from tests.support.live import PIECE
from tests.support.scenarios import (
    Person,
    Scenario,
    picture,
    plant_calendar,
    plant_device,
    plant_online_payment,
    plant_profile,
    plant_provider,
    plant_reminders,
    plant_schedule,
    plant_settings,
    plant_style,
    plant_templates,
    plant_user,
)
from tools.openapi import bill_factories
from tools.openapi.document import apis
from tools.openapi.link_factories import SUFFIX
from tools.openapi.names import operation_name, operations_of
from tools.openapi.operation_cases import CASES, EXAMPLE_IDS
from tools.openapi.operation_cases.billing import OTHER_BILL
from tools.openapi.operation_cases.case import OperationCase, Placeholder, Scope, State
from tools.openapi.operation_cases.clinic import DEVICE
from tools.openapi.operation_cases.sample_clinic import COLLEAGUE, DOCTOR
from tools.openapi.operation_cases.templates import FAMILY

_ID_PARTS = re.compile(r"[a-z0-9]{8,}")
SEEN = '"1"'
"""The ETag of every record that tests create directly."""

_LIMITED = {Placeholder.FREE_TIME: free_time, Placeholder.FREE_LOCAL_TIME: free_local_time}
"""Values of which a process has some 1,800, so that a request takes only those it needs."""


def operations() -> dict[str, Operation]:
    """Every operation of the API, by its resource and its name."""
    return {operation_name(api, operation): operation for api, operation in operations_of(apis())}


@dataclass(frozen=True)
class RequestSpec:
    """A request, apart from its method and path."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """The path parameters, and the id of the patient in the body."""
    body: Any = None
    etag: str = ""
    media_type: str = "application/json"
    query: Mapping[str, str] = field(default_factory=dict)

    def with_unknown(self, name: str) -> RequestSpec:
        """The same request with an id of the same form that does not exist."""
        known = self.ids[name]
        unknown = _ID_PARTS.sub(lambda part: new_id(len(part[0])), known)
        if isinstance(self.body, bytes):
            return replace(self, ids={**self.ids, name: unknown})
        body = json.loads(json.dumps(self.body).replace(known, unknown))
        return replace(self, ids={**self.ids, name: unknown}, body=body)

    def send(self, client: ApiClient, name: str, operation: Operation) -> Reply:
        """Send the request to an operation."""
        path = "/" + name.partition(".")[0] + operation.path.format(**self.ids)
        headers = {"Content-Type": self.media_type} if operation.media_types else {}
        if self.query:
            path += f"?{urlencode(self.query)}"
        if operation.upload and operation.upload.digested:
            headers["Content-Digest"] = digest_of(self.body)
        if operation.accepts_idempotency_key:
            headers["Idempotency-Key"] = new_id()
        return client.send(operation.method, path, self.body, etag=self.etag, **headers)


def case_of(name: str) -> OperationCase:
    """The case of an operation."""
    assert name in CASES, f"{name} has no case: add one to tools/openapi/operation_cases"
    return CASES[name]


def prepare(name: str, scenario: Scenario, person: Person) -> RequestSpec:
    """Create the state that an operation needs, and the person's request to it."""
    case, operation = case_of(name), operations()[name]
    live = _live_values(
        case, scenario, person, changes=bool(operation.signature.parameters) and operation.method != "GET"
    )
    path = _resolved({**case.path, **case.test_path}, live)
    body = _resolved(case.body if case.test_body is None else case.test_body, live)
    patient = {"patient_id": body["patient_id"]} if isinstance(body, dict) and "patient_id" in body else {}
    etag = SEEN if operation.accepts_if_match else ""
    query = _resolved(case.test_query, live)
    media_type = next(iter(operation.media_types), "")
    return RequestSpec({**path, **patient}, body, etag, media_type, query)


def _live_values(case: OperationCase, scenario: Scenario, person: Person, *, changes: bool) -> dict[Any, Any]:
    """The values in the test clinic, by placeholder or example id."""
    values: dict[Any, Any] = {
        DOCTOR: scenario.clinic.doctor.user_id,
        COLLEAGUE: scenario.colleague,
        Placeholder.OWNER: None if Role.DOCTOR in person.roles else person.clinic.doctor.user_id,
        Placeholder.SHARED_DOCTOR: scenario.disabled,
        Placeholder.OTHER_PATIENT: scenario.other_patient,
        Placeholder.PATIENT_NAME: PRIVATE,
        Placeholder.UNUSED_EMAIL: f"{new_id()}@clinic.example",
        Placeholder.UNUSED_REFERENCE: new_id(),
        Placeholder.PICTURE: picture(),
        Placeholder.PIECE: PIECE,
        Placeholder.NOW: datetime.now(UTC).isoformat(),
    }
    values |= {placeholder: make() for placeholder, make in _LIMITED.items() if _mentions(placeholder, case)}
    if _mentions(Placeholder.DUPLICATE, case):
        values[Placeholder.DUPLICATE] = scenario.clinic.patient().body["id"]
    if case.state == State.OWN_PROFILE:
        plant_profile(person.clinic, person.user_id, licence_number="KMC 45821")
    if case.state == State.OWN_TEMPLATE:
        doctor = person.user_id if Role.DOCTOR in person.roles else None
        values |= plant_templates(person.clinic, doctor, *FAMILY)
    if case.state == State.OWN_STYLE:
        plant_style(person.clinic, person.user_id)
    if case.state == State.OWN_SCHEDULE:
        values[DOCTOR] = person.user_id if Role.DOCTOR in person.roles else person.clinic.doctor.user_id
        plant_schedule(person.clinic, values[DOCTOR])
    if case.state == State.OWN_REMINDERS:
        plant_reminders(person.clinic)
    if case.state == State.OWN_SETTINGS:
        values[DOCTOR] = person.clinic.doctor.user_id
        plant_settings(person.clinic)
    if case.state in (State.OWN_PROVIDER, State.ONLINE):
        plant_provider(person.clinic)
    if case.state == State.OWN_PROVIDER:
        plant_online_payment(person.clinic)
    if case.state == State.OWN_CALENDAR:
        plant_calendar(person.clinic, person.user_id)
    if case.state == State.OWN_DEVICE:
        plant_device(person.clinic, person.user_id, DEVICE)
    if case.state.scope == Scope.CLINIC:
        values[COLLEAGUE] = new_id(28)
        disabled = case.state == State.DISABLED_STAFF_MEMBER
        plant_user(scenario.clinic, values[COLLEAGUE], [Role.RECEPTIONIST], disabled=disabled)
    if case.state == State.STAFF_MEMBER_WITH_PROFILE:
        first_name, _, last_name = case.body["full_name"].partition(" ")
        names = {"first_name": first_name, "last_name": last_name, "licence_number": case.body["licence_number"]}
        plant_profile(scenario.clinic, values[COLLEAGUE], **names)
    if case.state.scope == Scope.PATIENT:
        chart = scenario.fresh_chart(case.state) if changes or case.state != State.VISIT else scenario.chart
        values |= _ids_in(chart)
        values[Placeholder.MERGED_RECORD] = chart.patient_ids[-1]
        values[Placeholder.OTHER_BILL] = f"{chart.id_of(Patient)}-{OTHER_BILL}"
        values[Placeholder.BILL_SHARE] = f"{chart.id_of(Bill)}-{bill_factories.SUFFIX}"
        values[Placeholder.SHARE] = f"{chart.id_of(Report)}-{SUFFIX}"
    return values


def _ids_in(chart: Chart) -> dict[str, str]:
    """The ids of a chart's records, by the ids of the examples."""
    return {example: chart.id_of(model) for example, model in EXAMPLE_IDS.items()}


def _mentions(placeholder: Placeholder, case: OperationCase) -> bool:
    """True if the path or the body of a case contains the placeholder."""
    return any(_contains(value, placeholder) for value in (case.path, case.test_path, case.body, case.test_body))


def _contains(value: Any, placeholder: Placeholder) -> bool:
    if isinstance(value, Mapping):
        return any(_contains(inner, placeholder) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_contains(inner, placeholder) for inner in value)
    return bool(value == placeholder)


def _resolved(value: Any, live: Mapping[Any, Any]) -> Any:
    """A value of a case, with its placeholders and example ids replaced."""
    if isinstance(value, Mapping):
        return {name: _resolved(inner, live) for name, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, live) for inner in value]
    return live.get(value, value) if isinstance(value, str | Placeholder) else value
