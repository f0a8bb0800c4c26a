"""Loads one program into this process and sends it requests, each of which it measures.

`python -I worker.py`: the first line of standard input is a job in JSON, with `source`, `signature` and `absent` as in
`start.py`; without a `signature`, the program is the app on SQLAlchemy, and `source` the folder of the repository. Each
further line is a request: `method`, `path`, `headers` and `body` (base64). The answer to each is one line: `status`,
`headers`, `body` (base64), and `processor` and `clock`, the seconds of the call in all threads of the process.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import time
from typing import Any


def main() -> None:
    """Answer requests until standard input ends."""
    job = json.loads(sys.stdin.readline())
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # keep the logs of the program out of the report
    sys.modules.update(dict.fromkeys(job["absent"]))  # None makes the import fail
    app = _loaded(job["source"], job["signature"])
    print("{}", file=report, flush=True)
    for line in sys.stdin:
        print(json.dumps(_measured(app, **json.loads(line))), file=report, flush=True)
    os._exit(0)  # do not wait for the threads of gRPC


def _loaded(source: str, signature: str) -> Any:
    if not signature:
        sys.path.insert(0, source)
        from bench.requests.flask_peer import app

        return app
    import functions_framework

    return functions_framework.create_app("main", source, signature)


def _measured(app: Any, method: str, path: str, headers: dict[str, str], body: str) -> dict[str, Any]:
    environment = _environment(method, path, headers, base64.b64decode(body))
    started: list[Any] = []
    clock, processor = time.perf_counter(), time.process_time()
    answer = app(environment, lambda *response: started.append(response))
    content = b"".join(answer)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    status, named = started[0][:2]
    return {
        "status": int(status.split()[0]),
        "headers": dict(named),
        "body": base64.b64encode(content).decode(),
        "processor": processor,
        "clock": clock,
    }


def _environment(method: str, path: str, headers: dict[str, str], content: bytes) -> dict[str, Any]:
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
