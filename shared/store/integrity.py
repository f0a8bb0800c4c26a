"""Stored documents that cannot be decrypted. They are separate from other errors because they indicate tampering.

A ciphertext is bound to its clinic, key, record and field. If it does not open, somebody changed the database without
the product, or a restore mixed documents of different times. Key services that do not answer raise other errors.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import tink

from shared.records.problems import RecordUnreadable

_log = logging.getLogger("synapse.security")
_INCOMPLETE = (KeyError, TypeError, ValueError)
"""Missing or wrong fields; pydantic's and JSON's errors are ValueErrors."""


@contextmanager
def reading(clinic_id: str, kind: str, id: str) -> Iterator[None]:
    """Raises RecordUnreadable, after a security event with ids, when the stored document does not open."""
    try:
        yield
    except (tink.TinkError, *_INCOMPLETE) as error:
        reason = "altered" if isinstance(error, tink.TinkError) else "incomplete"
        extra = {"clinic_id": clinic_id, "kind": kind, "id": id, "reason": reason}
        _log.error("record does not open", extra=extra, exc_info=error)
        raise RecordUnreadable from None
