"""Alerts and sinks match the log lines of the code: the planned filters are evaluated on lines that it really logs."""

from __future__ import annotations

import importlib.util
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
from cloudevents.http import CloudEvent

from infra.catalogue import ROOT
from infra.check.deployment import Deployment
from local.services.kit.identity import PROJECT
from shared import settings
from shared.records.record import Stamp
from shared.records.reports.report import Report
from shared.records.visits.transcription import LONGEST_POLL_GAP
from shared.store.audit import Entry, Origin
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import utc_now
from shared.store.queries import Found
from shared.web import logs
from shared.web.triggers import TaskBody, on_document_written, on_task_dispatched
from shared.workflows import sweep
from shared.workflows.visits.live import log as live_log
from shared.workflows.visits.live.log import Gap
from tests.support import invokers
from tools.openapi.live_factories import live_piece

POLICY = "google_monitoring_alert_policy"
ENTRY = Entry(
    id="entry-1",
    clinic_id="aster",
    at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    actor_id="doctor-1",
    roles=("doctor",),
    action="patient.read",
    outcome="done",
    patient_ids=("patient-1",),
    documents=("patients/patient-1",),
    granted=(),
    attempt=0,
    origin=Origin(request_id="request-1"),
)
Line = Mapping[str, Any]
Logged = Callable[[], list[Line]]

_TOKENS = re.compile(r'\(|\)|\bAND\b|\bOR\b|\bNOT\b|[\w.]+\s*(?:!=|=~|>=|=)\s*(?:"(?:[^"\\]|\\.)*"|\w+)|\S+')
_COMPARISON = re.compile(r'([\w.]+)\s*(!=|=~|>=|=)\s*"?(.*?)"?$', re.S)


