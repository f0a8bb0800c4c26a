"""Serves staged functions, each in its own process, with the Functions Framework as when deployed.

`python -I fork_server.py SOCKET` imports the packages that nearly all functions need, and then forks a process for each
requested function: a start takes a fifth of the time. With `FOLDER MODULE...` it also imports these modules from the
folder of a staged function, with `--bare` nothing. SOCKET is the number of an inherited socket. Each message on it
carries two file descriptors: the connection to a new function, and its log. The server ends when SOCKET is closed.

A function reads one JSON line from its connection: `folder`, `target`, `signature` (http or cloudevent) and
`environment`. It writes the line `{"process": N}` and, when it listens, `{"port": N}`; after its end the fork server
writes `{"exit": CODE}`, negative for a signal. A function ends when its connection is closed, so with the stack.
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

_COMMON = (
    "functions_framework",
    "google.oauth2.service_account",
    "google.cloud.storage",
    "pydantic.main",
    "tink.aead",
    "werkzeug.serving",
)
_FILES = 2
"""File descriptors in a message."""


def main() -> None:
    """Start a function for each message, until the socket is closed."""
    _, number, *preloaded = sys.argv
    os.environ.clear()  # before modules set variables, which every function then has
    if preloaded != ["--bare"]:
        _load(*preloaded)
    orders = socket.socket(fileno=int(number))
    ended, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(
        signal.SIGCHLD, lambda _signal, _frame: None
    )  # without a handler, the wake-up descriptor gets no byte
    signal.set_wakeup_fd(wakes.fileno())
    connections: dict[int, socket.socket] = {}
    poll = select.poll()  # select() refuses a descriptor over 1023, and SOCKET has its number from a large process
    poll.register(orders, select.POLLIN)
    poll.register(ended, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if ended.fileno() in ready:
            ended.recv(select.PIPE_BUF)
            _report_ends(connections)
        if orders.fileno() in ready:
            _, files, _, _ = socket.recv_fds(orders, 1, _FILES)
            if not files:
                return
            connection, log = socket.socket(fileno=files[0]), files[1]
            process = os.fork()
            if not process:
                _close(orders, ended, wakes, *connections.values())
                _become_function(connection, log, *preloaded[:1])
            connections[process] = connection
            os.close(log)


def _load(*folder_and_modules: str) -> None:
    """Import the common packages and modules. None starts a thread: a fork has only the thread that forked."""
    folders, modules = folder_and_modules[:1], folder_and_modules[1:]
    sys.path[:0] = folders
    for name in (*_COMMON, *modules):
        import_module(name)
    del sys.path[: len(folders)]
    gc.collect()
    gc.freeze()  # without it, the first collection in a child copies all these pages


def _report_ends(connections: dict[int, socket.socket]) -> None:
    while connections:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        with connections.pop(process) as connection:
            _send(connection, exit=os.waitstatus_to_exitcode(status))


def _close(*inherited: socket.socket) -> None:
    """Close inherited sockets: a socket stays open until all processes that hold it close it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for connection in inherited:
        connection.close()


def _become_function(connection: socket.socket, log: int, preloaded: str = "") -> None:
    """Serve a function in this new process until its end; `preloaded` is the folder of the modules that it has."""
    try:
        os.dup2(log, sys.stdout.fileno())
        os.dup2(log, sys.stderr.fileno())
        os.close(log)
        _send(connection, process=os.getpid())
        stream = connection.makefile("rb")
        start = json.loads(stream.readline())
        threading.Thread(target=_exit_with, args=(stream,), daemon=True).start()
        os.environ.update(start["environment"])
        os.chdir(start["folder"])
        if preloaded:
            _move_packages(preloaded, start["folder"])
        _serve(connection, Path(start["folder"]), start["target"], start["signature"])
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(1)


def _move_packages(preloaded: str, folder: str) -> None:
    """Let the packages of the preloaded folder find their further modules in the function's own folder."""
    for module in list(sys.modules.values()):
        places = getattr(module, "__path__", None)
        if isinstance(places, list):  # a namespace package has another type, and none of ours is one
            places[:] = [place.replace(f"{preloaded}/", f"{folder}/") for place in places]


def _serve(connection: socket.socket, folder: Path, target: str, signature: str) -> None:
    import functions_framework
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log nothing: requests come from the stack."""

    sys.path.insert(0, str(folder))
    app = functions_framework.create_app(target, str(folder / "main.py"), signature)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    _send(connection, port=server.server_port)
    server.serve_forever()


def _exit_with(stream: BinaryIO) -> None:
    stream.read()
    os._exit(0)


def _send(connection: socket.socket, **facts: Any) -> None:
    """Send a line; no error if the connection is closed."""
    try:
        connection.sendall(json.dumps(facts).encode() + b"\n")
    except OSError:
        return


if __name__ == "__main__":
    main()
