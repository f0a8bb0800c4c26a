"""The JSON API: buckets and objects."""

from __future__ import annotations

from itertools import chain
from urllib.parse import quote

from werkzeug import Response
from werkzeug.routing import Rule

from local.services.storage.conditions import Conditions, Resource
from local.services.storage.content import content_answer
from local.services.storage.errors import invalid
from local.services.storage.files import blocks
from local.services.storage.listing import Query, page
from local.services.storage.objects import ObjectStore
from local.services.storage.resources import WRITABLE
from local.services.storage.rewrites import Rewrites
from local.services.storage.web import StorageRequest, json_answer

_MAX_COMPOSED = 32


class JsonApi:
    """The calls below /storage/v1 and the downloads, on one object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._rewrites = Rewrites()

    def rules(self) -> list[Rule]:
        bucket, objects = "/storage/v1/b/<bucket>", "/storage/v1/b/<bucket>/o"
        one = f"{objects}/<name>"
        target = "b/<to_bucket>/o/<to_name>"
        return [
            Rule("/storage/v1/b", methods=["GET"], endpoint=self.list_buckets),
            Rule("/storage/v1/b", methods=["POST"], endpoint=self.insert_bucket),
            Rule(bucket, methods=["GET"], endpoint=self.get_bucket),
            Rule(bucket, methods=["PATCH"], endpoint=self.patch_bucket),
            Rule(bucket, methods=["DELETE"], endpoint=self.delete_bucket),
            Rule(objects, methods=["GET"], endpoint=self.list_objects),
            Rule(one, methods=["GET"], endpoint=self.get_object),
            Rule(f"/download{one}", methods=["GET"], endpoint=self.get_object),
            Rule(one, methods=["PATCH", "PUT"], endpoint=self.patch_object),
            Rule(one, methods=["DELETE"], endpoint=self.delete_object),
            Rule(f"{one}/copyTo/{target}", methods=["POST"], endpoint=self.copy),
            Rule(f"{one}/rewriteTo/{target}", methods=["POST"], endpoint=self.rewrite),
            Rule(f"{one}/compose", methods=["POST"], endpoint=self.compose),
        ]

    # Buckets

    def list_buckets(self, request: StorageRequest) -> Response:
        request.names("buckets.list")
        found = self._store.buckets(request.args.get("prefix", ""))
        return json_answer({"kind": "storage#buckets", "items": found})

    def insert_bucket(self, request: StorageRequest) -> Response:
        settings = request.json_body()
        request.names("buckets.insert", str(settings.get("name", "")))
        return json_answer(self._store.create_bucket(settings))

    def get_bucket(self, request: StorageRequest, bucket: str) -> Response:
        request.names("buckets.get", bucket)
        return json_answer(self._store.bucket(bucket, Conditions.from_query(request.args)))

    def patch_bucket(self, request: StorageRequest, bucket: str) -> Response:
        request.names("buckets.patch", bucket)
        conditions = Conditions.from_query(request.args)
        return json_answer(self._store.patch_bucket(bucket, request.json_body(), conditions))

    def delete_bucket(self, request: StorageRequest, bucket: str) -> Response:
        request.names("buckets.delete", bucket)
        self._store.delete_bucket(bucket, Conditions.from_query(request.args))
        return Response(status=204)

    # Objects

    def list_objects(self, request: StorageRequest, bucket: str) -> Response:
        request.names("objects.list", bucket)
        objects = self._store.objects(bucket)
        found = page(objects, _list_query(request))
        answer = {
            "kind": "storage#objects",
            "items": [object_resource(request, objects[name]) for name in found.names],
            "prefixes": found.prefixes,
        }
        return json_answer({**answer, "nextPageToken": found.next_token} if found.next_token else answer)

    def get_object(self, request: StorageRequest, bucket: str, name: str) -> Response:
        request.names("objects.get", bucket, name)
        conditions = Conditions.from_query(request.args)
        if request.args.get("alt") == "media":
            return content_answer(self._store, request, bucket, name, conditions)
        return object_answer(request, self._store.get(bucket, name, conditions))

    def patch_object(self, request: StorageRequest, bucket: str, name: str) -> Response:
        replace = request.method == "PUT"
        request.names("objects.update" if replace else "objects.patch", bucket, name)
        conditions = Conditions.from_query(request.args)
        changes = request.json_body()
        return object_answer(request, self._store.patch(bucket, name, changes, conditions, replace=replace))

    def delete_object(self, request: StorageRequest, bucket: str, name: str) -> Response:
        request.names("objects.delete", bucket, name)
        self._store.delete(bucket, name, Conditions.from_query(request.args))
        return Response(status=204)

    def copy(self, request: StorageRequest, bucket: str, name: str, to_bucket: str, to_name: str) -> Response:
        request.names("objects.copy", to_bucket, to_name)
        return object_answer(request, self._copied(request, bucket, name, to_bucket, to_name))

    def rewrite(self, request: StorageRequest, bucket: str, name: str, to_bucket: str, to_name: str) -> Response:
        request.names("objects.rewrite", to_bucket, to_name)
        source = self._store.get(bucket, name, Conditions.of_source(request.args))
        size, target = int(source["size"]), (source["id"], to_bucket, to_name)
        most = self._rewrites.most_bytes(request, self._store.bucket(bucket), self._store.bucket(to_bucket))
        done = self._rewrites.done(request.args.get("rewriteToken"), target) + most
        answer = {"kind": "storage#rewriteResponse", "objectSize": str(size)}
        if done < size:
            self._store.check(to_bucket, to_name, Conditions.from_query(request.args))
            token = self._rewrites.token(target, done)
            return json_answer({**answer, "done": False, "totalBytesRewritten": str(done), "rewriteToken": token})
        resource = object_resource(request, self._copied(request, bucket, name, to_bucket, to_name))
        return json_answer({**answer, "done": True, "totalBytesRewritten": str(size), "resource": resource})

    def compose(self, request: StorageRequest, bucket: str, name: str) -> Response:
        request.names("objects.compose", bucket, name)
        body = request.json_body()
        sources = body.get("sourceObjects", [])
        if not 1 <= len(sources) <= _MAX_COMPOSED:
            raise invalid(f"The number of source components must be between 1 and {_MAX_COMPOSED}.")
        opened = [self._store.open(bucket, source["name"], _component(source)) for source in sources]
        count = sum(int(source.get("componentCount", 1)) for source, _ in opened)
        content = chain.from_iterable(blocks(file) for _, file in opened)
        conditions = Conditions.from_query(request.args)
        try:
            destination = body.get("destination", {})
            resource = self._store.insert(bucket, name, content, destination, conditions, components=count)
        finally:
            for _, file in opened:
                file.close()
        return object_answer(request, resource)

    def _copied(self, request: StorageRequest, bucket: str, name: str, to_bucket: str, to_name: str) -> Resource:
        """Copy an object with its metadata, unless the request's body has metadata. Holds are not copied."""
        source, file = self._store.open(bucket, name, Conditions.of_source(request.args))
        with file:
            kept = {field: source[field] for field in WRITABLE & source.keys() if not field.endswith("Hold")}
            body = request.json_body()
            metadata = body if WRITABLE & body.keys() else kept
            conditions, components = Conditions.from_query(request.args), source.get("componentCount")
            return self._store.insert(to_bucket, to_name, blocks(file), metadata, conditions, components=components)


