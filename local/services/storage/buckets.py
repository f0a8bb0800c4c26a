"""Buckets on disk: each is a folder with the bucket's resource, its objects' resources and their content."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.services.storage.conditions import Resource
from local.services.storage.errors import invalid
from local.services.storage.files import file_name, write_json

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")


@dataclass
class Bucket:
    """One bucket with the resources of its objects by name."""

    folder: Path
    resource: Resource
    objects: dict[str, Resource] = field(default_factory=dict)

    @classmethod
    def create(cls, buckets: Path, settings: Resource) -> Bucket:
        """Create a bucket below the folder `buckets`, with the caller's settings."""
        name = str(settings.get("name", ""))
        if not _NAME.fullmatch(name):
            raise invalid(f"Invalid bucket name: '{name}'")
        time = timestamp()
        own = {"kind": "storage#bucket", "id": name, "metageneration": "1", "timeCreated": time, "updated": time}
        bucket = cls(buckets / file_name(name), {"location": "US", "storageClass": "STANDARD", **settings, **own})
        bucket.folder.mkdir(parents=True, exist_ok=True)
        bucket.save()
        return bucket

    @classmethod
    def load(cls, folder: Path) -> Bucket:
        """Load a bucket; content that no object refers to is removed."""
        bucket = cls(folder, json.loads((folder / "bucket.json").read_text()))
        for file in folder.glob("*.object"):
            resource = json.loads(file.read_text())
            bucket.objects[resource["name"]] = resource
        used = {bucket.content(resource) for resource in bucket.objects.values()}
        for file in folder.glob("*.content"):
            if file not in used:
                file.unlink()
        return bucket

    def save(self) -> None:
        write_json(self.folder / "bucket.json", self.resource)

    def put(self, resource: Resource) -> None:
        """Create or replace the object of this name; its content must already be on disk."""
        write_json(self._file(resource["name"]), resource)
        self.objects[resource["name"]] = resource

    def remove(self, resource: Resource) -> None:
        self._file(resource["name"]).unlink()
        self.content(resource).unlink()
        del self.objects[resource["name"]]

    def content(self, resource: Resource) -> Path:
        """The file that holds the content of this generation."""
        return self.folder / f"{file_name(resource['name'])}.{resource['generation']}.content"

    def _file(self, name: str) -> Path:
        return self.folder / f"{file_name(name)}.object"


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
