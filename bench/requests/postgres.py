"""A PostgreSQL of the benchmark's own, where one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench.programs import started
from local.services.kit.servers import free_port

_ACCOUNT = "postgres"
"""PostgreSQL does not run as root; Debian's package has this account."""


def missing() -> str:
    """What is not installed; empty if all is there."""
    if find_spec("psycopg") is None:
        return "PostgreSQL is left out: psycopg is not installed (pip install -r requirements-bench.txt)"
    if not _program("initdb"):
        return "PostgreSQL is left out: it is not installed (apt-get install postgresql)"
    return ""


@contextmanager
def database(trusted: Path | None) -> Iterator[str]:
    """The URL of a new database, for SQLAlchemy with psycopg. It ends with the `with`. `trusted` is the certificate of
    its TLS, whose key is beside it; without one it speaks none."""
    import psycopg

    user = _ACCOUNT if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory() as folder:
        if user:
            shutil.chown(folder, user)
        data, port, mode = Path(folder, "data"), free_port(), "require" if trusted else "disable"
        options = ["--auth=trust", "--username=bench", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [_program("initdb"), "-D", data, *options], user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        command = [_program("postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", folder]
        if trusted:
            for name, file in (("server.key", trusted.with_suffix(".key")), ("server.crt", trusted)):
                copied = shutil.copy(file, data / name)
                if user:
                    shutil.chown(copied, user)
            command += ["-c", "ssl=on"]

        def connect() -> None:
            psycopg.connect(host="127.0.0.1", port=port, user="bench", dbname="postgres", sslmode=mode).close()

        with started(command, connect, psycopg.OperationalError, user=user, cwd=folder, stderr=subprocess.DEVNULL):
            yield f"postgresql+psycopg://bench@127.0.0.1:{port}/postgres?sslmode={mode}"


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, versions)])) or ""
