"""The files of exports in Cloud Storage: written once, fetched by signed URLs, deleted by the bucket's rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared import settings
from shared.gateways.storage_client import client


def store(name: str, content: bytes, media_type: str) -> bytes:
    """Write a file unless there is one of this name; returns the content of the one that is there."""
    from google.cloud.exceptions import PreconditionFailed

    blob = _bucket().blob(name)
    blob.cache_control = "no-store"  # what fetches the file keeps no copy
    try:
        blob.upload_from_string(content, content_type=media_type, if_generation_match=0, timeout=60)
    except PreconditionFailed:
        return bytes(blob.download_as_bytes(timeout=60))
    return content


def url(name: str, filename: str, lifetime: timedelta) -> str:
    """A V4 signed URL that downloads a file under this name, and does nothing else, until its lifetime is over.

    The function's own account signs it, so the URL may read what the account may. It is a secret. Raises Unavailable
    when IAM cannot sign.
    """
    from shared.gateways.signer import own_account

    return str(
        _bucket()
        .blob(name)
        .generate_signed_url(
            version="v4",
            method="GET",
            expiration=lifetime,
            response_disposition=f'attachment; filename="{filename}"',
            credentials=own_account(),
            api_access_endpoint=settings.load(settings.StorageEndpoint).storage_public_endpoint,
        )
    )


def _bucket() -> Any:
    configured = settings.load(settings.Exports)
    return client(configured.google_cloud_project).bucket(configured.exports_bucket)
