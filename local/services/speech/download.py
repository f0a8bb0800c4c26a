"""Downloads that continue after a broken connection or an interrupted process, verified by SHA-256."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

if TYPE_CHECKING:
    import httpx2

Report = Callable[[int, int | None], None]
"""Called with the bytes so far, and the size if the server names it."""

_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further attempt."""

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0
"""Time limits: for the connection, and between two pieces of the content."""

_REPORT_SECONDS = 10.0
"""Between two lines of progress where the output is not a terminal."""

_TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
"""The HTTP statuses of errors that another attempt may not meet."""


class DownloadError(Exception):
    """The file cannot be downloaded; the message says why. What arrived so far is kept unless it was wrong."""


class _Interrupted(Exception):
    """This attempt failed; another one may succeed."""


def fetch(url: str, target: Path, sha256: str, report: Report, note: Callable[[str], None]) -> None:
    """Download `url` to `target`, whose folder exists; `note` takes the reason of every further attempt.

    The content is collected in a `.part` file beside the target; a later call continues it. The part with the right
    SHA-256 becomes the target, a complete part with another one is deleted. Raises DownloadError.
    """
    import httpx2  # reads the proxy and certificate variables of the environment

    part = target.with_name(f"{target.name}.part")
    if not (part.exists() and _sha256(part) == sha256):
        timeout = httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
        try:
            with httpx2.Client(follow_redirects=True, timeout=timeout) as client:
                _complete(client, url, part, report, note)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise DownloadError(f"{url} cannot be downloaded: {_reason(error)}") from error
        if (received := _sha256(part)) != sha256:
            part.unlink()
            raise DownloadError(f"{url} has other content than expected: its SHA-256 is {received}, not {sha256}")
    part.replace(target)


@contextlib.contextmanager
def locked(folder: Path, note: Callable[[str], None]) -> Iterator[None]:
    """Create the folder and lock it; wait while another process has the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"Waiting for another process that downloads to {folder}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Display:
    """The progress on standard error: a bar in a terminal, otherwise a line every ten seconds."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def note(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Report]:
        """Show the progress of one file; yields the function that reports it."""
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
            with Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=self._console) as progress:
                task = progress.add_task(name, total=None)
                yield lambda done, size: progress.update(task, completed=done, total=size)
        else:
            yield self._lines(name)

    def _lines(self, name: str) -> Report:
        printed = time.monotonic()

        def report(done: int, size: int | None) -> None:
            nonlocal printed
            if time.monotonic() - printed >= _REPORT_SECONDS:
                printed = time.monotonic()
                self.note(f"{name}: {_megabytes(done)}{f' of {_megabytes(size)}' if size else ''}")

        return report


def _complete(client: httpx2.Client, url: str, part: Path, report: Report, note: Callable[[str], None]) -> None:
    import httpx2

    connecting = (httpx2.ConnectError, httpx2.ConnectTimeout)
    temporary = (_Interrupted, httpx2.NetworkError, httpx2.TimeoutException, httpx2.RemoteProtocolError)
    for attempt, pause in enumerate((*_PAUSES, None)):
        try:
            _append(client, url, part, report)
            return
        except temporary as error:
            if pause is None or (attempt == 0 and isinstance(error, connecting)):
                raise DownloadError(f"{url} cannot be downloaded: {_reason(error)}") from error
            note(f"{part.stem}: interrupted at {_megabytes(_size(part))} ({_reason(error)}); trying again")
            time.sleep(pause)


def _append(client: httpx2.Client, url: str, part: Path, report: Report) -> None:
    """Request what `part` lacks. A server without ranges sends the whole file, which then replaces the part."""
    start = _size(part)
    wanted = {"Range": f"bytes={start}-"} if start else {}
    with client.stream("GET", url, headers={"Accept-Encoding": "identity", **wanted}) as response:
        status = response.status_code
        if status in _TEMPORARY:
            raise _Interrupted(f"HTTP status {status}")
        continues = status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        if status == 416 or (status == 206 and not continues):
            part.unlink(missing_ok=True)
            raise _Interrupted(f"HTTP status {status}: the part is not a beginning of the file")
        if status not in {200, 206}:
            raise DownloadError(f"{url} cannot be downloaded: HTTP status {status}")
        done = start if continues else 0
        length = response.headers.get("Content-Length")
        size = done + int(length) if length else None
        with part.open("ab" if continues else "wb") as file:
            for piece in response.iter_raw():
                file.write(piece)
                done += len(piece)
                report(done, size)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
