"""`python -m local run` runs the local stack; `firestore` its Firestore alone; `demo` plays one consultation on its own
stack; `stage` creates the folders and archives to deploy; `clean` removes all data."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra import catalogue, staging
from infra.catalogue import ROOT
from local.services.auth.endpoint import MAILS
from local.services.firestore.service import FirestoreService
from local.services.kit.identity import PROJECT
from local.services.kit.servers import LOOPBACK
from local.services.kit.service import MissingPrerequisite
from local.services.outbox.service import SENT
from local.services.speech import weights
from local.services.storage.service import SESSIONS
from local.stack.environment import NAMES
from local.stack.stack import Stack
from local.stack.state import lock

_BUILD = ROOT / "build"
_console = Console()


def main() -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args()
    if options.command == "run":
        return _run(options)
    if options.command == "firestore":
        return _firestore(options)
    if options.command == "demo":
        return _demo(options)
    if options.command == "stage":
        folders = staging.stage_all(catalogue.load(), _BUILD)
        staging.archive_all(folders, _BUILD / "archives")
        _console.print(f"{len(folders)} functions are staged in {_BUILD}, and packed in {_BUILD / 'archives'}")
    else:
        staging.clean(_BUILD)
        shutil.rmtree(options.state, ignore_errors=True)
        _console.print(f"{_BUILD} and {options.state} are gone")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["run", "firestore", "demo", "stage", "clean"])
    parser.add_argument("--port", type=int, default=8080, help="port of the API or of Firestore (default 8080; 0: any)")
    parser.add_argument(
        "--host",
        default=LOOPBACK,
        help="address of this machine at which the API listens besides 127.0.0.1, for phones; 0.0.0.0: all addresses",
    )
    parser.add_argument("--state", type=Path, default=ROOT / ".state", help="folder for all data")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder for the demo's PDFs")
    parser.add_argument(
        "--events-port",
        type=int,
        default=0,
        help="port to which the emulator of FIRESTORE_EMULATOR_HOST sends its events",
    )
    return parser


def _demo(options: argparse.Namespace) -> int:
    from local.demo import consultation  # imports the product: only a starting stack needs it

    try:
        weights.locate(weights.chosen())  # before the demo's own display, because a download takes minutes
    except KeyboardInterrupt:
        _console.print("stopped")
        return 130
    except weights.WeightsError as error:
        _console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 2
    return consultation.run(options.state / "demo", options.out)


def _run(options: argparse.Namespace) -> int:
    from local.demo.seed import seed  # imports the product: only a starting stack needs it

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = Stack(
        options.state,
        options.port,
        firestore=os.environ.get("FIRESTORE_EMULATOR_HOST"),
        events_port=options.events_port,
        ticking=True,
        host=options.host,
        cors_origins=os.environ.get("CORS_ORIGINS") or NAMES["CORS_ORIGINS"],
    )
    try:
        _locate_weights()
        with stack:
            _welcome(stack, seed(stack))
            stack.failed.wait()
    except KeyboardInterrupt:
        _console.print("stopped")
        return 0
    except MissingPrerequisite as missing:
        _console.print(str(missing), style="red", markup=False)
        return 2
    except (OSError, RuntimeError) as error:
        _console.print(str(error), style="red", markup=False)
    _console.print(stack.failure, style="red", markup=False)
    return 1


def _locate_weights() -> None:
    """Download the speech model if it is missing. Without it the stack runs, but transcriptions fail."""
    try:
        weights.locate(weights.chosen())
    except weights.WeightsError as error:
        _console.print(str(error), style="yellow", markup=False, soft_wrap=True)
        _console.print("The stack starts without the model: transcriptions fail until it is there.", style="yellow")


def _firestore(options: argparse.Namespace) -> int:
    """Serve Firestore alone until Ctrl-C. Its data is that of the stack in the same folder: only one of them runs."""
    from local.services.firestore.embedded.backend import EmbeddedFirestore

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as running:
            lock(options.state, running)
            firestore = EmbeddedFirestore(options.state / FirestoreService.name, port=options.port)
            running.callback(firestore.stop)
            _console.print(
                f"FIRESTORE_EMULATOR_HOST={firestore.address} GOOGLE_CLOUD_PROJECT={PROJECT}", soft_wrap=True
            )
            threading.Event().wait()
    except MissingPrerequisite as missing:
        _console.print(str(missing), style="red", markup=False)
        return 2
    except KeyboardInterrupt:
        _console.print("stopped")
    return 0


def _welcome(stack: Stack, tokens: Mapping[str, str]) -> None:
    from local.demo.seed import PASSWORD, STAFF

    table = Table(title="SynapseAI runs on this machine", show_header=False)
    url = stack.public_url
    table.add_row("API", f"{url}/api/v1")
    table.add_row("documentation", f"{url}/api/v1/docs")
    table.add_row("sign-in", f"connectAuthEmulator(auth, '{url}')")
    table.add_row("uploads", f"{url}{SESSIONS}… (each upload URL is in the response that opens it)")
    table.add_row("progress", f"{url}/api/v1/sessions/{{id}}/progress (server-sent events)")
    table.add_row("Firestore, this machine only", stack.firestore.address)
    table.add_row("web clients (CORS_ORIGINS)", stack.client_environment()["CORS_ORIGINS"])
    table.add_row("mails (invitations)", f"{url}{MAILS}")
    table.add_row("mails and text messages", f"{url}{SENT}")
    table.add_row("accounts", "\n".join(email for email, _ in STAFF.values()))
    table.add_row("their password", PASSWORD)
    _console.print(table)
    for name, token in tokens.items():
        # On its own line without line breaks, so that it can be copied.
        _console.print(f"[bold]token of {name}[/bold]")
        _console.print(token, soft_wrap=True, markup=False, highlight=False)
    if url == stack.url:
        _console.print("A phone cannot connect: start with --host 0.0.0.0 (make run HOST=0.0.0.0).")
    else:
        _console.print(
            f"Phones in this network connect to {url}. Sign-in is not protected here: anybody in the network can act "
            "as any user. Use a network that you trust, and synthetic data only.",
            style="yellow",
        )
    _console.print("Ctrl-C stops everything.")


if __name__ == "__main__":
    sys.exit(main())
