"""Values that are kept or signed as bytes, in canonical JSON (RFC 8785): equal values have equal bytes."""

from __future__ import annotations

from typing import Any

from shared.records.record import Value


class CanonicalValue(Value):
    """A value with one form in bytes."""

    def canonical(self) -> bytes:
        """RFC 8785 JSON, UTF-8."""
        import rfc8785

        plain: dict[str, Any] = self.model_dump(mode="json")
        return rfc8785.dumps(plain)
