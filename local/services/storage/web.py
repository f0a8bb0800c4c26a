"""Requests to the endpoint, and responses that both APIs share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from werkzeug import Request, Response

from local.services.storage.conditions import Resource
from local.services.storage.errors import StorageError, invalid

_JSON_API = ("/storage/", "/upload/", "/download/", "/batch/")


class StorageRequest(Request):
    """A request with its undecoded path and the name of its API call."""

    call: str = ""
    """The method name in the API, such as `objects.insert`."""
    resource: str = ""
    """The call's `bucket` or `bucket/object`."""
    session_url: str = ""
    """The address in the URI of a new upload session, if it is not the host of the request."""
    refuse: Callable[[str], None] = staticmethod(lambda _call: None)
    """Raises StorageError if a test wants this call to fail."""

    @property
    def raw_path(self) -> str:
        """The path with its percent-encoding: `a%2Fb` is one object name, `a/b` are two segments."""
        return urlsplit(self.environ["REQUEST_URI"]).path

    @property
    def speaks_json(self) -> bool:
        """True for the JSON API, False for the XML API."""
        return self.raw_path.startswith(_JSON_API)

    def names(self, call: str, *resource: str) -> None:
        """Set the call and the resource that the recorder notes. Raises StorageError if a test wants it to fail."""
        self.call = call
        self.resource = "/".join(resource)
        self.refuse(call)

    def json_body(self) -> Resource:
        """The JSON object in the body; an absent body is an empty object."""
        return json_object(self.get_data())

    def hashes(self) -> dict[str, str]:
        """The content hashes in X-Goog-Hash, by their field names in a resource."""
        stated = dict(part.strip().partition("=")[::2] for part in self.headers.get("x-goog-hash", "").split(","))
        fields = {"crc32c": stated.get("crc32c"), "md5Hash": stated.get("md5")}
        return {name: value for name, value in fields.items() if value}


def json_object(data: bytes) -> Resource:
    try:
        value = json.loads(data or b"{}")
    except ValueError:
        raise StorageError(400, "parseError", "Parse Error") from None
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value


def required(request: StorageRequest, name: str) -> str:
    """A query parameter. Raises StorageError without it."""
    if not request.args.get(name):
        raise StorageError(400, "required", f"Required parameter: {name}")
    return request.args[name]


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")
