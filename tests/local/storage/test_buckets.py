"""Buckets, and calls that do not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage

from tests.local.storage.stack import Stack


def test_a_bucket_is_created_once_changed_and_deleted_when_empty(stack: Stack, bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.Conflict):
        stack.client.create_bucket("audio")
    bucket.add_lifecycle_delete_rule(age=30)
    bucket.patch()
    assert [rule["action"] for rule in stack.client.get_bucket("audio").lifecycle_rules] == [{"type": "Delete"}]
    assert stack.client.get_bucket("audio").metageneration == 2

    bucket.blob("a").upload_from_string("a")
    with pytest.raises(exceptions.Conflict):
        bucket.delete()
    bucket.blob("a").delete()
    bucket.delete()
    assert list(stack.client.list_buckets()) == []


@pytest.mark.parametrize("call", [lambda b: b.blob("a").upload_from_string("a"), lambda b: list(b.list_blobs())])
def test_a_missing_bucket_is_not_found(stack: Stack, call: Callable[[storage.Bucket], object]) -> None:
    with pytest.raises(exceptions.NotFound):
        call(stack.client.bucket("missing"))


def test_an_unimplemented_call_is_not_found(stack: Stack) -> None:
    answer = requests.post(f"{stack.server.url}/storage/v1/b/audio/acl", timeout=10)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 404)
