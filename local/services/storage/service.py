"""Cloud Storage as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.services.eventarc.service import EventarcService
from local.services.iam.service import IamService
from local.services.kit.service import LocalService

if TYPE_CHECKING:
    from local.services.storage.endpoint import StorageEndpoint
    from local.services.storage.errors import PlantedErrors
    from local.services.storage.events import StorageEvent


SESSIONS = "/upload/storage/v1/"
"""Path prefix of upload sessions on the gateway: apps need one address, which stays the same after a restart."""


class StorageService(LocalService):
    """Publishes the events of its buckets to Eventarc; serves upload sessions and signed URLs of recordings and exports
    at the gateway's address, for clients."""

    name = "storage"
    _endpoint: StorageEndpoint

    @property
    def errors(self) -> PlantedErrors:
        """What tests want to fail."""
        return self._endpoint.errors

    def start(self) -> None:
        from local.services.storage.endpoint import StorageEndpoint

        public_key = self.context.service(IamService).endpoint.public_key
        self._endpoint = StorageEndpoint(
            self.state, self.context.recorder, self._publish, public_key, f"{self.context.public_url}/"
        )
        self._resources.callback(self._endpoint.stop)
        self.url = self.serve_http(self._endpoint.app)
        self.context.mount([SESSIONS], self._endpoint.sessions)
        fetched = [
            self.context.names[name] for name in ("AUDIO_BUCKET", "EXPORTS_BUCKET") if name in self.context.names
        ]
        self.context.mount([f"/{bucket}/" for bucket in fetched], self._endpoint.app)

    def connect(self) -> None:
        """Publish the events that the last run left, now that Eventarc has started."""
        self._endpoint.outbox.flush()

    def variables(self, function: str = "") -> Mapping[str, str]:
        """The last variable stops the client from looking up a bucket's metadata in the background."""
        del function
        return {
            "STORAGE_ENDPOINT": self.url,
            "STORAGE_PUBLIC_ENDPOINT": self.context.public_url,
            "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true",
        }

    def idle(self) -> bool:
        return self._endpoint.outbox.empty()

    def _publish(self, event: StorageEvent) -> None:
        self.context.service(EventarcService).triggers.publish(event)
