"""A request to the endpoint, and the answers that both of its APIs give."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from werkzeug import Request, Response

from local.services.storage.conditions import Resource
from local.services.storage.errors import StorageError, invalid

_JSON_API = ("/storage/", "/upload/", "/download/", "/batch/")


class StorageRequest(Request):
    """A request that knows its path as it was sent, and which call of the API it turned out to be."""

    call: str = ""
    """The call as the API names it, such as `objects.insert`."""
    resource: str = ""
    """`bucket` or `bucket/object` that the call names."""

    @property
    def raw_path(self) -> str:
        """The path with its percent-encoding: `a%2Fb` is one object name, `a/b` are two segments."""
        return urlsplit(self.environ["REQUEST_URI"]).path

    @property
    def speaks_json(self) -> bool:
        """Whether the JSON API is addressed, not the XML API."""
        return self.raw_path.startswith(_JSON_API)

    def names(self, call: str, *resource: str) -> None:
        """Note what is called, for the taps."""
        self.call = call
        self.resource = "/".join(resource)

    def json_body(self) -> Resource:
        """The JSON object in the body; an absent body is an empty object."""
        return json_object(self.get_data())

    def hashes(self) -> dict[str, str]:
        """The hashes of the content that X-Goog-Hash states, by their names in a resource."""
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
    """A query parameter that must be there."""
    if not request.args.get(name):
        raise StorageError(400, "required", f"Required parameter: {name}")
    return request.args[name]


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")
