"""Creates the buckets, keys and queues of a deployment, with the calls of an operator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc
import urllib3
from google.api_core.exceptions import AlreadyExists
from google.cloud import kms_v1, tasks_v2
from google.cloud.kms_v1.services.key_management_service.transports import KeyManagementServiceGrpcTransport
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.catalogue import Catalogue, Queue
from local.stack.environment import (
    AUDIO_BUCKET,
    DATA_KEY,
    EXPORTS_BUCKET,
    KEY_RING,
    PIECES_BUCKET,
    QUEUES,
    RESULTS_BUCKET,
    SIGNING_KEY,
)

# The clients declare enum members as plain integers; typed Any, they are accepted where the enum is expected.
_Purpose: Any = kms_v1.CryptoKey.CryptoKeyPurpose
_Algorithm: Any = kms_v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm


def provision(variables: Mapping[str, str], certificate: bytes, catalogue: Catalogue) -> None:
    """Create the buckets, keys and queues that do not exist yet.

    `variables` name the endpoints and the web clients; `certificate` (PEM) verifies them.
    """
    make_buckets(variables["STORAGE_ENDPOINT"], variables["CORS_ORIGINS"].split(","))
    trusted = grpc.ssl_channel_credentials(certificate)
    with grpc.secure_channel(variables["KMS_ENDPOINT"], trusted) as kms:
        make_keys(kms)
    with grpc.secure_channel(variables["TASKS_ENDPOINT"], trusted) as tasks:
        make_queues(tasks, list(catalogue.queues.values()))


def make_buckets(storage: str, origins: Sequence[str] = ()) -> None:
    """Create the buckets of recordings, of results, of exports and of pieces unless they exist; web pages of `origins`
    may upload and play recordings, and fetch exports.

    The CORS rules are those of infra/buckets.tf.
    """
    buckets = f"{storage}/storage/v1/b"
    for bucket in (AUDIO_BUCKET, RESULTS_BUCKET, EXPORTS_BUCKET, PIECES_BUCKET):
        urllib3.request("POST", buckets, json={"name": bucket}, retries=False)
    for bucket, methods, headers in (
        (AUDIO_BUCKET, ["GET", "PUT", "DELETE"], ["Content-Type", "Content-Range", "Range"]),
        (EXPORTS_BUCKET, ["GET"], ["Content-Type", "Content-Disposition"]),
    ):
        allowed = {"origin": [origin.strip() for origin in origins], "method": methods, "responseHeader": headers}
        rule = {"cors": [{**allowed, "maxAgeSeconds": 3600}]}
        urllib3.request("PATCH", f"{buckets}/{bucket}", json=rule, retries=False)


def make_keys(channel: grpc.Channel) -> None:
    """Create the key that wraps the clinics' keysets and the key that signs reports, unless they exist."""
    client = kms_v1.KeyManagementServiceClient(transport=KeyManagementServiceGrpcTransport(channel=channel))
    location, _, ring = KEY_RING.partition("/keyRings/")
    _unless_exists(client.create_key_ring, {"parent": location, "key_ring_id": ring})
    signing = kms_v1.CryptoKeyVersionTemplate(algorithm=_Algorithm.EC_SIGN_P256_SHA256)
    for name, key in {
        DATA_KEY: kms_v1.CryptoKey(purpose=_Purpose.ENCRYPT_DECRYPT),
        SIGNING_KEY: kms_v1.CryptoKey(purpose=_Purpose.ASYMMETRIC_SIGN, version_template=signing),
    }.items():
        key_id = name.rpartition("/")[2]
        _unless_exists(client.create_crypto_key, {"parent": KEY_RING, "crypto_key_id": key_id, "crypto_key": key})


def make_queues(channel: grpc.Channel, queues: list[Queue]) -> None:
    """Create or update the catalogue's queues."""
    client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
    for queue in queues:
        retry = tasks_v2.RetryConfig(
            max_attempts=queue.max_attempts,
            min_backoff=dt.timedelta(seconds=queue.min_backoff),
            max_backoff=dt.timedelta(seconds=queue.max_backoff),
            max_doublings=queue.max_doublings,
        )
        limits = tasks_v2.RateLimits(
            max_dispatches_per_second=queue.max_dispatches_per_second,
            max_concurrent_dispatches=queue.max_concurrent_dispatches,
        )
        made = tasks_v2.Queue(name=f"{QUEUES}/{queue.name}", retry_config=retry, rate_limits=limits)
        client.update_queue(queue=made)


def _unless_exists(create: Callable[[Any], object], request: dict[str, object]) -> None:
    try:
        create(request)
    except AlreadyExists:
        return
