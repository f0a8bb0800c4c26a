"""Live recordings over HTTP, in which client, function and Storage are killed all the time: nothing of it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from local.services.kit.recorder import Fault
from local.services.speech.service import SpeechService
from local.services.speech.tones import Spoken
from local.services.storage.service import StorageService
from local.stack.stack import Stack
from shared.records.visits.live.ranges import ranges_of
from tests.journeys.sweep.stalled_jobs import tasks_lost, transcription_of
from tests.journeys.test_long_recordings import conversation
from tests.support import crashes as support
from tests.support.clinics import TestClinic
from tests.support.live import stored_pieces
from tests.support.live_client import LiveClient
from tests.support.live_recordings import Live, Sent, cut
from tests.support.thorough import SEED, THOROUGH

LIVE = "live_audio"
INSERT, GET = ("storage", "objects.insert"), ("storage", "objects.get")
RECOGNIZE, COMMIT = ("speech", "Recognize"), ("firestore", "Commit")
AFTER_THE_WRITE = (INSERT, RECOGNIZE, COMMIT)
"""The calls of a piece between its write and its answer: the function is killed after them, by turns."""
CLIENT, FUNCTION, STORAGE = "client", "function", "Storage"
VICTIMS = (CLIENT, FUNCTION, STORAGE)

Schedule = Callable[[int], tuple[Sequence[str], Sequence[str]]]
"""Who is killed before the piece of this place, and who between its write and its answer."""


def everyone(_place: int) -> tuple[Sequence[str], Sequence[str]]:
    return VICTIMS, VICTIMS


def by_turns(place: int) -> tuple[Sequence[str], Sequence[str]]:
    """Someone at each place; each pair of victims in nine pieces."""
    return [VICTIMS[place % 3]], [VICTIMS[(place + place // 3) % 3]]


def nobody(_place: int) -> tuple[Sequence[str], Sequence[str]]:
    return (), ()


@dataclass(frozen=True)
class Script:
    """What is said, how it is cut into pieces, and who is killed."""

    seconds: int
    piece_seconds: int
    overlap_ms: int
    schedule: Schedule

    @property
    def spoken(self) -> list[Spoken]:
        return conversation(self.seconds)

    def pieces(self) -> list[Sent]:
        return cut(self.spoken, self.seconds, self.overlap_ms, piece_seconds=self.piece_seconds)


SHORT = Script(60, 10, 0, everyone)
OVERLAPPING = Script(60, 10, 1_500, by_turns)
THREE_HOURS = Script(3 * 3600, 55, 0, by_turns)
SCRIPTS = {"everyone": SHORT, "overlapping": OVERLAPPING, **({"three_hours": THREE_HOURS} if THOROUGH else {})}


@pytest.fixture(autouse=True)
def _quiet(stack: Stack) -> Iterator[None]:
    script = stack.service(SpeechService).script
    with support.quiet(stack), tasks_lost(stack, "reports"), script.hearing_tones():
        yield


@dataclass
class Run:
    """One session, recorded from its beginning to its transcription."""

    client: LiveClient
    schedule: Schedule
    deliveries: int = 0
    """New pieces so far."""

    @property
    def stack(self) -> Stack:
        return self.client.clinic.stack

    def deliver(self, number: int) -> None:
        """Send a piece for the first time, while the schedule kills."""
        before, within = self.schedule(self.deliveries)
        self._kill_before(before)
        faults = list(self._planted(within))
        if CLIENT in within:
            mark = self.stack.recorder.mark()
            self.client.vanish(number, lambda: ".".join(INSERT) in support.calls_of(self.stack, LIVE, mark))
            self.client.restart()
        self.client.send(number)
        assert [fault for fault in faults if not fault.fired.wait(5)] == []
        self.deliveries += 1

    def _kill_before(self, victims: Sequence[str]) -> None:
        if FUNCTION in victims:
            self.stack.functions.kill(LIVE)
        if CLIENT in victims:
            self.client.restart()
        if STORAGE in victims:  # it fails before it does anything
            self.stack.service(StorageService).errors.plant(INSERT[1], 503)

    def _planted(self, victims: Sequence[str]) -> Iterator[Fault]:
        place = AFTER_THE_WRITE[self.deliveries % len(AFTER_THE_WRITE)]
        if STORAGE in victims:
            killed_there = FUNCTION in victims and place == INSERT
            yield self.stack.recorder.plant(Fault(*(GET if killed_there else INSERT), LIVE, "cut"))
        if FUNCTION in victims:
            yield self.stack.recorder.plant(Fault(*place, LIVE, "kill"))


@dataclass(frozen=True)
class Outcome:
    """What became of a session, without what differs from run to run."""

    receipts: dict[int, Any]
    heard_live: list[str]
    samples: bytes
    transcript: list[str]


def begun(clinic: TestClinic, script: Script, schedule: Schedule) -> Run:
    session_id = str(clinic.session(recording_settings={"channels": ["unknown"]}).body["id"])
    captured = {one.number: one for one in script.pieces()}
    return Run(LiveClient(clinic, session_id, captured), schedule)


def ended(run: Run) -> Outcome:
    """Complete the session; what was acknowledged must be what is there."""
    client = run.client
    samples = {number: one.samples.tobytes() for number, one in client.captured.items()}
    assert client.receipts.keys() == samples.keys()
    assert client.listed() == [client.receipts[number] for number in sorted(samples)]
    assert stored_pieces(client.clinic, client.recording_id) == samples
    heard = client.heard()
    support.complete(client.clinic, client.session_id).ok()
    support.converge(run.stack)
    client.completed = True
    live = Live(client.clinic, client.session_id)
    joined = live.joined()
    assert joined is not None
    [recording] = client.clinic.doctor.get(f"/sessions/{client.session_id}/recordings").ok().body["items"]
    assert recording["sha256"] == sha256(joined).hexdigest()
    assert live.left() == []
    found = transcription_of(client.clinic, client.session_id)
    return Outcome(
        {number: without_run(receipt) for number, receipt in client.receipts.items()},
        heard,
        joined[44:],
        [word for one in found["segments"] for word in one["text"].split()],
    )


def without_run(receipt: dict[str, Any]) -> dict[str, Any]:
    """Without what differs between runs; the piece that arrives first has the words of an overlap."""
    differing = ("recording_id", "generation", "received_at", "captured_at", "text")
    return {name: value for name, value in receipt.items() if name not in differing}


@cache
def straight(clinic: TestClinic, script: Script) -> Outcome:
    """The same without kills, in order, and each piece once."""
    run = begun(clinic, script, nobody)
    for number in run.client.captured:
        run.deliver(number)
    return ended(run)


def shuffled(numbers: Sequence[int], random: Random) -> tuple[list[int], list[int]]:
    """An order in which pieces overtake each other; and those that come only after the session could have ended."""
    late = random.sample(numbers[:-1], max(1, len(numbers) // 10))
    return sorted(set(numbers) - set(late), key=lambda number: number + random.uniform(0, 4)), sorted(late)


def killed(clinic: TestClinic, script: Script) -> Outcome:
    """With kills, out of order, with pieces that are repeated, and with some that come too late at first."""
    random = Random(SEED)
    run = begun(clinic, script, script.schedule)
    client = run.client
    in_time, late = shuffled(list(client.captured), random)
    for number in in_time:
        run.deliver(number)
        assert client.send(random.choice(list(client.receipts))).status == 200
    refused = support.complete(clinic, client.session_id).refused(409, "audio-missing").body
    [missing] = refused["missing_audio"]
    assert missing["numbers"] == [range_.model_dump() for range_ in ranges_of(late)]
    for number in late:
        run.deliver(number)
    outcome = ended(run)
    for number in random.sample(list(client.captured), 3):
        assert client.send(number).status == 200
    return outcome


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_kills_repetition_and_order_change_nothing(clinic: TestClinic, script: Script) -> None:
    captured = b"".join(one.samples.tobytes() for one in cut(script.spoken, script.seconds))
    spoken = [one.text for one in script.spoken]

    outcome = killed(clinic, script)

    assert sha256(outcome.samples).hexdigest() == sha256(captured).hexdigest()
    assert outcome.transcript == spoken
    if script.overlap_ms:  # without, each end of a piece may cut a word in two, which live text then has twice
        assert outcome.heard_live == spoken
    if script is not THREE_HOURS:
        assert outcome == straight(clinic, script)