def object_answer(request: StorageRequest, resource: Resource) -> Response:
    return json_answer(object_resource(request, resource))


def object_resource(request: StorageRequest, resource: Resource) -> Resource:
    """The resource with its links, on the host of the request."""
    path = f"storage/v1/b/{resource['bucket']}/o/{quote(resource['name'], safe='')}"
    media = f"{request.host_url}download/{path}?generation={resource['generation']}&alt=media"
    return {**resource, "selfLink": request.host_url + path, "mediaLink": media}


def _list_query(request: StorageRequest) -> Query:
    args = request.args
    return Query(
        prefix=args.get("prefix", ""),
        delimiter=args.get("delimiter", ""),
        start=args.get("startOffset", ""),
        end=args.get("endOffset", ""),
        page_size=args.get("maxResults", Query.page_size, type=int),
        page_token=args.get("pageToken", ""),
    )


def _component(source: Resource) -> Conditions:
    """The preconditions of a compose request on one of its sources."""
    match = source.get("objectPreconditions", {}).get("ifGenerationMatch")
    exact = source.get("generation")
    if match is not None and exact is not None and int(match) != int(exact):
        raise invalid("generation and ifGenerationMatch of a source component differ.")
    return Conditions(
        exact=None if exact is None else int(exact), generation_match=None if match is None else int(match)
    )
