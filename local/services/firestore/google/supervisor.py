"""Runs a program that must not outlive its parent: `python -I supervisor.py PROGRAM ARGUMENT…`.

The program is stopped when standard input closes, so also when the parent is killed.
"""

from __future__ import annotations

import subprocess
import sys
import threading

_GRACE = 5.0
"""Seconds from SIGTERM to SIGKILL."""


def main() -> int:
    """Run the program in the arguments; returns its exit code."""
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_stop_with_input, args=(program,), daemon=True).start()
    return program.wait()


def _stop_with_input(program: subprocess.Popen[bytes]) -> None:
    sys.stdin.buffer.read()
    program.terminate()
    try:
        program.wait(_GRACE)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main())
