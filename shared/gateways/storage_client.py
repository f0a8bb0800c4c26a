"""The client of Cloud Storage."""

from __future__ import annotations

from typing import Any

from shared import settings
from shared.singleton import singleton


@singleton
def client(project: str) -> Any:
    """One client for each process and project."""
    from google.cloud import storage

    endpoint = settings.load(settings.StorageEndpoint).storage_endpoint
    return storage.Client(project=project, client_options={"api_endpoint": endpoint} if endpoint else None)
