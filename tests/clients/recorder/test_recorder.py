"""The reference recorder in Chromium, whose microphone plays a real recording: nothing that it captured is lost."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from local.services.speech.audio import SAMPLE_RATE
from tests.clients.recorder.package import CLIENTS, RECORDER
from tests.clients.recorder.page import assert_empty, captured
from tests.clients.recorder.pieces_server import Answer, PiecesServer, Request, problem
from tests.support.browser import Browser, needs_chromium
from tests.support.prerequisites import needs_packages
from tests.support.thorough import THOROUGH

BYTES = 2
LOST_BY_KILL = round(2.5 * SAMPLE_RATE)
"""Samples: the tail is written every second; on a machine that runs all tests, a write takes its time."""

pytestmark = [pytest.mark.long, needs_packages(RECORDER), needs_packages(CLIENTS), needs_chromium]


@pytest.fixture
def server() -> Iterator[PiecesServer]:
    with PiecesServer() as server:
        yield server
        assert server.problems == []


def stretches(samples: bytes, ends: list[int]) -> list[bytes]:
    """Samples cut at these numbers of samples."""
    bounds = [0, *ends, len(samples) // BYTES]
    return [samples[BYTES * start : BYTES * end] for start, end in pairwise(bounds)]


def check_pieces(server: PiecesServer) -> None:
    """Numbers and times are without a gap, and only the last piece ends the recording."""
    assert server.most_at_a_time <= 3
    pieces = server.only.pieces
    assert sorted(pieces) == list(range(1, len(pieces) + 1))
    samples, times = 0, []
    for number in sorted(pieces):
        piece = pieces[number]
        assert abs(piece.start_ms - samples / 16) <= 0.5
        assert (piece.ends == "recording") == (number == len(pieces))
        samples += len(piece.samples) // BYTES
        times.append(piece.captured_at)
    assert times == sorted(times)


def likeness(heard: bytes, played: Path) -> float:
    """The largest normalised correlation of what was heard with a place of the file that was played."""
    sound = np.frombuffer(heard, np.int16).astype(np.float64)
    file = soundfile.read(played)[0]
    whole = np.concatenate([file, file])
    size = 1 << (len(whole) + len(sound)).bit_length()
    product = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(sound, size)), size)[: len(file)]
    sums = np.concatenate([[0.0], np.cumsum(whole**2)])
    energy = sums[len(sound) : len(sound) + len(file)] - sums[: len(file)]
    return float(np.max(product / np.sqrt(np.maximum(energy, 1e-9) * np.sum(sound**2))))


def test_bytes_on_the_server_are_those_captured_after_a_reload_without_a_network_and_after_kills(
    browser: Browser, server: PiecesServer, spoken: Path
) -> None:
    ends, kills = [], ["reload", "killTab", "killBrowser"]
    assert browser.call("start", server.url, {})["error"] is None
    browser.call("until", "seen.piece >= 2")
    browser.call("wait", 1300)
    for kill in kills:
        browser.call(kill)
        reopened = browser.call("reopen", server.url)
        assert reopened["error"] is None
        ends.append(reopened["samples"])
        assert browser.call("resume")["error"] is None
        if kill == "reload":
            browser.call("offline", True)
            browser.call("wait", 30_000 if THOROUGH else 4000)
            browser.call("offline", False)
        browser.call("until", "seen.piece >= 3")  # what was left, its end, and a new one
        browser.call("wait", 700)
    browser.call("pause")
    ends.append(browser.call("summary")["samples"])
    browser.call("resume")
    browser.call("wait", 1000)
    finished = browser.call("finish")

    assert (finished["state"], finished["error"]) == ("finished", None)
    check_pieces(server)
    assert_empty(browser)
    assert len(server.only.samples) == BYTES * finished["samples"]
    arrived, heard = stretches(server.only.samples, ends), captured(browser)
    assert len(arrived) == len(heard) == len(kills) + 2
    for stretch, tapped in zip(arrived[:-2], heard[:-2], strict=True):
        both = min(len(stretch), len(tapped))  # what the page said last may not have reached the test
        assert stretch[:both] == tapped[:both]
        assert len(tapped) - len(stretch) <= BYTES * LOST_BY_KILL
    assert arrived[-2:] == heard[-2:], "a pause and the end cost not one sample"
    assert likeness(arrived[0], spoken) > 0.9, "it is what the microphone played"


def test_lost_answers_overload_and_an_expired_token_lose_and_double_nothing(
    browser: Browser, server: PiecesServer
) -> None:
    def fault(request: Request) -> Answer | None:
        if request.attempt == 1:
            return (
                problem(503, "unavailable", **{"Retry-After": "1"}) if request.number % 2 else problem(500, "internal")
            )
        if request.number == 2 and request.token == "token-0":
            return problem(401, "unauthenticated")
        return None

    server.fault, server.loses = fault, {1, 3}
    browser.call("start", server.url, {})
    browser.call("until", "seen.piece >= 3")
    browser.call("wait", 500)
    finished = browser.call("finish")

    assert (finished["state"], finished["error"]) == ("finished", None)
    check_pieces(server)
    assert_empty(browser)
    assert [server.only.samples] == captured(browser)
    receipts = [event for name, event in browser.call("events") if name == "receipt"]
    assert sorted(receipt["number"] for receipt in receipts) == list(range(1, len(server.only.pieces) + 1))
    assert server.loses == set(), "they were stored twice and received once"


def test_audio_is_kept_when_consent_is_withdrawn_and_sent_when_it_is_given_again(
    browser: Browser, server: PiecesServer
) -> None:
    withdrawn = problem(403, "consent-missing")
    server.fault = lambda request: withdrawn if request.number >= 2 else None
    browser.call("start", server.url, {})
    browser.call("until", "last.state?.state === 'refused'")

    assert ["refused", {"number": 2, "reason": "consent-missing", "problem": withdrawn[2]}] in browser.call("events")
    refused = browser.call("finish")
    assert (refused["state"], refused["error"]) == ("refused", "NotFinished")
    left = browser.call("left")
    (tapped,) = captured(browser)
    assert server.only.samples + base64.b64decode(left["wav"])[44:] == tapped, "what was not sent is in the WAV file"
    assert left["pieces"][0] == [2, "consent-missing"]

    browser.call("reload")
    assert browser.call("reopen", server.url)["state"] == "refused", "nothing is sent by itself"
    assert set(server.only.pieces) == {1}
    server.fault = lambda request: None
    browser.call("retry")
    assert browser.call("finish")["state"] == "finished"
    assert [server.only.samples] == [tapped]
    assert_empty(browser)


OTHER_RECEIPT: Answer = (201, {}, {"recording_id": "s1-a1", "number": 1, "size_bytes": 64_044, "sha256": "0" * 64})
"""A receipt of other bytes."""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(problem(409, "conflict", "piece_differs"), "piece_differs"), (OTHER_RECEIPT, "receipt_differs")],
)
def test_a_piece_without_a_receipt_of_its_bytes_is_kept_and_the_recording_goes_on(
    browser: Browser, server: PiecesServer, answer: Answer, reason: str
) -> None:
    server.fault = lambda request: answer if request.number == 1 else None
    browser.call("start", server.url, {})
    browser.call("until", "seen.refused === 1 && seen.piece >= 2")

    assert browser.call("summary")["state"] == "recording"
    assert browser.call("finish")["error"] == "NotFinished"
    assert browser.call("left")["pieces"] == [[1, reason]]
    browser.call("discard")
    assert_empty(browser)
    assert set(server.only.pieces) >= {2, 3}


def test_another_device_is_refused_or_takes_over(browser: Browser, server: PiecesServer) -> None:
    browser.call("start", server.url, {})
    browser.call("until", "seen.piece >= 1")
    browser.call("wait", 1000)
    first = server.only
    browser.call("reload")

    refused = browser.call("start", server.url, {})
    assert (refused["error"], refused["reason"]) == ("Refused", "another_recorder")
    assert browser.call("start", server.url, {"takeOver": True})["error"] is None
    browser.call("wait", 1000)
    assert browser.call("finish")["state"] == "finished"

    earlier = browser.call("reopen", server.url)
    assert (earlier["state"], earlier["error"]) == ("refused", None), "the first device records no more"
    assert browser.call("finish")["state"] == "finished", "what it had recorded is still taken"
    assert len(first.samples) == BYTES * earlier["samples"]
    assert_empty(browser)


def test_a_lost_microphone_is_opened_again_without_a_sample_counted_twice(
    browser: Browser, server: PiecesServer
) -> None:
    browser.call("start", server.url, {})
    browser.call("until", "seen.piece >= 1")
    browser.call("loseDevice")
    browser.call("until", "seen.state === 4")
    browser.call("wait", 1000)
    browser.call("finish")

    check_pieces(server)
    assert b"".join(captured(browser)) == server.only.samples
    assert len(captured(browser)) == 2
    seen = browser.call("events")
    devices = [event["kind"] for name, event in seen if name == "device"]
    assert [kind for kind in devices if kind != "blocked"] == ["open", "lost", "open"]
    states = [event["state"] for name, event in seen if name == "state"]
    assert states == ["interrupted", "recording", "interrupted", "recording", "ended", "finished"]


def test_the_screen_stays_on_while_audio_is_recorded(browser: Browser, server: PiecesServer) -> None:
    assert browser.call("start", server.url, {})["error"] is None
    held = [browser.call("wakeLocks")]
    browser.call("pause")
    held.append(browser.call("wakeLocks"))
    browser.call("resume")
    held.append(browser.call("wakeLocks"))
    browser.call("finish")
    held.append(browser.call("wakeLocks"))

    assert held == [1, 0, 1, 0]
    told = [event for name, event in browser.call("events") if name == "wakeLock"]
    assert [event["held"] for event in told] == [True, False, True, False]


def test_another_microphone_is_used_without_a_sample_lost_or_counted_twice(
    browser: Browser, server: PiecesServer
) -> None:
    browser.call("start", server.url, {})
    browser.call("until", "seen.piece >= 1")
    changed = browser.call("changeDevice")
    browser.call("until", "seen.piece >= 3")
    missing = browser.call("useDevice", "no such microphone")
    browser.call("until", "seen.piece >= 5")
    browser.call("finish")

    assert changed["error"] is None
    assert missing["error"] == "OverconstrainedError"
    check_pieces(server)
    assert b"".join(captured(browser)) == server.only.samples
    assert len(captured(browser)) == 3, "another one is used instead of one that is not there"
    opened = [event for name, event in browser.call("events") if name == "device" and event["kind"] == "open"]
    assert opened[1]["label"] == changed["label"] != opened[0]["label"]


def test_a_blocked_microphone_is_named_and_opens_no_recording(browser: Browser, server: PiecesServer) -> None:
    browser.call("block", True)
    try:
        blocked = browser.call("start", server.url, {})
    finally:
        browser.call("block", False)

    assert blocked == {"error": "NotAllowedError", "reason": None}
    assert server.recordings == {}, "it would keep other devices out"
    assert browser.call("start", server.url, {})["error"] is None
    browser.call("discard")


def test_a_full_disk_is_reported_and_costs_no_audio(browser: Browser, server: PiecesServer) -> None:
    browser.call("start", server.url, {})
    browser.call("until", "seen.state === 2")
    browser.call("fill", True)
    browser.call("until", "seen.storage >= 2")
    assert sorted({event["kind"] for name, event in browser.call("events") if name == "storage"}) == ["full"]
    browser.call("fill", False)
    browser.call("until", "last.storage.kind === 'working'")
    assert browser.call("finish")["state"] == "finished"

    assert [event["kind"] for name, event in browser.call("events") if name == "storage"] == ["working"]
    check_pieces(server)
    assert [server.only.samples] == captured(browser)


def test_audio_in_the_store_is_encrypted_with_a_key_that_no_script_reads(
    browser: Browser, server: PiecesServer
) -> None:
    browser.call("start", server.url, {})
    browser.call("offline", True)
    browser.call("until", "seen.piece >= 1")
    browser.call("wait", 1500)
    protection = browser.call("protection")

    assert protection["exported"] == "InvalidAccessError"
    assert protection["sealed"] >= 2
    assert protection["unique"], "no two are encrypted with the same nonce"
    assert protection["fields"] == ["capturedAt", "ciphertext", "first", "iv"]
