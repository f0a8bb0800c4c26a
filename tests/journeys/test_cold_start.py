"""The cold-start benchmark, on the running stack."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bench import cold_start, deployed, visit
from bench.cold_start import Program
from bench.visit import Asked, BareCall
from infra import catalogue
from infra.catalogue import EventFunction, HttpFunction
from infra.staging import stage
from local.stack.stack import Stack
from tests.support.crashes import converge
from tests.support.thorough import sample

pytestmark = pytest.mark.long

FUNCTIONS = catalogue.load().functions
READ_AND_AUDIT = {"BatchGetDocuments": 1, "Decrypt": 1, "Commit": 1}
CALLS = {
    "patients": READ_AND_AUDIT,
    "on_audio_uploaded": {**READ_AND_AUDIT, "objects.get": 1},
    "check_transcription": {"BatchGetDocuments": 1},
    "sweep_stalled": {"RunQuery": 11},
}

EVERYWHERE = {"clinic", "patients", "taxes", "visits"}
"""The domains whose records every function loads: callers, settings, patients and general refusals."""
LOADED: dict[str, tuple[int, set[str]]] = {
    "patients": (140, set()),
    "sessions": (191, {"claims", "reports", "templates"}),
    "live_audio": (153, set()),
    "transcriptions": (177, {"languages"}),
    "reports": (201, {"claims", "reports", "templates"}),
    "bills": (152, {"billing", "diagnoses"}),
    "books": (149, {"billing"}),
    "appointments": (150, {"scheduling"}),
    "users": (138, {"scheduling"}),
    "profile": (133, set()),
    "templates": (149, {"templates"}),
    "messages": (148, {"messages"}),
    "clinic": (147, {"messages", "reminders", "scheduling"}),
    "links": (153, {"billing", "links", "reports", "scheduling"}),
    "payment_webhook": (174, {"billing", "diagnoses", "messages"}),
    "api_docs": (12, set()),
    "on_audio_uploaded": (180, {"claims", "reports", "templates"}),
    "on_transcript_ready": (175, {"claims", "reports", "templates"}),
    "on_transcription_completed": (174, {"claims", "reports", "templates"}),
    "on_session_completed": (157, {"billing", "diagnoses"}),
    "on_report_drafted": (165, {"claims", "reports", "templates"}),
    "on_staff_changed": (124, {"scheduling"}),
    "on_appointment_written": (136, {"messages", "reminders", "scheduling"}),
    "check_transcription": (133, set()),
    "split_recording": (145, set()),
    "join_recording": (158, set()),
    "write_report": (169, {"claims", "reports", "templates"}),
    "send_message": (125, {"messages"}),
    "notify_patient": (144, {"messages", "reminders", "scheduling"}),
    "export_report": (123, {"reports"}),
    "remind_unsigned": (120, {"messages"}),
    "schedule_reminders": (157, {"billing", "diagnoses", "messages", "reminders", "scheduling"}),
    "sweep_stalled": (214, {"claims", "messages", "reports", "scheduling", "templates"}),
}
"""By function: the most modules of the product at its first answer, and the further domains of records. Events and
tasks are repeated ones, which find nothing left to do."""
NEVER_AT_FIRST = (
    *("firebase_admin", "google.cloud.firestore", "google.cloud.kms", "google.cloud.speech", "google.cloud.storage"),
    *("google.cloud.tasks", "google.cloud.tasks_v2", "google.genai", "grpc", "google.api_core"),
    *("requests", "urllib3", "httpx", "proto"),
    *("PIL", "docx", "pyhanko", "reportlab", "twilio", "shared.render", "shared.audio"),
)
"""Slow packages without which a read is answered."""


@pytest.fixture(scope="module")
def questions(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asked]:
    asked = visit.play(stack, tmp_path_factory.mktemp("out"))
    converge(stack)  # otherwise a pending poll would be counted among the calls of the benchmarked function
    return asked


def test_every_function_is_asked_something(questions: dict[str, Asked]) -> None:
    assert questions.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("name", sample([*CALLS], 1))
def test_baseline_makes_the_same_calls_as_the_function(
    name: str, questions: dict[str, Asked], stack: Stack, tmp_path: Path
) -> None:
    made = []
    for program in cold_start.answering(FUNCTIONS[name], tmp_path, stack, questions[name]):
        report, calls = visit.watched(stack, name, partial(program.start, questions[name]))
        made.append(kinds(calls))
        assert report["answered"] > report["ready"]

    assert made == [CALLS[name], CALLS[name]]


def test_both_sides_answer_over_tls(questions: dict[str, Asked], stack: Stack, tmp_path: Path) -> None:
    local, asked = stack.client_environment("patients"), questions["patients"]
    with deployed.serving(stack) as addresses:
        environment = deployed.variables(local, *addresses)
        for program in cold_start.answering(FUNCTIONS["patients"], tmp_path, stack, asked):
            assert program.start(asked, environment)["status"] == 200

    assert not {"FIRESTORE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"} & environment.keys()


@pytest.mark.parametrize("name", sample([*LOADED], 5))
def test_a_first_answer_loads_what_its_operation_needs(
    name: str, questions: dict[str, Asked], stack: Stack, tmp_path: Path
) -> None:
    is_event, is_http = (isinstance(FUNCTIONS[name], kind) for kind in (EventFunction, HttpFunction))
    program = Program((stage(name, tmp_path) / "main.py").resolve(), "cloudevent" if is_event else "http")
    modules = program.start(questions[name], stack.client_environment(name))["modules"]

    most, domains = LOADED[name]
    product = [module for module in modules if module.partition(".")[0] == "shared"]
    records = {module.split(".")[2] for module in product if re.match(r"shared\.records\.\w+\.", module)}
    assert records - EVERYWHERE == domains
    assert len(product) <= most, sorted(product)
    assert not is_http or not set(modules) & set(NEVER_AT_FIRST)
    assert ("pydantic" in modules) == (name != "api_docs")


def test_every_function_has_its_modules() -> None:
    assert LOADED.keys() == FUNCTIONS.keys()


def kinds(calls: list[BareCall]) -> Counter[str]:
    """The number of calls by method."""
    return Counter(call["method"] for call in calls)
