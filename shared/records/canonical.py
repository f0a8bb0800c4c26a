"""Values that are kept or signed as bytes, in canonical JSON (RFC 8785): equal values have equal bytes."""

from __future__ import annotations

import json
from typing import Any

from shared.records.record import Value

_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_LARGEST_INTEGER = 2**53 - 1


class CanonicalValue(Value):
    """A value with one form in bytes."""

    def canonical(self) -> bytes:
        """RFC 8785 JSON, UTF-8."""
        return canonical_json(self.model_dump(mode="json"))


def canonical_json(value: dict[str, Any]) -> bytes:
    """RFC 8785 JSON, UTF-8. Raises rfc8785.CanonicalizationError for what has no such form."""
    if _is_canonical_when_sorted(value):
        return _sorted(value).encode()
    import rfc8785

    return rfc8785.dumps(value)


def _is_canonical_when_sorted(value: Any) -> bool:
    """True if the standard library writes the value as RFC 8785 does: it has other forms of numbers with a fraction,
    and another order of names beyond the Basic Multilingual Plane. It writes such values many times faster."""
    if isinstance(value, str):
        return True
    if isinstance(value, dict):
        return all(name.isascii() and _is_canonical_when_sorted(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_canonical_when_sorted, value))
    return value is None or (isinstance(value, int) and abs(value) <= _LARGEST_INTEGER)
