"""A local Cloud Storage: the JSON API, resumable uploads, V4 signed URLs and object events, kept on disk."""

from local.services.storage.endpoint import StorageEndpoint
from local.services.storage.events import StorageEvent

__all__ = ["StorageEndpoint", "StorageEvent"]
