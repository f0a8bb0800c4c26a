"""Starts one function in this process, sends it one request, and reports the time.

`python -I start.py < job.json`, with `source` (a main.py), `signature`, `absent` (modules that cannot be imported) and
`request`, which may be null. Prints one line of JSON: the processor time and the wall-clock time in seconds, from the
first import until the function was `ready` and until it had `answered`; the status of the response; and the loaded
modules. The start of the interpreter is not included.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import time
from collections.abc import Iterable
from typing import Any, TextIO


def main() -> None:
    """Run the job from standard input."""
    job = json.load(sys.stdin)
    report = begin(job["absent"])
    watch = _Watch()
    import functions_framework

    app = functions_framework.create_app("main", job["source"], job["signature"])
    result: dict[str, Any] = {"ready": watch.read()}
    result["status"] = _answer(app, **job["request"]) if job["request"] else None
    result["answered"] = watch.read()
    json.dump({**result, "modules": sorted(name for name, module in sys.modules.copy().items() if module)}, report)
    report.flush()
    os._exit(0)  # do not wait for the threads of gRPC


def begin(absent: Iterable[str]) -> TextIO:
    """The file for the report: standard output, which the logs of the function are kept out of. From now on the absent
    modules cannot be imported."""
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    without: dict[str, Any] = dict.fromkeys(absent)
    sys.modules.update(without)  # None makes the import fail
    return report


class _Watch:
    def __init__(self) -> None:
        self._started = self._now()

    def read(self) -> list[float]:
        return [now - then for now, then in zip(self._now(), self._started, strict=True)]

    def _now(self) -> tuple[float, float]:
        return time.process_time(), time.perf_counter()


def _answer(app: Any, **request: Any) -> int:
    """Call the function as a WSGI server does. Returns the status."""
    statuses: list[str] = []
    for _ in app(environment_of(**request), lambda status, *_: statuses.append(status)):
        pass
    return int(statuses[0].split()[0])


def environment_of(method: str, path: str, headers: dict[str, str], body: str) -> dict[str, Any]:
    """What a WSGI server says of a request, whose body is in base64."""
    content = base64.b64decode(body)
    path, _, query = path.partition("?")
    environment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        variable = name.upper().replace("-", "_")
        environment[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
    return environment


if __name__ == "__main__":
    main()
