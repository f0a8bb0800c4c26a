"""Several languages in a visit: as many as the speech model takes, and each segment with its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.cloud import firestore

from local.demo.people import PROFILE
from local.services.speech import tones
from local.services.speech.script import Change
from local.services.speech.service import SpeechService
from local.services.speech.tones import Spoken
from shared.records.visits.transcription import TranscriptionStatus
from tests.support import crashes as support
from tests.support.audio_files import wav
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.database import alter, plant_transcription
from tests.support.problems import pointers
from tests.support.results import await_result, write_result
from tests.support.visits import new_session

MIXED = {"language": "hi-IN", "other_languages": ["en-IN"]}
FOUR = {"language": "hi-IN", "other_languages": ["en-IN", "ta-IN", "kn-IN"]}


@pytest.fixture
def _tones(clinic: TestClinic) -> Iterator[None]:
    """A recogniser that knows every language."""
    script = clinic.stack.service(SpeechService).script
    with support.quiet(clinic.stack), support.polling_paused(clinic.stack), script.hearing_tones():
        yield


def said(text: str, second: int, label: str, code: str) -> dict[str, Any]:
    words = [{"word": word, "startOffset": f"{second}s", "speakerLabel": label} for word in text.split()]
    return {"alternatives": [{"words": words}], "resultEndOffset": f"{second + 2}s", "languageCode": code}


TURNS = [
    said("आप कैसे हैं? आपको नींद आती है?", 0, "1", "hi-in"),
    said("I have had headaches, and my sleep is bad.", 3, "2", "en-in"),
    said("आपको बुखार है? दवा कब लीजिएगा?", 6, "1", "hi-in"),
    said("No, I don't take my tablets, and I feel tired.", 9, "2", "en-in"),
]


@pytest.mark.usefixtures("_tones")
def test_each_segment_has_its_language_and_its_rules(clinic: TestClinic) -> None:
    session_id = await_result(clinic, stt_settings=MIXED)

    write_result(clinic, session_id, {"results": TURNS})

    found = clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body
    visit = clinic.doctor.get(f"/sessions/{session_id}/transcription").ok().body
    assert (found["language"], found["other_languages"]) == ("hi-IN", ["en-IN"])
    assert found["languages_heard"] == ["en-IN", "hi-IN"]
    assert {one["voice"]: one["language"] for one in found["segments"]} == {1: None, 2: "en-IN"}
    assert {one["voice"]: one["speaker"] for one in found["segments"]} == {1: "practitioner", 2: "patient"}
    assert {one["voice"]: one["language"] for one in visit["segments"]} == {1: "hi-IN", 2: "en-IN"}
    assert visit["transcriptions"][0]["languages_heard"] == ["en-IN", "hi-IN"]


def test_the_engine_is_asked_for_all_languages_and_says_which_it_heard(clinic: TestClinic) -> None:
    script = clinic.stack.service(SpeechService).script
    spoken = [Spoken(word, 0, start) for word, start in ((3, 0.5), (5, 1.0), (8, 4.0), (13, 4.5))]
    audio = wav((32_767 * tones.encode(spoken, 6)).astype("int16").tobytes(), rate=tones.ENCODED_RATE)
    mark = clinic.stack.recorder.mark()

    with support.quiet(clinic.stack), script.hearing_tones():
        script.plant(Change(languages=("hi-in", "en-in")))
        session_id = new_session(clinic, stt_settings=MIXED, recording_settings={"channels": ["unknown"]})
        clinic.record(session_id, audio, "audio/wav")
        clinic.stack.wait_idle(support.PATIENCE)

    found = clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok().body
    assert [(one["text"], one["language"]) for one in found["segments"]] == [
        ("word03 word05", None),
        ("word08 word13", "en-IN"),
    ]
    assert sum(call.method == "BatchRecognize" for call in clinic.stack.recorder.calls(mark)) == 1


@pytest.mark.usefixtures("_tones")
def test_recording_whose_languages_no_model_takes_any_more_fails_and_is_transcribed_again(clinic: TestClinic) -> None:
    session_id = new_session(clinic, stt_settings=MIXED)
    alter(clinic, f"sessions/{session_id}", {"stt_settings": FOUR})
    clinic.record(session_id, support.NOT_AUDIO)
    clinic.stack.wait_idle(support.PATIENCE)

    failed = clinic.doctor.get(f"/transcriptions/{session_id}-t1").ok()
    again = {"other_languages": ["en-IN"]}
    made = clinic.doctor.post(f"/transcriptions/{session_id}-t1/regenerate", again, etag=failed.etag).ok(202).body

    assert (failed.body["status"], failed.body["error_code"]) == ("failed", "languages_not_supported")
    assert (made["id"], made["language"], made["other_languages"]) == (f"{session_id}-t1v2", "hi-IN", ["en-IN"])


def test_more_languages_than_the_model_takes_are_refused_with_its_limit(clinic: TestClinic) -> None:
    patient_id = clinic.patient().body["id"]

    refused = clinic.doctor.post("/sessions", {"patient_id": patient_id, "stt_settings": FOUR})

    refused.refused(422, "invalid")
    [error] = refused.body["errors"]
    assert error["pointer"] == "/stt_settings/other_languages"
    assert "the speech model long takes 3 in one recording" in error["detail"]
    many = {"language": "en-IN", "other_languages": ["en-IN"] * 9}
    bounded = clinic.doctor.post("/sessions", {"patient_id": patient_id, "stt_settings": many})
    assert pointers(bounded.refused(422, "invalid")) == {"/stt_settings/other_languages"}


def test_a_session_in_a_language_that_the_deployment_does_not_have_is_refused_with_those_it_has(
    own_clinic: TestClinic,
) -> None:
    patient_id = own_clinic.patient().body["id"]
    doctor = own_clinic.doctor
    doctor.put("/profile", {**PROFILE, "stt_settings": MIXED}, etag=doctor.get("/profile").etag).ok()

    with own_clinic.stack.variant({"SPEECH_LANGUAGES": "en-IN,ta-IN"}) as variant:
        here = ApiClient(variant.url, doctor.user_id, own_clinic.id)
        chosen = here.post("/sessions", {"patient_id": patient_id, "stt_settings": {"language": "kn-IN"}})
        of_profile = here.post("/sessions", {"patient_id": patient_id})
        profile = here.put("/profile", {**PROFILE, "stt_settings": MIXED}, etag=here.get("/profile").etag)
        taken = here.post("/sessions", {"patient_id": patient_id, "stt_settings": {"language": "ta-IN"}})

    for reply, language in ((chosen, "kn-IN"), (of_profile, "hi-IN"), (profile, "hi-IN")):
        assert pointers(reply.refused(422, "invalid")) == {"/stt_settings/language"}
        detail = f"{language} is not one of the languages of this deployment: en-IN, ta-IN"
        assert [error["detail"] for error in reply.body["errors"]] == [detail]
    assert taken.ok(201).body["stt_settings"]["language"] == "ta-IN"


def test_main_language_changes_places_when_a_recording_is_transcribed_again(clinic: TestClinic) -> None:
    session_id = new_session(clinic, stt_settings=MIXED)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    plant_transcription(clinic, session_id, language="hi-IN", other_languages=["en-IN"])
    path = f"/transcriptions/{session_id}-t1"
    etag = clinic.doctor.get(path).etag

    with support.polling_paused(clinic.stack):
        refused = clinic.doctor.post(f"{path}/regenerate", {"other_languages": FOUR["other_languages"]}, etag=etag)
        made = clinic.doctor.post(f"{path}/regenerate", {"language": "en-IN"}, etag=etag).ok(202).body

    assert pointers(refused.refused(422, "invalid")) == {"/other_languages"}
    assert (made["language"], made["other_languages"]) == ("en-IN", []), "each language once"


def test_report_says_which_languages_were_checked(clinic: TestClinic) -> None:
    """Those that were heard, not those of the session."""
    session_id = new_session(clinic)
    alter(clinic, f"sessions/{session_id}", {"uploads": 1})
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED, language="bn-IN")

    report = clinic.report(session_id).body

    assert (report["claim_check"], report["name_check"]) == ("without_word_lists", "language_not_covered")


def test_visits_have_the_languages_of_the_doctors_profile(own_clinic: TestClinic) -> None:
    doctor = own_clinic.doctor
    etag = doctor.get("/profile").etag

    refused = doctor.put("/profile", {**PROFILE, "stt_settings": FOUR}, etag=etag)
    doctor.put("/profile", {**PROFILE, "stt_settings": MIXED}, etag=etag).ok()
    by_default = own_clinic.session().body["stt_settings"]
    chosen = own_clinic.session(stt_settings={"language": "ta-IN"}).body["stt_settings"]
    alter(own_clinic, f"profiles/{doctor.user_id}", {"stt_settings": FOUR})
    alter(own_clinic, f"users/{doctor.user_id}", {"sealed.profile_excerpt": firestore.DELETE_FIELD})
    of_another_model = own_clinic.session().body["stt_settings"]

    assert pointers(refused.refused(422, "invalid")) == {"/stt_settings/other_languages"}
    assert by_default == MIXED
    assert chosen == {"language": "ta-IN", "other_languages": []}
    assert of_another_model == {"language": "hi-IN", "other_languages": []}
