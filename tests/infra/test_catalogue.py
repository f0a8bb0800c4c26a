"""The catalogue of functions: its references must exist, and its defaults and variables are applied."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from infra import catalogue
from infra.catalogue import Catalogue, ScheduleFunction

CATALOGUE: dict[str, Any] = {
    "defaults": {
        "target": "main",
        "memory": "256Mi",
        "cpu": 1,
        "timeout": 60,
        "concurrency": 1,
        "min_instances": 0,
        "max_instances": 2,
    },
    "fallback": "notes",
    "settings": {"Project": ["GOOGLE_CLOUD_PROJECT"], "Tasks": ["GOOGLE_CLOUD_PROJECT", "FUNCTION_URL"]},
    "secrets": {"MAIL_KEY": "sends mail"},
    "queues": {
        "work": {
            "max_attempts": 3,
            "min_backoff": "5s",
            "max_backoff": "300s",
            "max_doublings": 5,
            "max_dispatches_per_second": 0.5,
            "max_concurrent_dispatches": 1,
        }
    },
    "functions": {
        "notes": {"kind": "http", "path": "/notes", "settings": ["Project", "Tasks"], "secrets": ["MAIL_KEY"]},
        "write_note": {"kind": "task", "queue": "work", "memory": "1Gi", "uses": ["database"]},
        "count_notes": {"kind": "schedule", "schedule": "*/10 * * * *", "zone": "Asia/Kolkata"},
    },
}


def test_an_entry_has_the_defaults_that_it_does_not_override() -> None:
    functions = Catalogue.model_validate(CATALOGUE).functions

    assert (functions["notes"].memory, functions["write_note"].memory) == ("256Mi", "1Gi")
    assert {function.max_instances for function in functions.values()} == {2}


def test_the_deployed_name_has_hyphens_for_underscores() -> None:
    assert Catalogue.model_validate(CATALOGUE).functions["write_note"].service == "write-note"


def test_a_function_has_the_variables_of_its_settings_and_its_secrets() -> None:
    read = Catalogue.model_validate(CATALOGUE)

    assert read.variables("notes") == {"GOOGLE_CLOUD_PROJECT", "FUNCTION_URL", "MAIL_KEY", "THREADS"}
    assert read.variables("write_note") == {"THREADS"}


def test_a_schedule_and_a_queues_rates_are_read() -> None:
    read = Catalogue.model_validate(CATALOGUE)

    [schedule] = read.of_kind(ScheduleFunction)
    work = read.queues["work"]
    assert (schedule.schedule, schedule.zone) == ("*/10 * * * *", "Asia/Kolkata")
    assert (work.max_dispatches_per_second, work.max_concurrent_dispatches, work.min_backoff) == (0.5, 1, 5)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("fallback",), "write_note", "no HTTP function write_note"),
        (("functions", "notes", "settings"), ["Project", "Projects"], "notes: there is no group of settings Projects"),
        (("functions", "notes", "secrets"), ["MAIL"], "notes: there is no secret MAIL"),
        (("functions", "write_note", "queue"), "play", "write_note: there is no queue play"),
        (("functions", "notes", "kind"), "page", "notes"),
        (("functions", "notes", "roles"), ["all"], "roles"),
        (("functions", "count_notes", "zone"), None, "zone"),
        (("queues", "work", "max_dispatches_per_second"), "often", "max_dispatches_per_second"),
        (("functions", "notes", "path"), None, "a path or paths below another's"),
        (("functions", "notes", "sub_paths"), ["/texts/*/notes"], "notes: there is no function above /texts/\\*/notes"),
        (("functions", "notes", "sub_paths"), ["/notes/**"], "sub_paths"),
        (("functions", "notes", "sub_paths"), ["/notes"], "sub_paths"),
        (("alias",), {}, "alias"),
    ],
)
def test_an_invalid_entry_is_named(path: tuple[str, ...], value: object, message: str) -> None:
    invalid = copy.deepcopy(CATALOGUE)
    entry = invalid
    for step in path[:-1]:
        entry = entry[step]
    entry[path[-1]] = value

    with pytest.raises(ValidationError, match=message):
        Catalogue.model_validate(invalid)


def test_the_products_own_catalogue_is_read() -> None:
    read = catalogue.load()

    assert "sweep_stalled" in read.functions
    assert read.variables("sweep_stalled") >= {"GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "DATA_KEY"}
