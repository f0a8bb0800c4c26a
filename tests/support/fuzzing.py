"""Schemathesis, set on the running stack: what it makes up meets things that are there.

It makes up requests from the API's description, good ones and bad ones. What no description can tell is put in here,
from the recipes of the tests of all operations: ids of what exists, its ETag, a key that was not used before.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

from shared.records.patients.patient import Patient
from shared.records.reports.report import Report
from shared.records.reports.template import DEFAULT_TEMPLATE_ID
from shared.records.types import Role, new_id
from shared.records.visits.transcription import Transcription
from tests.support.client import ApiClient, Reply
from tests.support.database import alter
from tests.support.operation_cases import RequestSpec, case_of, prepare
from tests.support.scenarios import Person, Scenario, undo_sign_out
from tools.openapi.document import apis
from tools.openapi.names import operation_name, operations_of, path_of
from tools.openapi.operation_cases.reports import STATEMENT_ID

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
"""Which checks cannot hold where, and why."""
_TOKEN = "FUZZ_TOKEN"
"""The environment variable that the configuration takes the token from."""
_STRAY = 4
"""One in so many requests keeps the id that was made up for it."""
_SETTLED_AFTER = 10
"""Seconds."""
_UNDERWAY = Report.waiting_states | Transcription.waiting_states
"""Statuses of what the system is at work on."""
_ALWAYS = {None, CoverageScenario.MISSING_PARAMETER, *REQUEST_SHAPE_PROBES}
"""What is no limit of a value: lacking parameters, other methods and media types; examples, and what is made up."""
_FORMATS = {
    "email": strategies.from_regex(r"[a-z][a-z0-9.+]{0,20}[a-z0-9]@[a-z]{1,12}\.(example|org|in)", fullmatch=True),
    "language": strategies.sampled_from(["en-IN", "hi", "kn-IN", "pt-BR", "zh-Hant-TW"]),
    "phone": strategies.sampled_from(["+919812345678", "+14155552671", "+442079460958", "+6591234567"]),
    "time-zone": strategies.sampled_from(["Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+12"]),
}
"""What is checked against lists: a description only names the list."""

Case = schemathesis.Case[Any]

_KNOWN: Mapping[str, Any] = {
    "amount": 100,  # at most what is outstanding
    "content_type": "audio/flac",
    "date_of_birth": "1984-02-29",  # in the past
    "language": "kn-IN",
    "page_token": None,  # only a list can make one
    "preferred_language": "hi",
    "scheduled_at": "2099-01-01T10:00:00Z",  # in the future
    "size_bytes": 9,
    "statement_id": STATEMENT_ID,
    "status": "paused",
    "template_id": DEFAULT_TEMPLATE_ID,
}
"""What only some values of a schema are right for, by field or parameter: what is planted, or listed elsewhere."""

_PARTS: Mapping[str, Mapping[str, Any]] = {
    "address": {"lines": ["14 Lake View Road"]},
    "edits": {"statement_id": STATEMENT_ID, "text": "Sleeps well."},
    "emergency_contact": {"name": "Rohan", "phone": "+919845067890"},
    "insurance": {"provider_name": "Sahyadri Health", "policy_number": "SH-2207"},
}
"""What an object needs where nothing is there that it could change."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    found_nothing: bool
    report: str
    """What Schemathesis says of it, with a command to repeat each finding."""
    answered: Mapping[str, Counter[int]]
    """How often an operation answered with each status."""


