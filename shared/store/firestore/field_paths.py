"""Paths of fields, as update masks and transforms name them."""

from __future__ import annotations

import re
from functools import lru_cache

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@lru_cache(maxsize=1_000)
def joined(*names: str) -> str:
    """The path of a field in maps, outermost first: a name that is no identifier is quoted."""
    return ".".join(name if _PLAIN.fullmatch(name) else _quoted(name) for name in names)


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
