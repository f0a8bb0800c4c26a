"""`python -m infra.offline COMMAND ...` runs a command, such as `terraform validate`, with the offline providers."""

from __future__ import annotations

import subprocess
import sys

from infra.offline import OfflineProviders


def main(command: list[str]) -> int:
    """Run a command with the offline providers. Returns its exit code."""
    with OfflineProviders() as providers:
        return subprocess.run(command, env=providers.environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
