"""Our own time of a visit: from the end of an upload to the draft of its report, on a local stack.

Two waits are not ours and are left out. From the call that begins the recognition to the object that Speech-to-Text
writes only the engine works for the visit: what the functions do meanwhile delays nothing. The stand-in of the model
says itself how long it wrote. Everything else counts: events and tasks, every start of a function, calls to Google.

The recording is short, so it is decoded and measured before its recognition begins; a longer one afterwards. What that
takes grows with its length, and is noted beside it.

A cold visit finds none of the functions running that work in the background, and no key in them. They load their
packages as in the cloud, from compiled folders. Afterwards all of them are warm. Their machine has the stack's services
and this program beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from statistics import median

from bench.measure import Comparison, timed
from bench.population import bodies
from bench.stacks import embedded
from bench.tables import console, show_milliseconds
from local import samples
from local.demo import seed
from local.demo.client import App
from local.demo.consent import CONSENT
from local.services.kit.recorder import Call
from local.stack.environment import RESULTS_BUCKET
from local.stack.stack import Stack
from shared.audio.source import Source
from shared.workflows.visits import audio_check

WARM_SECONDS, COLD_SECONDS = 0.4, 3.0
"""What a visit may take of our own time."""
FUNCTIONS = (
    *("on_audio_uploaded", "on_transcript_ready", "on_transcription_completed", "on_session_completed"),
    *("check_transcription", "write_report"),
)
"""Those that work in the background for a draft."""
_SAMPLE, _LONG = "short_visit", "follow_up_visit"
_TIMEOUT = 240.0
"""Seconds; the engine hears the recording once, and remembers it."""


@dataclass(frozen=True)
class OwnTime:
    """Parts of the time from an upload to its draft, in seconds."""

    begun: float
    """From the end of the upload to the call that begins the recognition."""
    recognition: float
    """From there to its result: not ours."""
    drafted: float
    """From the result to the commit of the draft, with the model's time."""
    model: float
    """The model's time: not ours."""

    @property
    def own(self) -> float:
        return self.begun + self.drafted - self.model


def run(rounds: int) -> Sequence[Comparison]:
    """Measure and print. Raises TimeoutError for a visit without a draft."""
    with embedded(preloading=False) as stack:
        found = compare(rounds, stack, console.print)
    console.print("Our own time from the end of an upload to the draft: wall-clock ms")
    show_milliseconds(found, "ours", "limit")
    return found


def compare(rounds: int, stack: Stack, note: Callable[[str], None]) -> list[Comparison]:
    """Warm and cold visits against their bounds; medians. The stack must not preload packages."""
    doctor = App(stack.url, seed.seed(stack)["doctor"])
    patients = bodies(2 * rounds + 1, allow_duplicate=True)
    visit(stack, doctor, next(patients))  # compiles the folders; the engine hears the recording
    warm = [visit(stack, doctor, next(patients)) for _ in range(rounds)]
    cold = [visit(stack, doctor, next(patients), cold=True) for _ in range(rounds)]
    for name, found in (("warm", warm), ("cold", cold)):
        begun, own = _shown([one.begun for one in found]), _shown([one.own for one in found])
        note(f"{name}: {own}, of it {begun} until the recognition began")
    note(f"measuring a recording: {1e3 * checked_seconds():.1f} ms of processor time for a second of audio")
    return [
        Comparison("upload to draft, warm", median(one.own for one in warm), WARM_SECONDS, 1.0),
        Comparison("upload to draft, cold", median(one.own for one in cold), COLD_SECONDS, 1.0),
    ]


def visit(stack: Stack, doctor: App, patient: dict[str, object], *, cold: bool = False) -> OwnTime:
    """Play a visit until its draft is there. Raises TimeoutError."""
    sample = samples.load(_SAMPLE)
    audio = sample.audio.read_bytes()
    patient_id = doctor.post("/patients", patient).body["id"]
    doctor.post(f"/patients/{patient_id}/consents", CONSENT)
    session = doctor.post("/sessions", {"patient_id": patient_id}).body["id"]
    upload = {"content_type": sample.content_type, "size_bytes": len(audio)}
    opened = doctor.post(f"/sessions/{session}/recordings", upload).body
    stack.wait_idle(_TIMEOUT)
    if cold:
        for name in FUNCTIONS:
            stack.functions.kill(name)
    mark = stack.recorder.mark()
    doctor.upload(opened["upload_url"], audio)
    end = time.perf_counter()
    calls = _until_drafted(stack, mark, session)
    seen = doctor.get(f"/sessions/{session}")
    doctor.post(f"/sessions/{session}/complete", etag=seen.etag)  # a doctor has one running visit
    stack.wait_idle(_TIMEOUT)
    return own_time(calls, end)


def checked_seconds() -> float:
    """Seconds of processor time that measuring a recording takes for a second of it."""
    sample = samples.load(_LONG)
    audio = sample.audio.read_bytes()
    return timed(lambda: audio_check.examine(Source(BytesIO(audio), len(audio)), 2))() / sample.seconds


def own_time(calls: Sequence[Call], end: float) -> OwnTime:
    """The parts of the time from the `end` of an upload to the last commit of `write_report`, by the calls since."""
    [begun] = [call.at for call in calls if call.method == "BatchRecognize"]
    [result] = [call.at for call in calls if call.resource.startswith(f"{RESULTS_BUCKET}/") and not call.caller]
    drafted = max(call.at for call in calls if _is_commit(call))
    model = sum(call.model_seconds for call in calls)
    return OwnTime(begun - end, result - begun, drafted - result, model)


def _until_drafted(stack: Stack, mark: int, session: str) -> list[Call]:
    """The calls up to the second commit of `write_report`: the first one marks the report as being written."""
    deadline = time.monotonic() + _TIMEOUT
    while time.monotonic() < deadline:
        calls = stack.recorder.calls(mark)
        if sum(map(_is_commit, calls)) == 2:
            return calls
        time.sleep(0.01)
    raise TimeoutError(f"the visit {session} has no draft")


def _is_commit(call: Call) -> bool:
    return (call.caller, call.method) == ("write_report", "Commit")


def _shown(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
