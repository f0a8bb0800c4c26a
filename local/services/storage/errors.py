"""Errors, in the two formats of Cloud Storage."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from werkzeug import Response

_XML_CODES = {"notFound": "NoSuchKey", "conditionNotMet": "PreconditionFailed", "forbidden": "AccessDenied"}


class StorageError(Exception):
    """The call fails and has no effect; `reason` is the API's error code."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message

    def as_json(self) -> Response:
        """The error in the JSON API."""
        detail = {"message": self.message, "domain": "global", "reason": self.reason}
        body = {"error": {"code": self.status, "message": self.message, "errors": [detail]}}
        return Response(json.dumps(body), self.status, mimetype="application/json")

    def as_xml(self) -> Response:
        """The error in the XML API."""
        code = _XML_CODES.get(self.reason, self.reason)
        body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code>"
        body += f"<Message>{escape(self.message)}</Message></Error>"
        return Response(body, self.status, mimetype="application/xml")


def invalid(message: str) -> StorageError:
    return StorageError(400, "invalid", message)


def not_found(what: str) -> StorageError:
    return StorageError(404, "notFound", f"No such object: {what}" if "/" in what else f"No such bucket: {what}")
