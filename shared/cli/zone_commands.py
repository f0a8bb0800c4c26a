"""The command about the rules of time zones."""

from __future__ import annotations

import argparse
from typing import Any

from shared.records import time_zones
from shared.workflows.scheduling import zone_rules


def add(commands: Any) -> None:
    """Add the command to the command line."""
    text = "let the appointments of all clinics follow the present rules of their time zones"
    commands.add_parser("zone-rules", help=text).set_defaults(run=follow)


def follow(_options: argparse.Namespace) -> None:
    """Compare all appointments with the present rules, and print what moved."""
    compared = 0
    for done in zone_rules.compare_all("zone-rules"):
        compared += done.compared
        for id in done.moved:
            unsettled = ", and must be settled" if id in done.unsettled else ""
            print(f"{done.clinic_id}: appointment {id} moved{unsettled}")
        if not done.succeeded:
            print(f"{done.clinic_id}: failed, see the log; the next run tries again")
    print(f"{compared} appointments compared with {time_zones.release()}")
