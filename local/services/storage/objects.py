"""The object store. One lock covers the check and the change; the change and its events are on disk at the return."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from local.services.storage.buckets import Bucket, new_bucket, patched_bucket
from local.services.storage.conditions import NO_CONDITIONS, Conditions, Resource
from local.services.storage.database import Change, Database
from local.services.storage.errors import StorageError, invalid, not_found
from local.services.storage.events import DELETED, FINALIZED
from local.services.storage.files import Staged, file_name, stage
from local.services.storage.outbox import Outbox
from local.services.storage.resources import new_object, patched_object


class ObjectStore:
    """Buckets and objects: their resources in a database, their content in a folder.

    A change and its events are one transaction. `outbox` publishes the events before the call returns.
    """

    def __init__(self, folder: Path, database: Database, outbox: Outbox) -> None:
        """Load the objects, and remove content without an object, which a kill left behind."""
        self._database = database
        self._outbox = outbox
        self._lock = threading.Lock()
        self._staged = folder / "staged"
        shutil.rmtree(self._staged, ignore_errors=True)
        self._staged.mkdir(parents=True)
        self._buckets = {resource["name"]: Bucket(resource) for resource in database.buckets()}
        objects = database.objects()
        for resource in objects:
            self._buckets[resource["bucket"]].objects[resource["name"]] = resource
        self._generation = max((int(resource["generation"]) for resource in objects), default=0)
        self._contents = folder / "contents"
        self._contents.mkdir(exist_ok=True)
        used = {self._content(resource) for resource in objects}
        for file in self._contents.iterdir():
            if file not in used:
                file.unlink()

    # Buckets

    def create_bucket(self, settings: Resource) -> Resource:
        with self._lock:
            if settings.get("name") in self._buckets:
                raise StorageError(409, "conflict", "You already own this bucket. Please select another name.")
            resource = new_bucket(settings)
            with self._database.change() as change:
                change.put_bucket(resource)
            self._buckets[resource["name"]] = Bucket(resource)
            return resource

    def buckets(self, prefix: str = "") -> list[Resource]:
        with self._lock:
            return [bucket.resource for name, bucket in sorted(self._buckets.items()) if name.startswith(prefix)]

    def bucket(self, name: str, conditions: Conditions = NO_CONDITIONS) -> Resource:
        with self._lock:
            resource = self._bucket(name).resource
            conditions.check(resource, reading=True)
            return resource

    def patch_bucket(self, name: str, changes: Resource, conditions: Conditions = NO_CONDITIONS) -> Resource:
        with self._lock:
            bucket = self._bucket(name)
            conditions.check(bucket.resource)
            resource = patched_bucket(bucket.resource, changes)
            with self._database.change() as change:
                change.put_bucket(resource)
            bucket.resource = resource
            return resource

    def delete_bucket(self, name: str, conditions: Conditions = NO_CONDITIONS) -> None:
        with self._lock:
            bucket = self._bucket(name)
            conditions.check(bucket.resource)
            if bucket.objects:
                raise StorageError(409, "conflict", "The bucket you tried to delete is not empty.")
            with self._database.change() as change:
                change.remove_bucket(name)
            del self._buckets[name]

    # Objects

    def objects(self, bucket: str) -> dict[str, Resource]:
        """A copy of a bucket's objects by name."""
        with self._lock:
            return dict(self._bucket(bucket).objects)

    def get(self, bucket: str, name: str, conditions: Conditions = NO_CONDITIONS) -> Resource:
        with self._lock:
            return self._object(bucket, name, conditions, reading=True)

    def open(self, bucket: str, name: str, conditions: Conditions = NO_CONDITIONS) -> tuple[Resource, IO[bytes]]:
        """The object and its content, which stays readable if the object is replaced."""
        with self._lock:
            resource = self._object(bucket, name, conditions, reading=True)
            return resource, self._content(resource).open("rb")

    def check(self, bucket: str, name: str, conditions: Conditions) -> None:
        """Raises StorageError if `insert` would fail now."""
        with self._lock:
            _check_replaceable(self._bucket(bucket).objects.get(name), conditions)

    def insert(
        self,
        bucket: str,
        name: str,
        content: Iterable[bytes],
        metadata: Resource,
        conditions: Conditions = NO_CONDITIONS,
        *,
        components: int | None = None,
        also: Callable[[Change, Resource], None] = lambda _change, _resource: None,
    ) -> Resource:
        """Create or replace an object; `also` adds to the transaction. `components`: it is composed of so many.

        If `metadata` has `crc32c` or `md5Hash`, they must match the content.
        """
        if not 1 <= len(name.encode()) <= 1024:
            raise invalid("An object name has 1 to 1024 bytes.")
        staged = stage(self._staged, content)
        try:
            staged.check_hashes(metadata)
            resource = self._commit(bucket, name, staged, metadata, conditions, components=components, also=also)
        finally:
            staged.path.unlink(missing_ok=True)
        self._outbox.flush()
        return resource

    def patch(
        self, bucket: str, name: str, changes: Resource, conditions: Conditions, *, replace: bool = False
    ) -> Resource:
        """Change the writable metadata; with `replace`, fields missing in `changes` are removed."""
        with self._lock:
            resource = patched_object(self._object(bucket, name, conditions), changes, replace=replace)
            with self._database.change() as change:
                change.put_object(resource)
            self._bucket(bucket).objects[name] = resource
            return resource

    def delete(self, bucket: str, name: str, conditions: Conditions = NO_CONDITIONS) -> None:
        with self._lock:
            resource = self._object(bucket, name, conditions)
            _check_hold(resource)
            with self._database.change() as change:
                change.remove_object(resource)
                change.enqueue(DELETED, resource)
            del self._bucket(bucket).objects[name]
            self._content(resource).unlink()
        self._outbox.flush()

    # The caller of these methods holds the lock

    def _bucket(self, name: str) -> Bucket:
        if name not in self._buckets:
            raise not_found(name)
        return self._buckets[name]

    def _object(self, bucket: str, name: str, conditions: Conditions, *, reading: bool = False) -> Resource:
        resource = self._bucket(bucket).objects.get(name)
        if resource is None or not conditions.selects(resource):
            raise not_found(f"{bucket}/{name}")
        conditions.check(resource, reading=reading)
        return resource

    def _content(self, resource: Resource) -> Path:
        """The file that holds the content of this generation."""
        return self._contents / f"{file_name(resource['bucket'] + '/' + resource['name'])}.{resource['generation']}"

    def _commit(
        self,
        bucket_name: str,
        name: str,
        staged: Staged,
        metadata: Resource,
        conditions: Conditions,
        *,
        components: int | None,
        also: Callable[[Change, Resource], None],
    ) -> Resource:
        with self._lock:
            bucket = self._bucket(bucket_name)
            replaced = bucket.objects.get(name)
            _check_replaceable(replaced, conditions)
            self._generation = max(self._generation + 1, time.time_ns() // 1000)
            resource = new_object(bucket_name, name, self._generation, staged, metadata, components=components)
            staged.path.replace(self._content(resource))
            with self._database.change() as change:
                change.put_object(resource)
                if replaced:
                    change.enqueue(DELETED, replaced)
                change.enqueue(FINALIZED, resource)
                also(change, resource)
            bucket.objects[name] = resource
            if replaced:
                self._content(replaced).unlink()
            return resource


def _check_replaceable(current: Resource | None, conditions: Conditions) -> None:
    conditions.check(current)
    if current:
        _check_hold(current)


def _check_hold(resource: Resource) -> None:
    if resource.get("temporaryHold") or resource.get("eventBasedHold"):
        what = f"{resource['bucket']}/{resource['name']}"
        raise StorageError(403, "objectUnderActiveHold", f"Object '{what}' is under an active hold.")
