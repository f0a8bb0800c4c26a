"""SQLite files. A committed change survives SIGKILL, but perhaps not a loss of power."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def connect(file: Path, schema: str) -> sqlite3.Connection:
    """Open or create a file that only its owner can read. The caller lets one thread at a time use the connection."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    connection = sqlite3.connect(file, check_same_thread=False)
    # A commit is in the operating system's files when it returns. Only a loss of power makes an fsync necessary.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(schema)
    return connection
