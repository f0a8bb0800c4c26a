"""firestore.rules, evaluated for the callers that are not the owner of the data.

The rules allow apps one thing: to get the progress of a session of a patient of theirs. tests/rules compares this
module with Google's emulator, which evaluates the file itself, for every caller and method.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from grpc import StatusCode

from local.services.firestore.embedded.messages import microseconds_of
from local.services.firestore.embedded.names import Path
from local.services.firestore.embedded.reader import Reader
from local.services.kit.rpc import StatusError

Fields = Mapping[str, Any]
"""The fields of a document, as Firestore values."""


def denied() -> StatusError:
    return StatusError(StatusCode.PERMISSION_DENIED, "Missing or insufficient permissions.")


def require_get(path: Path, authorization: str, reader: Reader) -> None:
    """Raises StatusError unless the rules let the caller get the document, whether it exists or not."""
    match path.segments:
        case (b"clinics", clinic, b"progress", session):
            claims = _claims(authorization)
            if claims.get("clinic") == clinic.decode() and _is_admitted(claims, clinic, session, reader):
                return
    raise denied()


def _is_admitted(claims: Mapping[str, Any], clinic: bytes, session: bytes, reader: Reader) -> bool:
    """The function `admitted` of the rules. A missing or wrongly typed field is an error there, and denies."""
    user_id = claims.get("sub")
    if not isinstance(user_id, str) or not user_id:
        return False
    user = reader.get(Path((b"clinics", clinic, b"users", user_id.encode())))
    patient = reader.get(Path((b"clinics", clinic, b"patients", session.partition(b"-")[0])))
    if user is None or patient is None:
        return False
    fields = user.document.fields
    return _is_accepted(claims, fields) and _sees(user_id, fields, patient.document.fields)


def _is_accepted(claims: Mapping[str, Any], user: Fields) -> bool:
    """The function `accepted` of the rules."""
    issued, signed_in = claims.get("iat"), claims.get("auth_time")
    if not (isinstance(issued, int) and isinstance(signed_in, int)):
        return False
    disabled, valid_after = user["disabled"], user["tokens_valid_after"]
    return (
        user["live"].boolean_value
        and disabled.WhichOneof("value_type") == "boolean_value"
        and not disabled.boolean_value
        and valid_after.WhichOneof("value_type") == "timestamp_value"
        and min(issued, signed_in) * 1_000_000 >= microseconds_of(valid_after.timestamp_value)
    )


def _sees(user_id: str, user: Fields, patient: Fields) -> bool:
    """The function `sees` of the rules."""
    roles, doctors = _texts(user["roles"]), {patient["owner_id"].string_value, *_texts(patient["shared_with"])}
    return patient["live"].boolean_value and ("admin" in roles or ("doctor" in roles and user_id in doctors))


def _texts(value: Any) -> list[str]:
    return [one.string_value for one in value.array_value.values]


def _claims(authorization: str) -> Mapping[str, Any]:
    """The claims of an unsigned ID token; none if it is malformed."""
    try:
        payload = authorization.removeprefix("Bearer ").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
