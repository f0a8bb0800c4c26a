"""Responses with an object's content, or a range of it."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from werkzeug import Response

from local.services.storage.conditions import Conditions, Resource
from local.services.storage.errors import StorageError
from local.services.storage.files import blocks
from local.services.storage.objects import ObjectStore
from local.services.storage.web import StorageRequest


def content_answer(
    store: ObjectStore, request: StorageRequest, bucket: str, name: str, conditions: Conditions
) -> Response:
    """The content of an object, streamed; 206 for a satisfiable `Range`, 416 for an unsatisfiable one."""
    resource, file = store.open(bucket, name, conditions)
    size = int(resource["size"])
    response = Response(headers=_headers(resource), direct_passthrough=True)
    response.call_on_close(file.close)
    start, stop = 0, size
    if request.range:
        bounds = request.range.range_for_length(size)
        if bounds is None:
            file.close()
            raise StorageError(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
        start, stop = bounds
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    file.seek(start)
    response.content_length = stop - start
    response.response = blocks(file, stop - start)
    return response


def _headers(resource: Resource) -> dict[str, str]:
    md5 = f",md5={resource['md5Hash']}" if "md5Hash" in resource else ""
    headers = {
        "Content-Type": resource["contentType"],
        "ETag": resource["etag"],
        "Last-Modified": format_datetime(datetime.fromisoformat(resource["updated"]), usegmt=True),
        "Accept-Ranges": "bytes",
        "x-goog-generation": resource["generation"],
        "x-goog-metageneration": resource["metageneration"],
        "x-goog-hash": f"crc32c={resource['crc32c']}{md5}",
        "x-goog-stored-content-length": resource["size"],
        "x-goog-stored-content-encoding": resource.get("contentEncoding", "identity"),
        "x-goog-storage-class": resource["storageClass"],
    }
    chosen = {
        "Cache-Control": "cacheControl",
        "Content-Disposition": "contentDisposition",
        "Content-Encoding": "contentEncoding",
        "Content-Language": "contentLanguage",
    }
    headers |= {header: resource[field] for header, field in chosen.items() if resource.get(field)}
    return headers | {f"x-goog-meta-{key}": value for key, value in resource.get("metadata", {}).items()}
