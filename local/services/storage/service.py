"""Cloud Storage as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.services.eventarc.service import EventarcService
from local.services.iam.service import IamService
from local.services.kit.service import LocalService

if TYPE_CHECKING:
    from local.services.storage.events import StorageEvent


class StorageService(LocalService):
    """Publishes the events of its buckets to Eventarc."""

    name = "storage"

    def start(self) -> None:
        from local.services.storage.endpoint import StorageEndpoint

        public_key = self.context.service(IamService).endpoint.public_key
        endpoint = StorageEndpoint(self.state, self.context.recorder, self._publish, public_key)
        self.url = self.serve_http(endpoint.app)

    def variables(self, function: str = "") -> Mapping[str, str]:
        """The second variable stops the client from looking up a bucket's metadata in the background."""
        del function
        return {"STORAGE_ENDPOINT": self.url, "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true"}

    def _publish(self, event: StorageEvent) -> None:
        self.context.service(EventarcService).triggers.publish(event)
