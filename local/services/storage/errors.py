"""Errors, in the two formats of Cloud Storage."""

from __future__ import annotations

import json
import threading
from collections import deque
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


class PlantedErrors:
    """Errors of the service, such as 429 and 503, that tests want instead of the effect of a call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planted: deque[tuple[str, int]] = deque()

    def plant(self, call: str, status: int, times: int = 1) -> None:
        """Fail the next calls of this method, such as `objects.compose`."""
        with self._lock:
            self._planted.extend([(call, status)] * times)

    def raise_next(self, call: str) -> None:
        """Raises StorageError if the call is to fail."""
        with self._lock:
            status = next((status for planted, status in self._planted if planted == call), None)
            if status is None:
                return
            self._planted.remove((call, status))
        raise StorageError(status, "rateLimitExceeded" if status == 429 else "backendError", "planted")


def invalid(message: str) -> StorageError:
    return StorageError(400, "invalid", message)


def not_found(what: str) -> StorageError:
    return StorageError(404, "notFound", f"No such object: {what}" if "/" in what else f"No such bucket: {what}")
