"""Content files: written to a staging folder, and moved to their place when complete."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import google_crc32c

from local.services.storage.errors import invalid

BLOCK = 256 * 1024
"""Bytes per read."""


@dataclass(frozen=True)
class Staged:
    """Content on disk that no object refers to yet."""

    path: Path
    size: int
    crc32c: str
    md5: str
    """Base64, as `crc32c`."""

    def check_hashes(self, metadata: Mapping[str, Any]) -> None:
        """Raises StorageError 400 if `metadata` has a `crc32c` or `md5Hash` of other content."""
        for name, computed in (("crc32c", self.crc32c), ("md5Hash", self.md5)):
            if metadata.get(name) not in (None, computed):
                raise invalid(f"Provided {name} '{metadata[name]}' does not match the calculated '{computed}'.")


def stage(folder: Path, content: Iterable[bytes]) -> Staged:
    """Write `content` to a new file in `folder`; an error leaves no file."""
    path = folder / secrets.token_hex(16)
    crc32c, md5, size = 0, hashlib.md5(usedforsecurity=False), 0
    try:
        with path.open("xb") as file:
            for block in content:
                file.write(block)
                crc32c = google_crc32c.extend(crc32c, block)
                md5.update(block)
                size += len(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Staged(path, size, _base64(crc32c.to_bytes(4, "big")), _base64(md5.digest()))


def blocks(file: IO[bytes], size: int | None = None) -> Iterator[bytes]:
    """The rest of `file`, or its next `size` bytes, in blocks."""
    while block := file.read(BLOCK if size is None else min(BLOCK, size)):
        if size is not None:
            size -= len(block)
        yield block


def file_name(name: str) -> str:
    """A safe file name for a name that may contain any character."""
    return hashlib.sha256(name.encode()).hexdigest()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
