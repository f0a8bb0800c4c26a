"""Buckets and their settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from local.services.storage.conditions import Resource
from local.services.storage.errors import invalid
from local.services.storage.resources import merged, next_metageneration, timestamp

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


@dataclass
class Bucket:
    """One bucket with the resources of its objects by name."""

    resource: Resource
    objects: dict[str, Resource] = field(default_factory=dict)


def new_bucket(settings: Resource) -> Resource:
    """The resource of a new bucket with the caller's settings."""
    name = str(settings.get("name", ""))
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid bucket name: '{name}'")
    time = timestamp()
    own = {"kind": "storage#bucket", "id": name, "metageneration": "1", "timeCreated": time, "updated": time}
    return {"location": "US", "storageClass": "STANDARD", **settings, **own}


def patched_bucket(current: Resource, changes: Resource) -> Resource:
    """`current` after a change of its settings."""
    own = {"name": current["name"], "metageneration": next_metageneration(current), "updated": timestamp()}
    return {**merged(current, changes), **own}
