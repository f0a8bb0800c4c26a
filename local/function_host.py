"""Serves one staged function in a process of its own, as the Functions Framework does when deployed.

`python -I function_host.py --source STAGED/main.py --target NAME --signature http|cloudevent` prints one JSON line,
`{"port": N}`, when it is ready. It ends on SIGTERM and when its standard input closes, so it never outlives the stack.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from pathlib import Path


def main() -> None:
    """Load the function and serve it until the end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--signature", choices=["http", "cloudevent"], required=True)
    options = parser.parse_args()
    threading.Thread(target=_end_with_input, daemon=True).start()
    announce = _own_output()
    sys.path.insert(0, str(options.source.parent))

    import functions_framework
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing: the gateway knows every request."""

    app = functions_framework.create_app(options.target, str(options.source), options.signature)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    os.write(announce, json.dumps({"port": server.server_port}).encode() + b"\n")
    os.close(announce)
    server.serve_forever()


def _own_output() -> int:
    """Keep standard output for the announcement; what the function prints goes to the log with its errors."""
    announce = os.dup(1)
    os.dup2(2, 1)
    return announce


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
