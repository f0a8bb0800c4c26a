"""The events of objects, and the recorded calls."""

from __future__ import annotations

import json

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from local.services.kit.recorder import Fault
from tests.local.storage.stack import Stack

pytestmark = pytest.mark.long


def test_each_finalized_and_deleted_object_has_one_event(stack: Stack, bucket: storage.Bucket) -> None:
    blob = bucket.blob("a b/ü")
    blob.upload_from_string("1")
    blob.metadata = {"k": "v"}
    blob.patch()
    blob.upload_from_string("2")
    blob.delete()

    name = blob.name
    assert stack.event_names() == [("finalized", name), ("deleted", name), ("finalized", name), ("deleted", name)]
    event = stack.events[0]
    assert event.type == "google.cloud.storage.object.v1.finalized"
    assert event.headers["ce-source"] == "//storage.googleapis.com/projects/_/buckets/audio"
    assert event.headers["ce-subject"] == "objects/a%20b/%C3%BC"
    assert (event.headers["ce-id"], event.headers["ce-type"]) == (event.id, event.type)
    body = json.loads(event.body)
    assert (body["name"], body["size"], body["metageneration"]) == (name, "1", "1")
    assert len({event.id for event in stack.events}) == 4


def test_calls_are_recorded_with_the_function_that_made_them(stack: Stack, bucket: storage.Bucket) -> None:
    bucket.blob("d/a").upload_from_string("a")
    bucket.blob("d/a").download_as_bytes()
    list(bucket.list_blobs())
    anonymous = storage.Client("p", AnonymousCredentials(), client_options={"api_endpoint": stack.server.url})
    anonymous.bucket("audio").blob("d/a").delete()

    assert stack.calls() == [
        ("buckets.insert", "patients", "audio"),
        ("objects.insert", "patients", "audio/d/a"),
        ("objects.get", "patients", "audio/d/a"),
        ("objects.list", "patients", "audio"),
        ("objects.delete", "", "audio/d/a"),
    ]


def test_a_lost_response_breaks_the_connection_and_keeps_the_effect(stack: Stack, bucket: storage.Bucket) -> None:
    fault = stack.recorder.plant(Fault("storage", "objects.insert", "patients", "cut"))

    with pytest.raises(requests.ConnectionError):
        bucket.blob("a").upload_from_string("a", retry=None)

    assert fault.fired.is_set()
    assert bucket.blob("a").download_as_bytes() == b"a"
    assert stack.event_names() == [("finalized", "a")]
