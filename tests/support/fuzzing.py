"""Schemathesis against the running stack, with requests that refer to existing records.

Schemathesis generates valid and invalid requests from the API's description. This module adds what the description
cannot contain, from the cases of the tests of all operations: ids of existing records, their ETags, unused keys.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from click.testing import CliRunner
from hypothesis import strategies
from schemathesis import HookContext, Response
from schemathesis.cli import schemathesis as command
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, CoverageScenario, coverage_scenario, negated_parameters

from local.demo.people import PROFILE
from local.demo.pieces import digest_of
from shared.records.patients.patient import Patient
from shared.records.reports.report import Report
from shared.records.templates.shipped import DEFAULT_TEMPLATE_ID
from shared.records.types import Role, new_id
from shared.records.visits.live.recorded import PIECE_TYPES
from shared.records.visits.transcription import Transcription
from tests.support.client import ApiClient, Reply
from tests.support.clinic_settings import OTHER_PREFIXES
from tests.support.clinics import plant_confirmation
from tests.support.database import alter
from tests.support.free_times import free_local_time, free_time
from tests.support.live import PIECE
from tests.support.operation_cases import RequestSpec, case_of, prepare
from tests.support.scenarios import Person, Scenario, undo_sign_out
from tests.support.thorough import SEED
from tools.openapi.document import apis
from tools.openapi.names import operation_name, operations_of, path_of
from tools.openapi.operation_cases.reports import STATEMENT_ID
from tools.openapi.operation_cases.signed_reports import FINDING

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
"""The checks that are switched off, with reasons."""
_TOKEN = "FUZZ_TOKEN"
"""The environment variable from which the configuration reads the token."""
_KEPT_IDS = 4
"""One in this many requests keeps its generated id."""
_SETTLED_AFTER = 10
"""Seconds after which a record is no longer polled."""
_IN_PROGRESS = Report.waiting_states | Transcription.waiting_states
"""The statuses of records that the system is processing."""
_ALWAYS = {None, CoverageScenario.MISSING_PARAMETER, *REQUEST_SHAPE_PROBES}
"""The cases that are always sent, because they test no limit of a value: missing parameters, other methods and media
types, examples, generated values."""
_FORMATS = {
    "email": strategies.from_regex(r"[a-z][a-z0-9.+]{0,20}[a-z0-9]@[a-z]{1,12}\.(example|org|in)", fullmatch=True),
    "language": strategies.sampled_from(["en-IN", "hi", "kn-IN", "pt-BR", "zh-Hant-TW"]),
    "partial-date": strategies.sampled_from(["1950", "1950-06", "1984-02-29"]),
    "phone": strategies.sampled_from(["+919812345678", "+14155552671", "+442079460958", "+6591234567"]),
    "text": strategies.from_regex(r"[A-Za-zÀ-ÖØ-öक-ह0-9][ -~\n]{0,60}[A-Za-zक-ह]", fullmatch=True),
    "text-line": strategies.from_regex(r"[A-Za-zÀ-ÖØ-öक-ह0-9][ -~]{0,60}[A-Za-zक-ह]", fullmatch=True),
    "time-zone": strategies.sampled_from(["Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+12"]),
}
"""Formats that the API checks against lists, which the description does not contain."""
_LONGEST = {"text": (2_000, 5_000, 10_000, 20_000), "text-line": (200, 500)}
"""The lengths that schemas allow. Without such texts Schemathesis draws a thousand short ones, and none is sent."""

Case = schemathesis.Case[Any]

_KNOWN: Mapping[str, Any] = {
    "appointment_id": None,  # only a planned visit of this patient can start
    "own_texts": [],  # only with all slots, and without words that tell of health
    "dlt_entity_id": None,  # only with registered texts
    "dlt_links_registered": False,
    "notices": ["booked", "moved"],  # each once
    "reminders": [2_880, 120],  # an hour apart
    "days_after_due": [3, 10],  # ascending, two days apart
    "quiet_time": {"begins": "21:00", "ends": "08:00"},  # at most 16 hours
    "amount": 100,  # at most the outstanding amount
    "covered_amount": 100,
    "copay_amount": 0,  # with the deductible at most what is not covered
    "deductible_amount": 0,
    "received_on": None,  # of the last year
    "paid_on": None,
    "discount": None,  # either an amount or a percentage
    "tax": {"rate_percent": "5"},  # either a rate or an exemption
    "fees": [],  # one a type, duration and doctor
    "hours": [],  # without overlaps
    "closures": [],  # one a day
    "rooms": [],  # each once
    "currency": "INR",  # in which the fees are
    "number_prefixes": OTHER_PREFIXES,  # each of one series
    "gst_number": None,  # only with its check digit
    "consent_policy": "strict",  # what other operations need
    "recording_purposes": [],
    "consent_witness_required": False,
    "consent_backdating_days": 30,
    "retention_until_age": None,  # only with `retention_years`
    "session_ids": [],  # only completed ones of the patient
    "primary_diagnosis_code": None,  # only by clinicians
    "content_type": "audio/flac",
    "date_of_birth": "1984-02-29",  # in the past
    "estimated_age": None,  # not beside a date of birth
    "latin_name": {"first_name": "Asha"},  # in Latin letters
    "name_unknown": False,  # not beside a name
    "day": "2026-02-28",  # from 1900 on
    "finding_id": FINDING.id,
    "given_by": "patient",  # others need a name
    "language": "kn-IN",
    "other_languages": ["en-IN"],  # as many as the speech model takes
    "page_token": None,  # only the API can issue one
    "preferred_language": "hi",
    "section": None,  # of an edit: only sections of the report's template
    "segments": None,  # of an edit: only segments of the transcript
    "room_id": None,  # only one of the clinic's
    "instead_of": None,  # only an appointment that the caller sees
    "series_id": None,  # excludes other filters
    "asks_other_time": None,
    "collection_status": None,
    "overdue": None,
    "first_day": "2026-02-01",  # from 1900 on, in this order
    "last_day": "2026-02-28",
    "financial_year_starts_in": 4,  # once documents have numbers
    "from_date": None,  # only from a date of the series on
    "restore_version": None,  # only one that was made
    "requested_by": "patient",
    "sha256": None,  # only that of the text
    "size_bytes": 9,
    "statement_id": STATEMENT_ID,
    "status": "paused",
    "template_id": DEFAULT_TEMPLATE_ID,
}
"""Values of fields and parameters whose schema allows more than the API accepts, such as ids and list entries."""

_DROPPED = {"cancel_pending", "ended_at", "expires_at", "given_at", "paused_seconds", "session_id", "started_at"}
"""Times that are accepted only in some states, and from the last days only; a visit and what a deletion cancels, which
must be the patient's."""

