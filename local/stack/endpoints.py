"""All local endpoints of Google's services, started together in this process (Firestore's pass on to the emulator)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlencode

import grpc
import urllib3

from infra.catalogue import Catalogue
from local.services.firestore.proxy import FirestoreProxy, channel
from local.services.gemini import GeminiEndpoint
from local.services.iam.endpoint import IamEndpoint
from local.services.kit.recorder import Taps
from local.services.kit.servers import GrpcServer, HttpServer, certificate
from local.services.kms.endpoint import KmsEndpoint
from local.services.speech.endpoint import SpeechEndpoint
from local.services.storage import StorageEndpoint, StorageEvent
from local.services.tasks.endpoint import TasksEndpoint
from local.stack.environment import AUDIO_BUCKET, RESULTS_BUCKET
from local.stack.provisioning import make_keys, make_queues


class LocalServices:
    """Storage, KMS, Speech, Tasks, IAM and Gemini over the folder `state`; `running` stops them when it closes."""

    def __init__(
        self,
        running: ExitStack,
        state: Path,
        taps: Taps,
        *,
        catalogue: Catalogue,
        firestore: str,
        finalized: Callable[[StorageEvent], None],
        backoff_scale: float,
    ) -> None:
        """Start all.

        `firestore` is the emulator (host:port; it may still be starting). `finalized` gets the events of the buckets.
        `backoff_scale` multiplies the waits between a task's tries. Only `task_queues` has to be stopped by itself:
        before the functions, so that a task is not blamed for their end.
        """
        self._running = running
        self._http = urllib3.PoolManager(retries=False)
        self.certificate = state / "tls" / "tls.crt"
        self._certificate = certificate(state / "tls")
        self._iam = IamEndpoint(state / "iam", taps)
        self._tokens = f"{self._serve_http(self._iam.app)}/token"
        self.iam = self._serve_grpc(self._iam.handlers())
        self.storage = self._serve_http(StorageEndpoint(state / "storage", taps, finalized, self._iam.public_key).app)
        self.vertex = self._serve_http(GeminiEndpoint(taps).app)
        self.kms = self._serve_grpc(KmsEndpoint(state / "kms", taps).handlers())
        self._speech = SpeechEndpoint(state / "speech", taps, self._read_object, self._write_object)
        self.speech = self._serve_grpc(self._speech.handlers())
        running.callback(self._speech.stop)
        upstream = running.enter_context(channel(firestore))
        self.firestore = {name: self._serve_firestore(name, upstream, taps) for name in catalogue.functions}
        """The Firestore of each function, host:port."""
        self.task_queues = TasksEndpoint(state / "tasks", taps, backoff_scale)
        self.tasks = self._serve_grpc(self.task_queues.handlers())
        self._provision(catalogue)

    def credentials(self, function: str = "") -> Path:
        """The credentials file of a function; without a name, of the operator."""
        return self._iam.credentials_file(function, self._tokens)

    @property
    def speech_model(self) -> str:
        """The name of the model that the local Speech endpoint listens with."""
        return self._speech.model

    def warm_up(self) -> None:
        """Load the speech model now, not with the first recording. Raises WeightsError."""
        self._speech.warm_up()

    def idle(self) -> bool:
        """Whether no task is due or running, and no audio is being transcribed."""
        return self.task_queues.idle() and self._speech.idle()

    def _provision(self, catalogue: Catalogue) -> None:
        """Make the buckets, keys and queues that a deployment has; what exists is left as it is."""
        for bucket in (AUDIO_BUCKET, RESULTS_BUCKET):
            self._http.request("POST", f"{self.storage}/storage/v1/b", json={"name": bucket})
        with self._channel(self.kms) as kms:
            make_keys(kms)
        with self._channel(self.tasks) as tasks:
            make_queues(tasks, list(catalogue.queues.values()))

    def _channel(self, address: str) -> grpc.Channel:
        trusted = grpc.ssl_channel_credentials(self._certificate[1])
        endpoint: grpc.Channel = grpc.secure_channel(address, trusted)
        return endpoint

    def _read_object(self, uri: str) -> bytes:
        """The content of a gs:// URI. Raises FileNotFoundError."""
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        answer = self._http.request("GET", f"{self.storage}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media")
        if answer.status != 200:
            raise FileNotFoundError(uri)
        return answer.data

    def _write_object(self, uri: str, content: bytes, content_type: str) -> None:
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        query = urlencode({"uploadType": "media", "name": name})
        url = f"{self.storage}/upload/storage/v1/b/{bucket}/o?{query}"
        answer = self._http.request("POST", url, body=content, headers={"content-type": content_type})
        if answer.status != 200:
            raise OSError(f"{uri} could not be written: {answer.data.decode()}")

    def _serve_http(self, app: object) -> str:
        server = HttpServer(app)
        self._running.callback(server.stop)
        return server.url

    def _serve_grpc(self, handlers: list[grpc.GenericRpcHandler]) -> str:
        server = GrpcServer(handlers, self._certificate)
        self._running.callback(server.stop)
        return server.address

    def _serve_firestore(self, function: str, upstream: grpc.Channel, taps: Taps) -> str:
        proxy = FirestoreProxy(function, upstream, taps)
        self._running.callback(proxy.stop)
        return proxy.address
