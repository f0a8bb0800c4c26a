"""The local Cloud Storage, used through Google's own client and, as by browsers, plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage
from google.oauth2.credentials import Credentials

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.recorder import Recorder
from tests.local.storage.stack import ORIGIN, Stack


@pytest.fixture(scope="module")
def iam(tmp_path_factory: pytest.TempPathFactory) -> IamEndpoint:
    return IamEndpoint(tmp_path_factory.mktemp("iam"), Recorder())


@pytest.fixture
def stack(
    tmp_path: Path, iam: IamEndpoint, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    # Otherwise the client looks up the location of each bucket in the background, for traces that are not collected.
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    stack = Stack(tmp_path, iam, credentials)
    yield stack
    stack.stop()


@pytest.fixture
def bucket(stack: Stack) -> storage.Bucket:
    created: storage.Bucket = stack.client.create_bucket("audio")
    return created


@pytest.fixture
def shared_bucket(bucket: storage.Bucket) -> storage.Bucket:
    bucket.cors = [{"origin": [ORIGIN], "method": ["GET", "PUT"], "responseHeader": ["X-Own"], "maxAgeSeconds": 60}]
    bucket.patch()
    return bucket