_PARTS: Mapping[str, Mapping[str, Any]] = {
    "address": {"lines": ["14 Lake View Road"]},
    "edits": {"statement_id": STATEMENT_ID, "text": "Sleeps well."},
    "emergency_contact": {"name": "Rohan", "phone": "+919845067890"},
    "wording": {"text": "We record this visit."},
    "insurance": {"provider_name": "Sahyadri Health", "policy_number": "SH-2207"},
}
"""Fields that an object must have if there is no stored object that it changes."""


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    found_nothing: bool
    report: str
    """The output of Schemathesis, with a command to reproduce each finding."""
    answered: Mapping[str, Counter[int]]
    """The number of responses by operation and status."""


class Fuzzer:
    """A user with every role, who sends the requests that Schemathesis generates."""

    def __init__(self, scenario: Scenario) -> None:
        doctor = scenario.clinic.doctor
        alter(scenario.clinic, f"users/{doctor.user_id}", {"roles": [Role.ADMIN.value, Role.DOCTOR.value]})
        self._scenario = scenario
        self._client: ApiClient = doctor
        self._person = Person("everything", doctor.user_id, scenario.clinic, frozenset({Role.ADMIN, Role.DOCTOR}))
        self._names = {
            f"{operation.method} {path_of(api, operation)}": operation_name(api, operation)
            for api, operation in operations_of(apis())
        }
        self._known = {
            **_KNOWN,
            "doctor_id": doctor.user_id,
            "doctor_ids": doctor.user_id,
            "supervisor_id": scenario.colleague,
            "owner_id": scenario.colleague,
            "patient_id": scenario.chart.id_of(Patient),
            "take_over_by": scenario.colleague,
        }
        self._requests: dict[str, RequestSpec] = {}
        self._calls: Counter[str] = Counter()
        self._created: set[str] = set()
        self._keys: set[str] = set()
        self._answered: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def run(
        self, document: Mapping[str, Any], folder: Path, *options: str, one_in: int = 1, long_texts: bool = False
    ) -> Outcome:
        """Test the operations of a description; `options` are those of `schemathesis run`.

        Of the requests that test the limits of values, one in `one_in` is sent; SEED chooses which. With `long_texts`
        there are texts as long as their schemas allow.
        """
        file = folder / "openapi.json"
        file.write_text(json.dumps(document))
        url = self._client.base.removesuffix("/api/v1")
        arguments = ["--config-file", str(CONFIGURATION), "--no-color", "run", str(file), "--url", url, *options]
        with self._hooks(one_in, long_texts=long_texts), pytest.MonkeyPatch.context() as environment:
            environment.setenv(_TOKEN, self._client.token)
            result = CliRunner().invoke(command, arguments)
        return Outcome(result.exit_code == 0, result.output, self._answered)

    @contextmanager
    def _hooks(self, one_in: int, *, long_texts: bool) -> Iterator[None]:
        longest = _LONGEST if long_texts else {}
        for name, strategy in _FORMATS.items():
            schemathesis.openapi.format(name, strategy | _as_long_as(longest[name]) if name in longest else strategy)
        schemathesis.serializer(*PIECE_TYPES)(lambda *_: PIECE)  # no schema describes audio

        limits = count(SEED)

        @schemathesis.hook
        def filter_case(_context: HookContext, case: Case) -> bool:
            return coverage_scenario(case) in _ALWAYS or next(limits) % one_in == 0

        @schemathesis.hook
        def before_call(_context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
            if case.method.upper() == case.operation.method.upper():
                self._use_existing_records(case)

        @schemathesis.hook
        def after_call(_context: HookContext, case: Case, response: Response) -> None:
            self._record(case, response)

        try:
            yield
        finally:
            schemathesis.hooks.unregister_all()

    def _use_existing_records(self, case: Case) -> None:
        """Replace generated ids, ETags, used keys and values in the valid parts of a request."""
        request = self._request(case)
        negated = {name for name, _ in negated_parameters(case.meta)}
        if not negated & case.path_parameters.keys():
            existing = case.path_parameters if self._needs_existing_ids(case) else {"doctor_id"} & request.ids.keys()
            case.path_parameters.update({name: request.ids[name] for name in existing})
        if "If-Match" not in negated and "If-Match" in case.operation.headers:
            case.headers["If-Match"] = self._etag(case, request)
        if case.headers.get("Idempotency-Key") in self._keys:
            case.headers["Idempotency-Key"] = new_id()
        self._keys.add(str(case.headers.get("Idempotency-Key")))
        if not _is_negative(case, ParameterLocation.QUERY):
            asked = {name: case.query[name] for name in ("status",) if name in case.query}  # a filter lists its values
            self._replace_values(case.query)
            case.query.update(asked)
            for name in [name for name, value in case.query.items() if value is None]:
                del case.query[name]  # null is no value of a parameter, and would count as an invalid one
        if not _is_negative(case, ParameterLocation.BODY):
            self._replace_values(case.body)
            if isinstance(case.body, dict) and not any(case.body.values()):
                case.body.update(request.body or {})  # a change without any field is refused
            _move_to_another_patient(case.body, request.body)
            _name_the_other_record(case.body, request.body)
            _book_a_free_time(case.body, request.body)
            _wait_for_a_visit(case.body, request.body)
            _book_a_free_series(case.body, request.body)
            _change_a_visit(case.body, request.body)
            _keep_the_hours(case.body, request.body)
            _use_the_credit(case.body, request.body)
            _record_a_step(case.body, request.body)
            _name_the_patient(case.body, request.body)
            _share_with_the_patient(case.body, request.body)
            _invite_a_new_address(case.body)
            _die_lately(case.body, request.body)
            _declare_what_is_missing(case.body, request.body)
            _send_the_piece(case, request)

    def _request(self, case: Case) -> RequestSpec:
        """A valid request to the operation, about a record that no request has changed."""
        name = self._names[case.operation.label]
        if name not in self._requests:
            self._requests[name] = prepare(name, self._scenario, self._person)
        return self._requests[name]

    def _needs_existing_ids(self, case: Case) -> bool:
        self._calls[case.operation.label] += 1
        created = self._created & set(case.path_parameters.values())  # by earlier requests of the same sequence
        return not created and self._calls[case.operation.label] % _KEPT_IDS != 0

    def _etag(self, case: Case, request: RequestSpec) -> str:
        """The ETag of the record that the request names."""
        record_id = case.path_parameters.get("id", request.ids.get("id"))
        if record_id == request.ids.get("id"):
            return request.etag
        resource = self._names[case.operation.label].partition(".")[0]
        if "/appointments/series/" in case.operation.path:
            resource = "appointments/series"
        return str(self._settled(f"/{resource}/{quote(str(record_id), safe='')}").headers.get("ETag", request.etag))

    def _settled(self, path: str) -> Reply:
        """The record, after the system has processed it: until then it changes without a request."""
        deadline = time.monotonic() + _SETTLED_AFTER
        while True:
            reply = self._client.get(path)
            if reply.body.get("status") not in _IN_PROGRESS or time.monotonic() > deadline:
                return reply
            time.sleep(0.1)

    def _replace_values(self, values: Any, within: str = "") -> None:
        """Replace values that the API cannot accept; `within` is the name of the enclosing field."""
        if isinstance(values, list):
            if any(isinstance(item, dict) and "number" in item for item in values):
                del values[1:]  # a transcript with one segment takes one edit
            for item in values:
                self._replace_values(item, within)
        if isinstance(values, dict):
            if "number" in values:  # the edit of a transcript
                values["number"] = 1
            else:
                values.update({name: part for name, part in _PARTS.get(within, {}).items() if values.get(name) is None})
            if values.get("method") == "document":  # a consent on paper says where that is
                values["document_reference"] = "Folder 3"
            for name in _DROPPED & values.keys():
                del values[name]
            for name, value in values.items():
                if value is not None and name in self._known:
                    values[name] = self._known[name]
                elif isinstance(value, float) and value.is_integer():
                    values[name] = int(value)  # 5.0 is an integer in JSON Schema, but not for the API
                else:
                    self._replace_values(value, name)

    def _record(self, case: Case, response: Response) -> None:
        self._answered[case.operation.label][response.status_code] += 1
        if response.status_code >= 300:
            return
        name = self._names[case.operation.label]
        if case_of(name).ends_sign_in:
            undo_sign_out(self._scenario.clinic, self._person.user_id)
        if name == "profile.put":
            self._restore_profile()
        if case.operation.method.upper() != "GET":
            self._requests.clear()
            self._scenario.mark_used()
        if "application/json" in response.headers.get("content-type", []):
            self._created.add(response.json().get("id", ""))

    def _restore_profile(self) -> None:
        """Give the signer the confirmed name and licence number again."""
        self._client.put("/profile", PROFILE, etag=self._client.get("/profile").etag).ok()
        plant_confirmation(self._scenario.clinic, self._client)


def _as_long_as(limits: Iterable[int]) -> strategies.SearchStrategy[str]:
    """Texts of these lengths, and one character shorter."""
    lengths = [limit - less for limit in limits for less in (0, 1)]
    return strategies.sampled_from(lengths).map(lambda length: ("Sleeps well, " * length)[: length - 1] + "s")


def _name_the_patient(body: Any, valid: Any) -> None:
    """Give the demographics of a patient one of the two names: no schema says that one is required."""
    demographics = isinstance(body, dict) and isinstance(valid, dict) and {"date_of_birth", "occupation"} & valid.keys()
    if demographics and not (body.get("first_name") or body.get("last_name")):
        body["first_name"] = "Asha"


def _use_the_credit(body: Any, valid: Any) -> None:
    """Take the credit from the bill that has one."""
    if isinstance(body, dict) and "from_bill_id" in body:
        body.update(valid)


def _record_a_step(body: Any, valid: Any) -> None:
    """Record a step of the collection that a person may take."""
    if isinstance(body, dict) and isinstance(valid, dict) and valid.get("status") == "disputed":
        body.update(valid, promised_on=None)


def _name_the_other_record(body: Any, known: Any) -> None:
    """A merge names another record as it is now, and its undoing the record that is merged."""
    if isinstance(body, dict) and isinstance(known, dict) and known.keys() <= {"patient_id", "patient_revision"}:
        body.update(known)


def _move_to_another_patient(body: Any, valid: Any) -> None:
    """Move a session from the patient that it is at, to one who has consented."""
    if isinstance(body, dict) and "from_patient_id" in body:
        body.update(valid)


def _book_a_free_time(body: Any, valid: Any) -> None:
    """Book at a time of the schedules' years at which nobody has an appointment."""
    if isinstance(body, dict) and isinstance(valid, dict) and "scheduled_at" in valid:
        body.update(scheduled_at=free_time(), local_time=None, occurrence=None, outside_schedule=True)


def _wait_for_a_visit(body: Any, valid: Any) -> None:
    """Wait for doctors of the clinic, at times that end after they begin, from today on."""
    if isinstance(body, dict) and isinstance(valid, dict) and "times" in valid:
        body.update(doctor_ids=valid["doctor_ids"], times=deepcopy(valid["times"]), until=None)


def _book_a_free_series(body: Any, valid: Any) -> None:
    """Book a series at times at which nobody has an appointment; its other dates follow from the rule."""
    if isinstance(body, dict) and isinstance(valid, dict) and "rule" in valid:
        body.update(local_time=free_local_time(), time_zone="UTC", rule=valid["rule"])
        body.update(excluded_dates=[], moved_dates=[], outside_schedule=True)


def _change_a_visit(body: Any, valid: Any) -> None:
    """Change the duration of the visit of a series: other changes depend on its dates."""
    if isinstance(body, dict) and isinstance(valid, dict) and valid.keys() == {"duration_minutes", "outside_schedule"}:
        body.update(valid, from_date=None, days_later=0, time=None, excluded_dates=[], moved_dates=[], doctor_id=None)


def _keep_the_hours(body: Any, valid: Any) -> None:
    """Give a schedule hours and times that end after they begin, which no schema can say."""
    if isinstance(body, dict) and isinstance(valid, dict) and "slot_minutes" in valid:
        body.update({name: deepcopy(valid[name]) for name in ("hours", "blocked", "visit_rules") if name in body})


def _share_with_the_patient(body: Any, valid: Any) -> None:
    """Share with the patient, who consents to it and has a mail address, and with nobody else."""
    if isinstance(body, dict) and isinstance(valid, dict) and "recipient" in valid:
        body.update({name: valid[name] for name in ("recipient", "purpose", "channel")}, doctor_id=None, level=None)
        if body.get("passcode") == "sent_code":  # by the other channel
            body["passcode"] = "told_code"


def _invite_a_new_address(body: Any) -> None:
    """Invite somebody whom no clinic of the stack has invited."""
    if isinstance(body, dict) and {"email", "roles"} <= body.keys():
        body["email"] = f"{new_id()}@clinic.example"


def _die_lately(body: Any, valid: Any) -> None:
    """Record a death after the birth, which is in no schema, of a patient without coming appointments."""
    if isinstance(body, dict) and isinstance(valid, dict) and valid.keys() == {"date"}:
        body.update(valid)


def _declare_what_is_missing(body: Any, valid: Any) -> None:
    """Declare lost what the live recording of the session lacks."""
    if isinstance(body, dict) and isinstance(valid, dict) and "end_after" in valid:
        body.update({name: valid[name] for name in ("recording_id", "numbers", "end_after")})


def _send_the_piece(case: Case, valid: RequestSpec) -> None:
    """Give a piece of a live recording, which every body of audio is, its digest and its place in the recording."""
    if "Content-Digest" in case.headers and not _is_negative(case, ParameterLocation.HEADER):
        case.headers["Content-Digest"] = digest_of(PIECE)
        if not _is_negative(case, ParameterLocation.QUERY):
            case.query.update(valid.query)


def _is_negative(case: Case, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)
