"""A client for the local services that read and write objects."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import urllib3


class StorageClient:
    """Reads and writes whole objects by their gs:// URIs. Its calls have no credentials."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(retries=False)

    def read(self, uri: str) -> bytes:
        """The content of an object. Raises FileNotFoundError."""
        bucket, name = _parse(uri)
        response = self._http.request("GET", f"{self._url}/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media")
        if response.status != 200:
            raise FileNotFoundError(uri)
        return response.data

    def write(self, uri: str, content: bytes, content_type: str) -> None:
        """Raises OSError."""
        bucket, name = _parse(uri)
        query = urlencode({"uploadType": "media", "name": name})
        url = f"{self._url}/upload/storage/v1/b/{bucket}/o?{query}"
        response = self._http.request("POST", url, body=content, headers={"content-type": content_type})
        if response.status != 200:
            raise OSError(f"{uri} could not be written: {response.data.decode()}")


def _parse(uri: str) -> tuple[str, str]:
    """Bucket and object name."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    return bucket, name
