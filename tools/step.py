"""`python tools/step.py TEXT COMMAND …` runs a command, and prints TEXT if the command takes more than five seconds.

Needs only the standard library: set-up uses it before any package is installed.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

_SECONDS = 5.0


def run(text: str, command: Sequence[str], seconds: float = _SECONDS) -> int:
    """The exit code of the command, as a shell reports it; 127 if the program does not exist."""
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    # The command decides how to end: a terminal sends Ctrl-C to it too, make sends SIGTERM to this process alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait(seconds)
    except subprocess.TimeoutExpired:
        # In a terminal the cursor may stand at the end of the command's progress bar.
        print(f"\n{text}" if sys.stdout.isatty() else text, flush=True)
        code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
