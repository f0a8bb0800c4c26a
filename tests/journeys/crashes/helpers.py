"""The stages of the pipeline with their calls to Google, and a client that loses responses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from tests.support import crashes as support
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.crashes import Ending, Story
from tests.support.thorough import sample

SAMPLED_CRASHES = 2
"""Of each group of stages; of the long story with two recordings half as many."""
READ, COMMIT, UNLOCK = "firestore.BatchGetDocuments", "firestore.Commit", "kms.Decrypt"
GET, DELETE = "storage.objects.get", "storage.objects.delete"
ENQUEUE, RECOGNISE, ASK_ENGINE = "tasks.CreateTask", "speech.BatchRecognize", "speech.GetOperation"
WRITE = "gemini.generateContent"

STAGES: dict[Story, dict[str, list[str]]] = {
    support.consultation: {
        "on_audio_uploaded": [GET, READ, UNLOCK, GET, READ, COMMIT, ENQUEUE, RECOGNISE, READ, COMMIT],
        # with the report; the events of the transcription are left out
        "on_transcript_ready": [READ, UNLOCK, GET, READ, COMMIT, ENQUEUE, DELETE],
        "write_report": [READ, UNLOCK, READ, COMMIT, WRITE, READ, COMMIT],
    },
    support.two_recordings: {
        "on_audio_uploaded": [
            *(GET, READ, UNLOCK, GET, READ, COMMIT, ENQUEUE, RECOGNISE, READ, COMMIT),
            *(GET, READ, GET, READ, COMMIT, ENQUEUE, RECOGNISE, READ, COMMIT),
        ],
        # the second one leaves the report, which it does not cover, to the event
        "on_transcript_ready": [
            *(READ, UNLOCK, GET, READ, COMMIT, ENQUEUE, DELETE),
            *(READ, GET, READ, COMMIT, DELETE),
        ],
        "on_transcription_completed": [READ, UNLOCK, COMMIT],
        "write_report": [
            *(READ, UNLOCK, READ, COMMIT, WRITE, READ, COMMIT),
            *(READ, READ, READ, COMMIT, WRITE, READ, COMMIT),
        ],
    },
    support.unrecorded_visit: {
        # the bill also needs the profile that the session names, and then the sums of the books
        "on_session_completed": [READ, UNLOCK, READ, READ, COMMIT],
    },
    support.cancelled_session: {
        "on_audio_uploaded": [GET, READ, UNLOCK, COMMIT, DELETE],
    },
    support.unreadable_recording: {
        # poll finds the failure; retry starts the engine again; poll finds the second failure. A failure also reads the
        # report, which may miss the recording.
        "check_transcription": [
            *(READ, ASK_ENGINE, READ, UNLOCK, READ, COMMIT),
            *(READ, READ, READ, ENQUEUE, COMMIT, RECOGNISE, READ, COMMIT),
            *(READ, ASK_ENGINE, READ, READ, COMMIT),
        ],
    },
}
"""The calls that a stage makes in an undisturbed story, in order."""


@dataclass(frozen=True)
class Stage:
    """A function in a story."""

    story: Story
    function: str

    @property
    def calls(self) -> list[str]:
        return STAGES[self.story][self.function]

    def __str__(self) -> str:
        return f"{self.story.__name__}-{self.function}"


def groups() -> Iterator[list[Stage]]:
    """The stages, in groups that may be disturbed in one story.

    The first stage of a story is disturbed alone. Later stages share a story: each retries its own failures, so the
    next stage is not affected.
    """
    for story, functions in STAGES.items():
        first, *later = (Stage(story, function) for function in functions)
        yield [first]
        if later:
            yield later


def sampled_groups() -> Iterator[list[Stage]]:
    """The groups, of the story with two recordings only one, unless THOROUGH."""
    long = [stages for stages in groups() if stages[0].story is support.two_recordings]
    yield from (stages for stages in groups() if stages not in long)
    yield from sample(long, 1)


class Crashes(dict[Stage, int]):
    """By stage of one story: the number of the call after which it is killed."""

    def __str__(self) -> str:
        return "-".join(f"{stage}-{number}" for stage, number in self.items())


def crashes() -> Iterator[Crashes]:
    """With THOROUGH, crashes that cover every call of every stage once; else a sample for each group of stages."""
    for stages in groups():
        size = SAMPLED_CRASHES // 2 if stages[0].story is support.two_recordings else SAMPLED_CRASHES
        for number in sample(range(max(len(stage.calls) for stage in stages)), size):
            yield Crashes({stage: number for stage in stages if number < len(stage.calls)})


@dataclass(frozen=True)
class Undisturbed:
    """The calls and the ending of a story without faults."""

    calls: dict[str, list[str]]
    ending: Ending


def play_undisturbed(story: Story, clinic: TestClinic, audio: bytes) -> Undisturbed:
    mark = clinic.stack.recorder.mark()
    session_id = story(clinic, audio)
    calls = {function: support.calls_of(clinic.stack, function, mark) for function in STAGES[story]}
    return Undisturbed(calls, support.ending(clinic, session_id))


@dataclass(frozen=True)
class LossyClient:
    """A client that loses every response and repeats the request with the same idempotency key and ETag."""

    api: ApiClient
    stack: Stack
    outcome: str
    """`kill`: the function dies after its commit, without a response. `cut`: it loses the response to its commit."""

    def post(self, function: str, path: str, body: Any = None, *, etag: str = "", status: int = 200) -> Reply:
        """The response to the repetition, which must equal the lost one."""
        key = uuid.uuid4().hex
        first = self._lose(function, lambda: self.api.post(path, body, etag=etag, key=key), status)
        again = self.api.post(path, body, etag=etag, key=key).ok(status)
        assert again.headers["Idempotent-Replayed"] == "true"
        if first is not None:
            assert (again.content, again.etag) == (first.content, first.etag)
        return again

    def change(self, function: str, method: str, path: str, body: Any = None) -> Reply:
        """The resource after a change without key. The repetition is refused, for the first request had its effect."""
        etag = self.api.get(path).ok().etag
        self._lose(function, lambda: self.api.send(method, path, body, etag=etag), 200)
        self.api.send(method, path, body, etag=etag).refused(412, "stale")
        return self.api.get(path).ok()

    def _lose(self, function: str, send: Any, status: int) -> Reply | None:
        """The response to the first request, if it arrives."""
        fault = plant(self.stack, function, COMMIT, self.outcome)
        reply: Reply = send()
        assert fault.fired.wait(5)
        if self.outcome == "kill":
            assert reply.status == 502
            return None
        return reply.ok(status)


def plant(stack: Stack, function: str, call: str, outcome: str, skip: int = 0) -> Fault:
    service, _, method = call.partition(".")
    return stack.recorder.plant(Fault(service, method, function, outcome, skip))


def is_over(reply: Reply) -> bool:
    return reply.status == 200 and reply.body["status"] not in ("pending", "processing")
