"""Checks a deployment after `terraform apply`. It changes nothing, except with --first-report.

Without an address it checks all of it: what anybody can see, the states of all parts, and that Terraform would change
nothing. It reads infra/terraform.tfvars and Terraform's outputs, and asks Google with your token. With the address of
an API it checks what can be seen from outside, which needs no credentials. Each line is a verdict: OK, FAIL or UNKNOWN.
The exit code is 0 if all are OK, 1 if one failed, 3 if none failed and one is unknown.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra import catalogue, variables
from infra.catalogue import ROOT
from infra.google_apis import GoogleApis, Unreadable, signed_in
from infra.smoke import alerts, data, first_report, outside, services, terraform
from infra.smoke.outside import Target
from infra.smoke.services import Deployed
from infra.verdicts import Check, Unknown, report


def main(arguments: list[str] | None = None, apis: GoogleApis | None = None) -> int:
    """Make all checks. Returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.url:
        checks = outside.checks(Target(options.url, options.project, options.functions))
        return report(checks, options.url)
    try:
        checks, subject = _whole(options, apis)
    except (OSError, ValueError, LookupError, Unreadable, Unknown) as error:
        sys.stderr.write(f"UNKNOWN {error}\n")
        return 3
    return report(checks, subject)


def _whole(options: argparse.Namespace, apis: GoogleApis | None) -> tuple[list[Check], str]:
    """The checks of a deployment that this machine may ask about, and its address."""
    wanted = variables.load(options.variables)
    outputs = terraform.outputs(options.terraform)
    apis = apis or signed_in(str(wanted["project"]))
    deployed = Deployed(
        wanted["region"],
        wanted["firestore_database"],
        outputs["function_url"],
        outputs["trigger_accounts"]["schedules"],
        outputs["load_balancer_ip"],
        unchecked=wanted.get("public_invoker") == "unchecked",
    )
    page = f"{wanted['cors_origins'][0]}/" if wanted["cors_origins"] else ""
    checks = [
        *terraform.checks(options.terraform),
        *services.checks(apis, catalogue.load(), deployed),
        *data.checks(apis, deployed),
        *alerts.checks(apis),
        *outside.checks(Target(outputs["api_url"], wanted["project"], outputs["function_url"])),
        *(first_report.checks(outputs, page) if options.first_report else []),
    ]
    return checks, str(outputs["api_url"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.smoke", description=__doc__)
    parser.add_argument("url", nargs="?", help="the address of an API, for what can be seen from outside alone")
    parser.add_argument("--project", default="", help="with an address: the project of the forged token")
    parser.add_argument(
        "--functions", default="", metavar="URL", help="with an address: the direct address of the functions"
    )
    parser.add_argument(
        "--variables", type=Path, default=variables.FILE, metavar="FILE", help="the variables: infra/terraform.tfvars"
    )
    parser.add_argument(
        "--terraform", type=Path, default=ROOT / "infra", metavar="FOLDER", help="the configuration: infra"
    )
    parser.add_argument(
        "--first-report", action="store_true", help="play a first visit, too (docs/deploy.md has what it needs)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
