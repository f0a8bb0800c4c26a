"""SQLite files. A committed change survives SIGKILL, but perhaps not a loss of power."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def connect(file: Path, schema: str, *, autocommit: bool = False) -> sqlite3.Connection:
    """Open or create a file that only its owner can read. The caller lets one thread at a time use the connection.

    With `autocommit`, the caller begins transactions; otherwise the first change does.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    connection = sqlite3.connect(file, isolation_level=None if autocommit else "DEFERRED", check_same_thread=False)
    # A commit is in the operating system's files when it returns. Only a loss of power makes an fsync necessary.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(schema)
    return connection
