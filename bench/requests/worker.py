"""Loads one program into this process and sends it requests, each of which it measures.

`python -I worker.py`: the first line of standard input is a job in JSON, with `source`, `signature` and `absent` as in
`start.py`; without a `signature`, the program is the app on SQLAlchemy, and `source` the folder of the repository. Each
further line is a request: `method`, `path`, `headers` and `body` (base64). The answer to each is one line: `status`,
`body` (base64), and `processor`, the seconds of the call in all threads of the process.
"""

from __future__ import annotations

import base64
import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

_START = runpy.run_path(str(Path(__file__).parents[1] / "start.py"))
"""By path: the folders of the benchmark are no place for a function's imports to be found in."""


def main() -> None:
    """Answer requests until standard input ends."""
    job = json.loads(sys.stdin.readline())
    report = _START["begin"](job["absent"])
    app = _loaded(job["source"], job["signature"])
    print("{}", file=report, flush=True)
    for line in sys.stdin:
        print(json.dumps(_measured(app, json.loads(line))), file=report, flush=True)
    os._exit(0)  # do not wait for the threads of gRPC


def _loaded(source: str, signature: str) -> Any:
    if not signature:
        sys.path.insert(0, source)
        from bench.requests.flask_peer import app

        return app
    import functions_framework

    return functions_framework.create_app("main", source, signature)


def _measured(app: Any, request: dict[str, Any]) -> dict[str, Any]:
    environment = _START["environment_of"](**request)
    statuses: list[str] = []
    begun = time.process_time()
    content = b"".join(app(environment, lambda status, *_: statuses.append(status)))
    processor = time.process_time() - begun
    return {
        "status": int(statuses[0].split()[0]),
        "body": base64.b64encode(content).decode(),
        "processor": processor,
    }


if __name__ == "__main__":
    main()
