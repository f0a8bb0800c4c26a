"""Delivery of events: routing, retries, order and fences."""

from __future__ import annotations

import json

import pytest
from google.cloud import firestore
from google.events.cloud.firestore import DocumentEventData

from local.services.kit.identity import PROJECT
from tests.local.eventarc.listeners import Events, Listeners, Start, settle, upload, wait_for

pytestmark = pytest.mark.long


def test_a_written_document_reaches_its_function_with_its_fields(
    triggers: Events, database: firestore.Client, listeners: Listeners
) -> None:
    database.document("clinics/c/notes/n").set({"state": "open"})
    database.document("clinics/c/others/o").set({"state": "open"})
    settle(triggers)
    assert listeners.completed("on_note") == ["documents/clinics/c/notes/n"]
    event = triggers.history[0].event
    assert event.headers["ce-document"] == "clinics/c/notes/n"
    assert event.headers["ce-source"] == f"//firestore.googleapis.com/projects/{PROJECT}/databases/(default)"
    data = DocumentEventData.deserialize(event.body)
    assert data.value.fields["state"].string_value == "open"


def test_an_upload_reaches_the_functions_of_its_bucket_only(triggers: Events, listeners: Listeners) -> None:
    triggers.publish(upload("audio", "a/1.webm"))
    triggers.publish(upload("results", "a/1.json"))
    wait_for(triggers.idle)
    assert listeners.completed("on_upload") == ["objects/a/1.webm"]
    assert json.loads(triggers.history[0].event.body)["size"] == "3"


def test_a_fence_passes_after_the_events_of_every_earlier_write(
    triggers: Events, database: firestore.Client, listeners: Listeners
) -> None:
    listeners.fail_on("on_note", "")
    for number in range(20):
        database.document(f"clinics/c/notes/{number}").set({})
    triggers.source.fence()
    assert not triggers.idle()
    listeners.recover("on_note")
    wait_for(triggers.idle)
    assert len(set(listeners.completed("on_note"))) == 20


def test_a_failed_event_is_retried_and_does_not_block_others(
    triggers: Events, database: firestore.Client, listeners: Listeners
) -> None:
    listeners.fail_on("on_note", "first")
    database.document("clinics/c/notes/first").set({})
    database.document("clinics/c/notes/second").set({})
    wait_for(lambda: listeners.completed("on_note"))
    wait_for(lambda: len(listeners.log("on_note")) > 5)  # several attempts
    listeners.recover("on_note")
    settle(triggers)
    assert [subject.rpartition("/")[2] for subject in listeners.completed("on_note")] == ["second", "first"]
    ids = {event for _, event, subject in listeners.log("on_note") if subject.endswith("first")}
    assert len(ids) == 1, "every attempt must have the same event id"


def test_a_function_gets_one_event_at_a_time(triggers: Events, listeners: Listeners) -> None:
    for number in range(10):
        triggers.publish(upload("audio", str(number)))
    wait_for(triggers.idle)
    assert [step for step, _, _ in listeners.log("on_upload")] == ["begins", "ends"] * 10


def test_an_event_can_be_delivered_again(triggers: Events, listeners: Listeners) -> None:
    triggers.publish(upload("audio", "1"))
    wait_for(triggers.idle)
    delivery = triggers.history[0]
    assert triggers.deliver(delivery.function, delivery.event) == 200
    first, _, second, _ = listeners.log("on_upload")
    assert first == second


def test_a_function_killed_during_an_event_gets_the_event_again(triggers: Events, listeners: Listeners) -> None:
    triggers.publish(upload("audio", "1"))
    wait_for(triggers.idle)
    listeners.fail_on("on_upload", "2")
    triggers.publish(upload("audio", "2"))
    wait_for(lambda: len(listeners.log("on_upload")) > 2)
    listeners.functions.kill("on_upload")
    listeners.recover("on_upload")
    wait_for(triggers.idle)
    assert listeners.completed("on_upload") == ["objects/1", "objects/2"]


def test_an_event_that_fails_for_too_long_is_dropped_and_kept_for_inspection(
    start: Start, listeners: Listeners
) -> None:
    triggers = start(max_age=0.3)
    listeners.fail_on("on_upload", "1")
    triggers.publish(upload("audio", "1"))
    wait_for(triggers.idle)
    assert [delivery.event.headers["ce-subject"] for delivery in triggers.dropped] == ["objects/1"]
    assert listeners.completed("on_upload") == []
