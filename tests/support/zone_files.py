"""A time zone database of one's own: files whose rules are those of a POSIX string, before those of the package."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def rules(folder: Path, **zones: str) -> Iterator[None]:
    """Let zones have other rules in this process, such as `America__New_York="EST5"` for no summer time."""
    for name, posix in zones.items():
        file = folder / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(zone_file(posix))
    zoneinfo.reset_tzpath(to=(str(folder),))
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(to=())
        zoneinfo.ZoneInfo.clear_cache()


def zone_file(posix: str) -> bytes:
    """A TZif file (RFC 8536) without transitions: the POSIX string in its footer says everything."""
    block = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
    return block + block + b"\n" + posix.encode() + b"\n"
