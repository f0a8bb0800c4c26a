"""The reference recorder in Chromium and the API: the pieces in Cloud Storage are the bytes that were captured."""

from __future__ import annotations

import pytest

from local.stack.environment import NAMES, PIECES_BUCKET
from local.stack.stack import Stack
from shared.workflows.visits.object_names import piece_name
from tests.clients.recorder.package import CLIENTS, RECORDER
from tests.clients.recorder.page import assert_empty, captured
from tests.support.browser import Browser, needs_chromium
from tests.support.clinics import TestClinic
from tests.support.crashes import bucket_of
from tests.support.prerequisites import needs_packages
from tests.support.thorough import THOROUGH

pytestmark = [pytest.mark.long, needs_packages(RECORDER), needs_packages(CLIENTS), needs_chromium]


def test_pieces_in_storage_are_the_bytes_captured_after_a_reload_without_a_network_and_after_a_kill_of_the_tab(
    browser: Browser, stack: Stack, clinic: TestClinic
) -> None:
    session = clinic.session().body["id"]
    api = f"{stack.url}/api/v1"
    browser.call("begin", NAMES["CORS_ORIGINS"])
    browser.call("signIn", clinic.doctor.token)
    assert browser.call("start", api, {"sessionId": session})["error"] is None
    browser.call("until", "seen.receipt >= 1")
    browser.call("pause")
    browser.call("reload")
    assert browser.call("reopen", api)["error"] is None
    browser.call("resume")
    browser.call("offline", True)
    browser.call("wait", 30_000 if THOROUGH else 4000)
    browser.call("offline", False)
    browser.call("until", "seen.piece >= 3")
    browser.call("pause")  # test_recorder.py kills while audio is recorded, and counts what that costs
    browser.call("killTab")
    browser.call("signIn", clinic.doctor.token)
    assert browser.call("reopen", api)["error"] is None
    browser.call("resume")
    browser.call("until", "seen.piece >= 2")
    finished = browser.call("finish")

    assert (finished["state"], finished["error"]) == ("finished", None)
    assert_empty(browser)
    (recording,) = clinic.doctor.get(f"/sessions/{session}/audio").ok().body["recordings"]
    assert (recording["state"], recording["missing"]) == ("ended", [])
    prefix = piece_name(clinic.id, session, recording["recording_id"], 0).rpartition("/")[0]
    pieces = sorted(bucket_of(stack, PIECES_BUCKET).list_blobs(prefix=prefix), key=lambda blob: blob.name)
    assert b"".join(blob.download_as_bytes() for blob in pieces) == b"".join(captured(browser))
