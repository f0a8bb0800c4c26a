"""Events of the queue after a stop or a kill."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.cloud import firestore

from local.services.eventarc.event import Event
from local.services.eventarc.queue_file import QueueFile
from local.services.eventarc.triggers import Triggers
from tests.local.eventarc.listeners import CATALOGUE, Listeners, Start, upload, wait_for
from tests.support.toy_functions import FINALIZED, toy_catalogue

pytestmark = pytest.mark.long


def test_events_queued_at_a_stop_are_delivered_after_the_next_start(
    start: Start, database: firestore.Client, listeners: Listeners
) -> None:
    triggers = start()
    listeners.fail_on("on_upload", "")
    listeners.fail_on("on_note", "")
    triggers.publish(upload("audio", "1"))
    database.document("clinics/c/notes/n").set({})
    triggers.stop()
    listeners.recover("on_upload")
    listeners.recover("on_note")
    wait_for(start().idle)
    assert listeners.completed("on_upload") == ["objects/1"]
    assert listeners.completed("on_note") == ["documents/clinics/c/notes/n"]


def test_events_are_stored_when_they_are_queued_and_delivered_in_order_after_a_kill(
    start: Start, listeners: Listeners, tmp_path: Path
) -> None:
    killed = Triggers(CATALOGUE, listeners.functions, {"AUDIO_BUCKET": "audio"}, tmp_path)
    for number in range(5):
        killed.publish(upload("audio", str(number)))
    triggers = start()
    triggers.publish(upload("audio", "5"))
    wait_for(triggers.idle)
    assert listeners.completed("on_upload") == [f"objects/{number}" for number in range(6)]


def test_a_delivered_or_dropped_event_is_not_delivered_after_a_kill(start: Start, listeners: Listeners) -> None:
    killed = start(max_age=0.3)
    listeners.fail_on("on_upload", "2")
    for number in range(3):
        killed.publish(upload("audio", str(number)))
    wait_for(killed.idle)
    killed.source.stop()
    listeners.recover("on_upload")
    triggers = start()
    triggers.publish(upload("audio", "3"))
    wait_for(triggers.idle)
    assert listeners.completed("on_upload") == ["objects/0", "objects/1", "objects/3"]


def test_an_event_is_queued_once_per_function_until_it_is_delivered(start: Start, listeners: Listeners) -> None:
    triggers = start()
    listeners.fail_on("on_upload", "")
    event = upload("audio", "1")
    for _ in range(3):
        triggers.publish(event)
    triggers.enqueue("on_note", Event({**event.headers}, event.body))
    wait_for(lambda: len(listeners.log("on_upload")) > 1)
    triggers.publish(event)
    listeners.recover("on_upload")
    wait_for(triggers.idle)
    assert listeners.completed("on_upload") == listeners.completed("on_note") == ["objects/1"]
    triggers.publish(event)
    wait_for(triggers.idle)
    assert len(listeners.completed("on_upload")) == 2


def test_an_event_published_after_a_stop_is_delivered_after_the_next_start(start: Start, listeners: Listeners) -> None:
    triggers = start()
    triggers.stop()
    triggers.publish(upload("audio", "1"))
    assert listeners.completed("on_upload") == []
    wait_for(start().idle)
    assert listeners.completed("on_upload") == ["objects/1"]


def test_events_of_a_removed_function_are_removed(start: Start, listeners: Listeners, tmp_path: Path) -> None:
    before = Triggers(
        toy_catalogue(gone={"kind": "event", "event": FINALIZED, "bucket": "AUDIO_BUCKET"}),
        listeners.functions,
        {"AUDIO_BUCKET": "audio"},
        tmp_path,
    )
    before.publish(upload("audio", "1"))
    before.stop()
    start().stop()
    assert QueueFile(tmp_path / "events.db").all() == []
