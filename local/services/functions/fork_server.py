"""Serves staged functions, each in a process of its own, as the Functions Framework does when deployed.

`python -I fork_server.py SOCKET` loads once what nearly all of them load, and then forks a process for each function
that it is asked for: so one starts in a fifth of the time. SOCKET is the number of an inherited socket. Each message on
it brings two files: the connection to a new function, and its log. The host ends when SOCKET is closed.

On its connection a function is told, in one JSON line, its `folder`, `target`, `signature` (http or cloudevent) and
`environment`. It answers with the line `{"process": N}` and, when it listens, `{"port": N}`; after its end the host
adds `{"exit": CODE}`, negative for a signal. A function ends when its connection is closed, so with the stack.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

_NEEDED = (
    "firebase_admin.auth",
    "functions_framework",
    "google.cloud.firestore",
    "google.cloud.kms_v1",
    "google.cloud.storage",
    "google.cloud.tasks_v2",
    "pydantic.main",
    "tink.aead",
    "werkzeug.serving",
)
_FILES = 2
"""That come with a message."""


def main() -> None:
    """Start a function for each message, until there are no more."""
    _load()
    orders = socket.socket(fileno=int(sys.argv[1]))
    ended, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)  # without a handler, nothing wakes us
    signal.set_wakeup_fd(wakes.fileno())
    connections: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([orders, ended], [], [])
        if ended in ready:
            ended.recv(select.PIPE_BUF)
            _report_ends(connections)
        if orders in ready:
            _, files, _, _ = socket.recv_fds(orders, 1, _FILES)
            if not files:
                return
            connection, log = socket.socket(fileno=files[0]), files[1]
            process = os.fork()
            if not process:
                _close(orders, ended, wakes, *connections.values())
                _become_function(connection, log)
            connections[process] = connection
            os.close(log)


def _load() -> None:
    """Import what nearly all functions import. It starts no thread: a fork has only the one that forked."""
    for name in _NEEDED:
        import_module(name)
    gc.collect()
    gc.freeze()  # else the first collection in a process copies all of it


def _report_ends(connections: dict[int, socket.socket]) -> None:
    while connections:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        with connections.pop(process) as connection:
            _tell(connection, exit=os.waitstatus_to_exitcode(status))


def _close(*inherited: socket.socket) -> None:
    """What stays open in a fork does not close when its owner closes it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for one in inherited:
        one.close()


def _become_function(connection: socket.socket, log: int) -> None:
    """Serve a function in this process, which is new, until its end."""
    try:
        os.dup2(log, sys.stdout.fileno())
        os.dup2(log, sys.stderr.fileno())
        os.close(log)
        _tell(connection, process=os.getpid())
        stream = connection.makefile("rb")
        order = json.loads(stream.readline())
        threading.Thread(target=_end_with, args=(stream,), daemon=True).start()
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        _serve(connection, Path(order["folder"]), order["target"], order["signature"])
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(1)


def _serve(connection: socket.socket, folder: Path, target: str, signature: str) -> None:
    import functions_framework
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing: the gateway knows every request."""

    sys.path.insert(0, str(folder))
    app = functions_framework.create_app(target, str(folder / "main.py"), signature)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    _tell(connection, port=server.server_port)
    server.serve_forever()


def _end_with(stream: BinaryIO) -> None:
    stream.read()
    os._exit(0)


def _tell(connection: socket.socket, **facts: Any) -> None:
    """Send a line, if somebody still listens."""
    try:
        connection.sendall(json.dumps(facts).encode() + b"\n")
    except OSError:
        return


if __name__ == "__main__":
    main()
