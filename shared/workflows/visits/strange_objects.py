"""Objects in our buckets that nobody announced: deleted, and reported as security events.

They may be recordings or transcripts in the clear, put there by somebody with write access to the bucket. Their names
may contain anything, so a report has a digest of the name only.
"""

from __future__ import annotations

import hashlib
import logging

from shared.lazily import lazily

with lazily(globals()):
    from shared.gateways import storage

UNKNOWN_RECORDING = "unknown_recording"
"""The reason to discard an object without a record."""

_log = logging.getLogger("synapse.security")


def discard_recording(object_name: str, reason: str = "malformed_name") -> None:
    """Delete an object of the bucket of recordings, unless it is gone, and report it."""
    stored = storage.recording(object_name) if object_name else None
    if stored is not None:
        storage.delete_recording(stored.name, stored.generation)
        _report("recording", object_name, reason)


def discard_result(object_name: str, reason: str = "malformed_name") -> None:
    """Delete an object of the bucket of results, and report it."""
    if object_name:
        storage.delete_result(object_name)
        _report("result", object_name, reason)


def _report(kind: str, object_name: str, reason: str) -> None:
    digest = hashlib.sha256(object_name.encode(errors="surrogatepass")).hexdigest()
    _log.error("strange object deleted", extra={"kind": kind, "digest": digest, "reason": reason})
