"""Resources in the JSON API's form: new ones, and changes to existing ones."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from local.services.storage.conditions import Resource
from local.services.storage.files import Staged

WRITABLE = frozenset(
    {
        "cacheControl",
        "contentDisposition",
        "contentEncoding",
        "contentLanguage",
        "contentType",
        "customTime",
        "eventBasedHold",
        "metadata",
        "temporaryHold",
    }
)
"""The fields of an object that a caller may set."""


def new_object(
    bucket: str, name: str, generation: int, staged: Staged, metadata: Resource, *, components: int | None
) -> Resource:
    """The resource of a new object or generation, with the writable fields of `metadata`. One that is composed of
    others has their number and no MD5 hash (cloud.google.com/storage/docs/composite-objects, November 2026)."""
    now = timestamp()
    hashes = {"md5Hash": staged.md5} if components is None else {"componentCount": components}
    resource = {
        "contentType": "application/octet-stream",
        **{field: value for field, value in metadata.items() if field in WRITABLE and value is not None},
        "kind": "storage#object",
        "id": f"{bucket}/{name}/{generation}",
        "bucket": bucket,
        "name": name,
        "generation": str(generation),
        "metageneration": "1",
        "storageClass": "STANDARD",
        "size": str(staged.size),
        "crc32c": staged.crc32c,
        **hashes,
        "timeCreated": now,
        "updated": now,
        "timeStorageClassUpdated": now,
    }
    return {**resource, "etag": _etag(resource)}


def patched_object(current: Resource, changes: Resource, *, replace: bool) -> Resource:
    """`current` after a change of its writable fields; with `replace`, fields missing in `changes` are removed."""
    writable = {field: value for field, value in changes.items() if field in WRITABLE}
    kept = {field: value for field, value in current.items() if field not in WRITABLE} if replace else current
    resource = merged(kept, writable)
    resource["metageneration"] = next_metageneration(current)
    resource["updated"] = timestamp()
    resource["etag"] = _etag(resource)
    return resource


def next_metageneration(resource: Resource) -> str:
    return str(int(resource["metageneration"]) + 1)


def _etag(resource: Resource) -> str:
    return base64.b64encode(f"{resource['generation']}/{resource['metageneration']}".encode()).decode()


def merged(target: Resource, changes: Resource) -> Resource:
    """`target` after a JSON merge patch: null removes, objects are merged, any other value replaces."""
    result = dict(target)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged_value(result.get(name), value)
    return result


def _merged_value(current: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    return merged(current if isinstance(current, dict) else {}, change)


def timestamp() -> str:
    """The current time as in RFC 3339."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