class Filter:
    """The subset of the Logging query language that infra/ uses for log lines; other syntax is an error."""

    def __init__(self, query: str) -> None:
        self._tokens = _TOKENS.findall(query)

    def matches(self, entry: Line) -> bool:
        """True if the filter matches an entry, whose field names contain dots."""
        self._rest = iter([*self._tokens, ")"])
        return self._all(entry)

    def _all(self, entry: Line) -> bool:
        """All comparisons up to the closing bracket; adjacent comparisons are combined with AND."""
        result = True
        for token in self._rest:
            if token == ")":
                return result
            if token != "AND":
                result &= self._one(token, entry)
        raise AssertionError("a bracket is not closed")

    def _one(self, token: str, entry: Line) -> bool:
        if token == "NOT":
            return not self._one(next(self._rest), entry)
        if token == "(":
            return self._all(entry)
        comparison = _COMPARISON.match(token)
        assert comparison, f"{token} is not understood here"
        field, operator, expected = comparison.groups()
        found = str(entry.get(field, ""))
        if operator == ">=" and field != "severity":
            return float(found) >= float(expected)
        if operator == ">=":
            return logging.getLevelNamesMapping()[found] >= logging.getLevelNamesMapping()[expected]
        if operator == "=~":
            return re.search(expected, found) is not None
        return (found == expected) == (operator == "=")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """The lines logged so far, as Cloud Logging stores the standard output of a function."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setattr(logging.root, "handlers", [])
    _forget()

    def lines() -> list[Line]:
        return [_entry(json.loads(line)) for line in capsys.readouterr().out.splitlines()]

    yield lines
    _forget()


def _forget() -> None:
    settings.load.cache_clear()
    logs.configure.cache_clear()


def _entry(line: dict[str, Any]) -> Line:
    """Cloud Logging moves some fields of a line to the entry and stores the others as its payload."""
    own = {"severity": line.pop("severity"), "resource.type": "cloud_run_revision"}
    line.pop("logging.googleapis.com/trace", None)
    return own | {f"jsonPayload.{name}": value for name, value in line.items()}


def _sink(planned: Deployment) -> Filter:
    return Filter(planned.plan.named("google_logging_project_sink")["audit-product"].text("filter"))


def _alert(planned: Deployment, title: str) -> Filter:
    policy = planned.plan.named(POLICY, "display_name")[title]
    return Filter(policy.text("conditions", "condition_matched_log", "filter"))


def _query(planned: Deployment, title: str) -> str:
    policy = planned.plan.named(POLICY, "display_name")[title]
    return policy.text("conditions", "condition_prometheus_query_language", "query")


def _levels() -> list[str]:
    """The log levels that infra/variables.tf allows."""
    allowed = re.search(r"contains\((\[[^]]*\]), var\.log_level\)", (ROOT / "infra" / "variables.tf").read_text())
    assert allowed
    return list(json.loads(allowed[1]))


def _sweep_one(kind: str, settle: Callable[[Clinic, str], str | None]) -> None:
    """Have the sweep recover one stalled job."""
    watch = sweep.Watch(kind, Report, ("pending",), timedelta(minutes=30), settle)
    sweep._recovered(watch, Found("aster", "job-1"), "tick-1", utc_now)


def _fails(clinic: Clinic, job_id: str) -> str | None:
    raise LookupError


def _drop_invalid_deliveries() -> None:
    """Two invalid deliveries, which are logged and dropped."""
    handle = on_task_dispatched(TaskBody, lambda clinic, body, delivery: None)
    headers = {"Authorization": invokers.authorization()}
    with (
        invokers.expected(),
        flask.Flask("tasks").test_request_context("/", method="POST", data=b"[]", headers=headers) as context,
    ):
        handle(context.request)
    written = {
        "id": "e",
        "type": "google.cloud.firestore.document.v1.written",
        "source": "//t",
        "subject": "documents/x",
    }
    with invokers.expected(), flask.Flask("events").test_request_context("/", method="POST", headers=headers):
        on_document_written(lambda clinic, document_id: None)(CloudEvent(written, None))


def test_digests_of_the_audit_trail_are_routed_to_the_audit_log(planned: Deployment, logged: Logged) -> None:
    logs.configure()
    ENTRY.log()

    (line,) = logged()
    assert _sink(planned).matches(line)
    assert line["jsonPayload.audit_id"] == "entry-1"
    assert re.fullmatch("[0-9a-f]{64}", line["jsonPayload.digest"])


def test_no_other_line_is_routed_to_the_audit_log(planned: Deployment, logged: Logged) -> None:
    logs.configure()
    _drop_invalid_deliveries()
    _sweep_one("report", lambda clinic, job_id: "failed")

    lines = logged()
    assert len(lines) == 3
    assert not any(_sink(planned).matches(line) for line in lines)


@pytest.mark.parametrize("level", _levels())
def test_the_audit_trail_and_stuck_jobs_are_logged_at_every_allowed_level(
    level: str, planned: Deployment, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)
    logs.configure()
    ENTRY.log()
    _sweep_one("report", lambda clinic, job_id: "failed")

    digest, stalled = logged()
    assert _sink(planned).matches(digest)
    assert _alert(planned, "A job was stuck").matches(stalled)


def test_a_stuck_job_is_alerted_with_its_kind_and_action(planned: Deployment, logged: Logged) -> None:
    logs.configure()
    _sweep_one("transcription", lambda clinic, job_id: "retried")
    _sweep_one("report", _fails)

    lines = logged()
    assert all(_alert(planned, "A job was stuck").matches(line) for line in lines)
    assert not any(_alert(planned, "The code failed").matches(line) for line in lines)
    policy = planned.plan.named(POLICY, "display_name")["A job was stuck"]
    labels = policy.get("conditions", "condition_matched_log", "label_extractors")
    found = [
        [line[extract.removeprefix("EXTRACT(").removesuffix(")")] for line in lines] for extract in labels.values()
    ]
    assert dict(zip(labels, found, strict=True)) == {"kind": ["transcription", "report"], "action": ["retried", "none"]}


@pytest.mark.parametrize("kind", ["recording", "offer"])
def test_an_expired_upload_is_alerted_only_if_it_cannot_be_closed(
    kind: str, planned: Deployment, logged: Logged
) -> None:
    logs.configure()
    _sweep_one(kind, lambda clinic, job_id: "expired")
    _sweep_one(kind, _fails)

    closed, failed = logged()
    assert not _alert(planned, "A job was stuck").matches(closed)
    assert _alert(planned, "A job was stuck").matches(failed)


def test_live_audio_is_counted_and_its_gaps_are_alerted(planned: Deployment, logged: Logged) -> None:
    logs.configure()
    piece = live_piece("s1-a1", 7, Stamp("doctor-1", ENTRY.at))
    late = system_clinic("aster", "test", clock=lambda: piece.captured_at + timedelta(seconds=10.7))
    live_log.received(late, piece.receipt, again=False)
    live_log.received(late, piece.receipt, again=True)
    for reason in Gap:
        live_log.gap("aster", "s1", reason)

    stored, repeated, *gaps = logged()
    counted = {
        metric.text("name"): Filter(metric.text("filter")) for metric in planned.plan.of("google_logging_metric")
    }
    alert = _alert(planned, "Audio of a visit is missing")
    assert all(counted["live_pieces"].matches(line) for line in (stored, repeated))
    assert [counted["live_delay"].matches(line) for line in (stored, repeated)] == [True, False]
    assert (stored["jsonPayload.milliseconds"], stored["jsonPayload.id"]) == (700, "s1-a1-p7")
    assert all(counted["live_gaps"].matches(line) and not counted["live_pieces"].matches(line) for line in gaps)
    assert [alert.matches(line) for line in gaps] == [False, True, True]
    assert f'reason="{Gap.COMPLETION_REFUSED}"' in _query(planned, "Visits are not completed for missing audio")


@pytest.mark.parametrize(
    ("method", "status", "service", "refused"),
    [
        ("POST", 409, "live-audio", True),
        ("POST", 201, "live-audio", False),
        ("GET", 404, "live-audio", False),
        ("POST", 409, "sessions", False),
    ],
)
def test_refused_requests_of_recorders_are_counted(
    planned: Deployment, method: str, status: int, service: str, *, refused: bool
) -> None:
    (metric,) = [one for one in planned.plan.of("google_logging_metric") if one.text("name") == "live_refused"]
    payload = {"message": "request", "method": method, "status": status}
    line = {**_entry({"severity": "INFO", **payload}), "resource.labels.service_name": service}

    assert Filter(metric.text("filter")).matches(line) == refused
    assert metric.text("label_extractors", "reason") == "EXTRACT(jsonPayload.reason)"


def test_the_kind_that_the_filter_excludes_exists() -> None:
    assert "recording" in [watch.kind for watch in sweep.WATCHES]


def test_dropped_deliveries_are_alerted(planned: Deployment, logged: Logged) -> None:
    _drop_invalid_deliveries()
    logging.getLogger("synapse.web").warning("a warning")

    *dropped, warning = logged()
    assert len(dropped) == 2
    assert all(_alert(planned, "The code failed").matches(line) for line in dropped)
    assert not _alert(planned, "The code failed").matches(warning)


def test_the_api_gives_the_response_that_the_uptime_check_expects(
    planned: Deployment, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example.org")
    monkeypatch.setenv("SHOWN_RECORDS_PER_HOUR", "5000")
    monkeypatch.setenv("THREADS", "8")
    (check,) = planned.plan.of("google_monitoring_uptime_check_config")
    location = ROOT / "functions" / "profile" / "main.py"
    spec = importlib.util.spec_from_file_location("uptime_profile", location)
    assert spec and spec.loader
    function = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(function)

    with flask.Flask("profile").test_request_context(check.text("http_check", "path")) as context:
        response = function.main(context.request)

    assert response.status_code == check.get("http_check", "accepted_response_status_codes", "status_value")
    assert check.text("content_matchers", "content") in response.get_data(as_text=True)


def test_a_working_queue_does_not_alert_as_standing_still(planned: Deployment) -> None:
    windows = {int(minutes) for minutes in re.findall(r"\[(\d+)m\]", _query(planned, "A queue stands still"))}

    assert min(windows) * 60 > LONGEST_POLL_GAP.total_seconds()


def test_the_window_of_a_silent_schedule_covers_two_runs(planned: Deployment) -> None:
    for function in planned.catalogue.functions.values():
        if function.kind == "schedule":
            (window,) = re.findall(r"\[(\d+)m\]", _query(planned, f"{function.name} does not run"))
            every = re.match(r"\*/(\d+) ", function.schedule)
            minutes = int(every[1]) if every else 60 if re.match(r"\d+ \* \* \* \*$", function.schedule) else 0
            assert minutes, "unknown form of schedule: add its interval here"
            assert int(window) >= 2 * minutes


def test_the_manual_has_exactly_one_section_for_each_alert(planned: Deployment) -> None:
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (alerts,) = re.findall(r"^## When an alert comes\n(.*?)^## ", manual, flags=re.M | re.S)

    assert sorted(re.findall(r"^### (.+)$", alerts, flags=re.M)) == sorted(planned.plan.named(POLICY, "display_name"))
