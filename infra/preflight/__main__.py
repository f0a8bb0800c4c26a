"""Checks a project before the first `terraform apply`. It changes nothing.

Each line is a verdict: OK, FAIL or UNKNOWN (Google did not say, which is not OK), with what to do. The exit code is 0
if all are OK, 1 if one failed, 3 if none failed and one is unknown.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from infra import variables
from infra.google_apis import GoogleApis, Unreadable, signed_in
from infra.preflight import builds, foundation, models, policies, quotas
from infra.verdicts import report


def main(arguments: list[str] | None = None, apis: GoogleApis | None = None, today: date | None = None) -> int:
    """Make all checks. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        wanted = variables.load(options.variables)
        apis = apis or signed_in(str(wanted["project"]))
    except (OSError, ValueError, LookupError, Unreadable) as error:
        sys.stderr.write(f"UNKNOWN {error}\n")
        return 3
    checks = [
        *foundation.checks(apis, wanted),
        *policies.checks(apis, wanted),
        *builds.checks(apis, wanted),
        *quotas.checks(apis, wanted),
        *models.checks(apis, wanted, today or datetime.now(UTC).date()),
    ]
    return report(checks, f"{wanted['project']} in {wanted['region']}, before terraform apply")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.preflight", description=__doc__)
    parser.add_argument(
        "--variables", type=Path, default=variables.FILE, metavar="FILE", help="the variables: infra/terraform.tfvars"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
