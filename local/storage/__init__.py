"""A local Cloud Storage: the JSON API, resumable uploads, V4 signed URLs and object events, kept on disk."""

from local.storage.endpoint import StorageEndpoint
from local.storage.events import StorageEvent

__all__ = ["StorageEndpoint", "StorageEvent"]