class Fuzzer:
    """Somebody who may do everything in a clinic of their own, and asks what Schemathesis makes up."""

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
            "owner_id": scenario.colleague,
            "patient_id": scenario.chart.id_of(Patient),
        }
        self._requests: dict[str, RequestSpec] = {}
        self._calls: Counter[str] = Counter()
        self._made: set[str] = set()
        self._keys: set[str] = set()
        self._answered: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def run(self, document: Mapping[str, Any], folder: Path, *options: str, one_in: int = 1) -> Outcome:
        """Try the operations of a description; `options` are those of `schemathesis run`.

        Of the requests that go to the limits of the description, and beyond, one in so many is sent.
        """
        file = folder / "openapi.json"
        file.write_text(json.dumps(document))
        url = self._client.base.removesuffix("/api/v1")
        arguments = ["--config-file", str(CONFIGURATION), "--no-color", "run", str(file), "--url", url, *options]
        with self._guiding(one_in), pytest.MonkeyPatch.context() as environment:
            environment.setenv(_TOKEN, self._client.token)
            result = CliRunner().invoke(command, arguments)
        return Outcome(result.exit_code == 0, result.output, self._answered)

    @contextmanager
    def _guiding(self, one_in: int) -> Iterator[None]:
        for name, strategy in _FORMATS.items():
            schemathesis.openapi.format(name, strategy)

        limits = count()

        @schemathesis.hook
        def filter_case(_context: HookContext, case: Case) -> bool:
            return coverage_scenario(case) in _ALWAYS or next(limits) % one_in == 0

        @schemathesis.hook
        def before_call(_context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
            if case.method.upper() == case.operation.method.upper():
                self._lead(case)

        @schemathesis.hook
        def after_call(_context: HookContext, case: Case, response: Response) -> None:
            self._note(case, response)

        try:
            yield
        finally:
            schemathesis.hooks.unregister_all()

    def _lead(self, case: Case) -> None:
        """Let a request meet what is there, wherever it is a good one."""
        request = self._request(case)
        negated = {name for name, _ in negated_parameters(case.meta)}
        if not negated & case.path_parameters.keys() and self._is_to_be_led(case):
            case.path_parameters.update({name: request.ids[name] for name in case.path_parameters})
        if "If-Match" not in negated and "If-Match" in case.operation.headers:
            case.headers["If-Match"] = self._etag(case, request)
        if case.headers.get("Idempotency-Key") in self._keys:
            case.headers["Idempotency-Key"] = new_id()
        self._keys.add(str(case.headers.get("Idempotency-Key")))
        if not _is_negative(case, ParameterLocation.QUERY):
            self._make_true(case.query)
            case.query.pop("page_token", None)
        if not _is_negative(case, ParameterLocation.BODY):
            self._make_true(case.body)
            if isinstance(case.body, dict) and not any(case.body.values()):
                case.body.update(request.body or {})  # a change of nothing is refused

    def _request(self, case: Case) -> RequestSpec:
        """How the operation is asked for something that nobody has changed yet."""
        name = self._names[case.operation.label]
        if name not in self._requests:
            self._requests[name] = prepare(name, self._scenario, self._person)
        return self._requests[name]

    def _is_to_be_led(self, case: Case) -> bool:
        self._calls[case.operation.label] += 1
        known = self._made & set(case.path_parameters.values())  # by the requests before, that this one follows
        return not known and self._calls[case.operation.label] % _STRAY != 0

    def _etag(self, case: Case, request: RequestSpec) -> str:
        """The ETag of what the request is about."""
        about = case.path_parameters.get("id", request.ids.get("id"))
        if about == request.ids.get("id"):
            return request.etag
        resource = self._names[case.operation.label].partition(".")[0]
        return str(self._settled(f"/{resource}/{quote(str(about), safe='')}").headers.get("ETag", request.etag))

    def _settled(self, path: str) -> Reply:
        """What is there, when the system has done with it: a report that is being written changes by itself."""
        deadline = time.monotonic() + _SETTLED_AFTER
        while True:
            reply = self._client.get(path)
            if reply.body.get("status") not in _UNDERWAY or time.monotonic() > deadline:
                return reply
            time.sleep(0.1)

    def _make_true(self, given: Any, within: str = "") -> None:
        """Name what is there, wherever a good request names something."""
        if isinstance(given, list):
            for item in given:
                self._make_true(item, within)
        if isinstance(given, dict):
            given.update({name: part for name, part in _PARTS.get(within, {}).items() if given.get(name) is None})
            for name, value in given.items():
                if value is not None and name in self._known:
                    given[name] = self._known[name]
                elif isinstance(value, float) and value.is_integer():
                    given[name] = int(value)  # JSON Schema calls 5.0 an integer, and we do not
                else:
                    self._make_true(value, name)

    def _note(self, case: Case, response: Response) -> None:
        self._answered[case.operation.label][response.status_code] += 1
        if response.status_code >= 300:
            return
        if case_of(self._names[case.operation.label]).ends_sign_in:
            undo_sign_out(self._scenario.clinic, self._person.user_id)
        if case.operation.method.upper() != "GET":
            self._requests.clear()
            self._scenario.mark_used()
        if "application/json" in response.headers.get("content-type", []):
            self._made.add(response.json().get("id", ""))


def _is_negative(case: Case, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)
