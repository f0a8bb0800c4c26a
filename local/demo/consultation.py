"""One consultation on a stack of its own, from the recording to the signed report and the paid bill."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import SubprocessError

import urllib3
from rich.console import Console

from local import samples
from local.demo import appointment, books, doubts, exporting, letter, live, same_person, seed, sharing, show
from local.demo.client import App, DemoError
from local.demo.show import Stages
from local.demo.visit import People, Visit
from local.demo.wer import word_error_rate
from local.services.kit.service import MissingPrerequisite
from local.services.speech.engine import EngineStopped
from local.services.speech.service import SpeechService
from local.services.speech.weights import WeightsError
from local.stack.stack import Stack

_SAMPLE = "follow_up_visit"
_PREREQUISITES = (MissingPrerequisite, WeightsError)
_FAILURES = (DemoError, EngineStopped, urllib3.exceptions.HTTPError, SubprocessError, OSError, RuntimeError)


def run(state: Path, out: Path) -> int:
    """Play the demo; returns the exit code: 0, 1 for a failure, 2 for a missing prerequisite.

    The PDFs go to `out`; the stack's data in `state` is removed at the end.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = show.console()
    try:
        play(console, state, out)
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    except (*_PREREQUISITES, *_FAILURES) as error:
        show.failure(console, error)
        return 2 if isinstance(error, _PREREQUISITES) else 1
    return 0


def play(console: Console, state: Path, out: Path) -> None:
    """Start a stack, play the consultation on it, and stop it."""
    started = time.monotonic()
    console.print("[bold]SynapseAI: one consultation, from the recording to the signed report and the paid bill[/]")
    with _temporary_folder(state) as folder, ExitStack() as running:
        stages = Stages(console)
        with stages.stage("The local stack starts") as note:
            stack = running.enter_context(Stack(folder))
            running.enter_context(_with_stack_failure(stack))
            note("Firestore, Storage, KMS, Speech, Tasks, Gemini, IAM")
        with stages.stage("A clinic opens") as note:
            tokens = _seed_and_warm_up(stack)
            note(str(seed.SETTINGS["name"]))
        _consultation(stack, tokens, console, stages, out)
    console.print(f"\nAll of it took {time.monotonic() - started:.0f} s; everything that was started has stopped.")


def _consultation(stack: Stack, tokens: Mapping[str, str], console: Console, stages: Stages, out: Path) -> None:
    sample = samples.load(_SAMPLE)
    doctor, desk, admin = (App(stack.url, tokens[role]) for role in ("doctor", "receptionist", "admin"))
    visit = Visit(People(doctor, desk, admin), stages, out)
    before = stack.recorder.mark()
    with stages.stage("The admin sets the terms of payment") as note:
        terms = {"payment_terms": "Due within 15 days, by UPI or in cash."}
        note(admin.put("/clinic", terms, etag=admin.get("/clinic").etag).body["payment_terms"])
    patient = visit.register()
    appointment.keep(stack, desk, admin, stages, patient)
    visit.consent(patient)
    session = visit.begin(patient, sample.seconds)
    visit.record(session, sample)
    draft = visit.wait_for_draft(session)
    show.draft(console, draft.report.body, draft.transcription)
    errors = word_error_rate(sample.reference_text, draft.transcription["transcript_text"])
    show.provenance(console, stack.service(SpeechService).endpoint.model, draft.report.body["ai_model"], errors)
    visit.refuse(draft)
    visit.check(draft)
    made, report = visit.correct(draft, sample.reference_text)
    show.corrections(console, made)
    report = doubts.slip(doctor, stages, report)
    visit.complete(session)
    report = doubts.resolve(doctor, stages, report)
    signed = visit.sign(report, seed.STAFF["demo-doctor"][0], seed.PASSWORD)
    visit.add(signed)
    show.signature(console, signed.body, visit.zone())
    paths = [visit.verify(signed), *exporting.export(doctor, stages, signed, out)]
    paths.append(sharing.share_with_patient(doctor, stages, stack.url, signed, out))
    letter.request(doctor, stages, session)
    paid = visit.pay(sharing.bill_patient(desk, stages, stack.url, visit.bill(session)))
    books.verify(stack, stages)
    paths.append(visit.bill_pdf(paid))
    calls = stack.recorder.calls(before)
    live.record(doctor, stages, patient, sample)
    same_person.tell(doctor, admin, stages, doctor.get(f"/patients/{patient}").body)
    show.bill(console, paid.body)
    show.cost(console, calls)
    show.files(console, paths)


def _seed_and_warm_up(stack: Stack) -> Mapping[str, str]:
    """Open the clinic while the speech engine loads its model."""
    with ThreadPoolExecutor(1) as background:
        warm = background.submit(stack.service(SpeechService).endpoint.warm_up)
        tokens = seed.seed(stack)
        warm.result()
    return tokens


@contextmanager
def _temporary_folder(state: Path) -> Iterator[Path]:
    """A new folder in `state`, removed at the end; after a failure it stays for its logs."""
    state.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir=state))
    failed = False
    try:
        yield folder
    except Exception as error:
        failed = True
        error.add_note(f"The logs of this run are in {folder}")
        raise
    finally:
        if not failed:
            shutil.rmtree(folder)


@contextmanager
def _with_stack_failure(stack: Stack) -> Iterator[None]:
    """Add to an exception the process of the stack that ended unexpectedly, if any."""
    try:
        yield
    except Exception as error:
        if stack.failure:
            error.add_note(stack.failure)
        raise
