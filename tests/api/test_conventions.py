"""What holds for every operation: tokens, bodies, headers, refusals, the audit trail, and silence about failures."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from openapi_schema_validator import OAS31Validator
from tink import TinkError

from local.services.kit.identity import PROJECT, unsigned_jwt
from local.services.kit.recorder import Fault
from shared.records.types import new_id
from shared.store import database
from shared.store.audit import canonical_bytes
from tests.support.audit import audit_of, new_trace, verify
from tests.support.client import ApiClient, Reply
from tests.support.clinics import NAMESAKE, PATIENT, PROFILE, TestClinic
from tests.support.concurrency import statuses
from tests.support.database import alter, plant_report, plant_transcription
from tests.support.problems import pointers, without_trace
from tools.openapi.document import document

ORIGIN = "http://localhost:3000"


def bearer(**claims: object) -> str:
    """An Authorization header whose token has these claims besides the usual ones; None leaves one out."""
    now = int(time.time())
    usual = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
    }
    named = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return f"Bearer {unsigned_jwt({**named, 'user_id': named.get('sub', '')})}"


# Tokens


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer abc", "Basic dXNlcjpwYXNz", bearer(sub=None)])
def test_without_a_token_nothing_is_answered(shared_clinic: TestClinic, authorization: str) -> None:
    refused = shared_clinic.doctor.get("/profile", Authorization=authorization).refused(401, "unauthenticated")

    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_no_clinic_or_of_a_clinic_without_this_user_is_refused(
    shared_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    for claimed in (None, "", 7, "a/b", new_id(), other_clinic.id):
        authorization = bearer(sub=shared_clinic.doctor.user_id, clinic=claimed)
        shared_clinic.doctor.get("/profile", Authorization=authorization).refused(403, "forbidden")
    shared_clinic.doctor.get("/profile", Authorization=bearer(sub=new_id(), clinic=shared_clinic.id)).refused(
        403, "forbidden"
    )

    shared_clinic.doctor.get(
        "/profile", Authorization=bearer(sub=shared_clinic.doctor.user_id, clinic=shared_clinic.id)
    ).ok()


def test_a_disabled_user_is_refused_at_once(clinic: TestClinic) -> None:
    trace, headers = new_trace()
    clinic.doctor.get("/profile").ok()

    alter(clinic, f"users/{clinic.doctor.user_id}", {"disabled": True})
    clinic.doctor.get("/profile", **headers).refused(401, "unauthenticated")

    assert [entry["outcome"] for entry in audit_of(clinic, trace)] == ["unauthenticated"]


def test_a_deleted_user_is_refused_at_once(clinic: TestClinic) -> None:
    alter(clinic, f"users/{clinic.doctor.user_id}", {"live": False})

    clinic.doctor.get("/profile").refused(403, "forbidden")


def test_a_token_from_before_the_users_tokens_were_revoked_is_refused(clinic: TestClinic) -> None:
    now = int(time.time())
    revoked = datetime.fromtimestamp(now - 3600, UTC)
    alter(clinic, f"users/{clinic.doctor.user_id}", {"tokens_valid_after": revoked})

    def ask(issued: int) -> Reply:
        claims = {"sub": clinic.doctor.user_id, "clinic": clinic.id, "iat": issued, "auth_time": issued}
        return clinic.doctor.get("/profile", Authorization=bearer(**claims))

    ask(now - 3601).refused(401, "unauthenticated")
    ask(now - 3600).ok()


def test_a_role_that_is_taken_away_is_gone_at_once(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]

    alter(clinic, f"users/{clinic.doctor.user_id}", {"roles": ["receptionist"]})

    clinic.doctor.get(f"/sessions/{session}").refused(403, "forbidden")


# Bodies


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"first_name": "\\ud800"}', b"[" * 100_000, b"{'a': 1}", b"{} {}"]
)
def test_what_is_not_json_is_a_bad_request(shared_clinic: TestClinic, body: bytes) -> None:
    shared_clinic.doctor.post("/patients", body).refused(400, "bad-request")


@pytest.mark.parametrize("body", [[], "text", 5, None])
def test_json_that_is_no_object_is_invalid(shared_clinic: TestClinic, body: object) -> None:
    refused = shared_clinic.doctor.post("/patients", json.dumps(body).encode()).refused(422, "invalid")

    assert pointers(refused) == {""}


def test_a_body_is_json_by_its_content_type(shared_clinic: TestClinic) -> None:
    written = json.dumps(NAMESAKE).encode()

    for wrong in ("text/plain", "application/x-www-form-urlencoded", "application/json-patch+json"):
        shared_clinic.doctor.post("/patients", written, **{"Content-Type": wrong}).refused(
            415, "unsupported-media-type"
        )
    shared_clinic.doctor.post("/patients", written, **{"Content-Type": "application/json; charset=utf-8"}).ok(201)


@pytest.mark.parametrize("size", [1_000_001, 8_000_000])
def test_a_body_has_a_megabyte_at_most(shared_clinic: TestClinic, size: int) -> None:
    shared_clinic.doctor.post("/patients", b" " * size).refused(413, "too-large")


# Idempotency


def test_a_request_that_creates_needs_a_key(clinic: TestClinic) -> None:
    for key in ("", "short", "with space 1234", "x" * 201):
        clinic.doctor.post("/patients", PATIENT, key=key).refused(400, "bad-request")

    assert clinic.patient().body["number"].endswith("0001")


def test_a_key_is_for_one_body(clinic: TestClinic) -> None:
    first = clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)

    again = clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)
    other = clinic.doctor.post("/patients", {**PATIENT, "last_name": "Rao"}, key="zoe-is-registered")

    assert (again.content, again.etag) == (first.content, first.etag)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert pointers(other.refused(422, "invalid")) == {"Idempotency-Key"}


def test_a_refused_request_leaves_its_key_free(clinic: TestClinic) -> None:
    clinic.doctor.post("/patients", {**PATIENT, "date_of_birth": "2999-01-01"}, key="zoe-is-registered")

    registered = clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)

    assert "Idempotent-Replayed" not in registered.headers


def test_a_key_is_free_again_when_its_time_is_over_even_if_its_answer_is_still_there(clinic: TestClinic) -> None:
    first = clinic.doctor.post("/patients", NAMESAKE, key="zoe-is-registered").ok(201)
    kept = next(iter(database.client().collection("clinics", clinic.id, "requests").stream()))

    kept.reference.update({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})
    second = clinic.doctor.post("/patients", NAMESAKE, key="zoe-is-registered").ok(201)

    assert kept.get("expires_at") > datetime.now(UTC) + timedelta(hours=23)
    assert second.body["id"] != first.body["id"]
    assert clinic.doctor.post("/patients", NAMESAKE, key="zoe-is-registered").body == second.body


def _withdraw(clinic: TestClinic, path: str) -> None:
    clinic.admin.delete(f"{path}/doctors/{clinic.other_doctor.user_id}", etag='"2"').ok()


def _delete(clinic: TestClinic, path: str) -> None:
    clinic.admin.delete(path, etag='"2"').ok(204)


@pytest.mark.parametrize("lose", [_withdraw, _delete])
def test_who_has_lost_a_patient_is_not_answered_again(
    clinic: TestClinic, lose: Callable[[TestClinic, str], None]
) -> None:
    patient = clinic.patient()
    path = f"/patients/{patient.body['id']}"
    clinic.doctor.put(f"{path}/doctors/{clinic.other_doctor.user_id}", None, etag=patient.etag).ok()
    visit, audio = {"patient_id": patient.body["id"]}, {"content_type": "audio/flac", "size_bytes": 9}
    session = clinic.other_doctor.post("/sessions", visit, key="a-key-for-all").ok(201)
    recordings = f"/sessions/{session.body['id']}/recordings"
    clinic.other_doctor.post(recordings, audio, key="a-key-for-all").ok(201)

    lose(clinic, path)

    clinic.other_doctor.post("/sessions", visit, key="a-key-for-all").refused(404, "not-found")
    clinic.other_doctor.post(recordings, audio, key="a-key-for-all").refused(404, "not-found")


def test_who_may_see_no_clinical_field_any_more_is_not_told_them_again(clinic: TestClinic) -> None:
    clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").ok(201)

    alter(clinic, f"users/{clinic.doctor.user_id}", {"roles": ["receptionist"]})

    clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered").refused(403, "forbidden")


def test_a_search_is_done_anew_whatever_its_key(clinic: TestClinic) -> None:
    wanted, key = {"text": "fernandes"}, "the-same-search"
    before = clinic.doctor.post("/patients/search", wanted, key=key).ok()

    clinic.patient()
    after = clinic.doctor.post("/patients/search", wanted, key=key).ok()

    assert [len(reply.body["items"]) for reply in (before, after)] == [0, 1]
    assert "Idempotent-Replayed" not in after.headers


def test_a_kept_answer_is_sealed(clinic: TestClinic) -> None:
    clinic.patient()

    kept = [doc.to_dict() for doc in database.client().collection("clinics", clinic.id, "requests").stream()]

    assert len(kept) == 1
    assert not any(word in repr(kept) for word in PATIENT.values())


# Paths and headers


def test_what_is_not_there_is_not_found(shared_clinic: TestClinic) -> None:
    for path in ("/patients/a/b", "/sessions/a/b", "/reports", "/bills/a/b/c", "/profile/x"):
        shared_clinic.doctor.get(path).refused(404, "not-found")
    shared_clinic.doctor.get("/unknown").refused(404, "not-found")


def test_a_method_that_is_not_there_is_refused_with_those_that_are(shared_clinic: TestClinic) -> None:
    on_all = shared_clinic.doctor.delete("/patients").refused(405, "method-not-allowed")
    on_one = shared_clinic.doctor.send("PATCH", f"/sessions/{new_id()}", {}).refused(405, "method-not-allowed")

    assert on_all.headers["Allow"] == "GET, HEAD, POST"
    assert on_one.headers["Allow"] == "DELETE, GET, HEAD, PUT"


REFUSALS: dict[int, Callable[[ApiClient, dict[str, str]], Reply]] = {
    400: lambda user, headers: user.post("/patients", b"{", **headers),
    401: lambda user, headers: user.get("/profile", **headers, Authorization="Bearer x"),
    403: lambda user, headers: user.get("/profile", **headers, Authorization=bearer(sub="nobody")),
    404: lambda user, headers: user.get(f"/patients/{new_id()}", **headers),
    405: lambda user, headers: user.send("DELETE", "/profile", **headers),
    412: lambda user, headers: user.put("/profile", PROFILE, etag='"9"', **headers),
    413: lambda user, headers: user.put("/profile", b" " * 1_000_001, etag='"1"', **headers),
    415: lambda user, headers: user.put("/profile", b"x", **{"Content-Type": "text/csv"}, **headers),
    422: lambda user, headers: user.put("/profile", {}, etag='"1"', **headers),
    428: lambda user, headers: user.put("/profile", PROFILE, **headers),
}


@pytest.mark.parametrize("status", REFUSALS)
def test_every_refusal_has_the_trace_id_of_its_request(shared_clinic: TestClinic, status: int) -> None:
    trace, headers = new_trace()

    refused = REFUSALS[status](shared_clinic.doctor, headers)

    assert refused.status == refused.body["status"] == status
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["trace_id"] == refused.headers["X-Request-Id"] == trace
    assert refused.body["type"].startswith("urn:synapseai:problem:")
    assert refused.headers["Cache-Control"] == "no-store"
    assert conforms(refused, "ProblemDetails")


def test_a_request_without_a_usable_trace_gets_a_trace_id_of_its_own(shared_clinic: TestClinic) -> None:
    given = shared_clinic.doctor.get("/profile", traceparent="00-zz-1-01").ok()
    none = shared_clinic.doctor.get("/profile").ok()

    traces = {given.headers["X-Request-Id"], none.headers["X-Request-Id"]}
    assert [len(bytes.fromhex(trace)) for trace in traces] == [16, 16]


def test_no_answer_is_stored_on_its_way(shared_clinic: TestClinic) -> None:
    answer = shared_clinic.doctor.get("/profile").ok()

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_browsers_may_call_from_configured_origins_only(shared_clinic: TestClinic) -> None:
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}
    preflight = shared_clinic.doctor.send("OPTIONS", "/profile", Authorization="", Origin=ORIGIN, **asked).ok(204)
    foreign = shared_clinic.doctor.send("OPTIONS", "/profile", Authorization="", Origin="https://evil.example", **asked)
    read = shared_clinic.doctor.get("/profile", Origin=ORIGIN).ok()
    refused = shared_clinic.doctor.get(f"/patients/{new_id()}", Origin=ORIGIN).refused(404, "not-found")
    foreign_clinic = shared_clinic.doctor.get("/profile", Origin=f"{ORIGIN}.evil.example").ok()

    for allowed in (preflight, read, refused):
        assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in allowed.headers["Vary"]
    assert {"PUT", "DELETE"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"If-Match", "Idempotency-Key"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
    assert "ETag" in read.headers["Access-Control-Expose-Headers"]
    for other in (foreign, foreign_clinic):
        assert not any(name.lower().startswith("access-control-allow") for name in other.headers)


# The description


def conforms(reply: Reply, name: str) -> bool:
    """Whether the answer is as the API's description says, without any other field."""
    schema = {
        "$ref": f"#/components/schemas/{name}",
        "unevaluatedProperties": False,
        "components": document()["components"],
    }
    OAS31Validator(schema).validate(reply.body)
    return True


def test_answers_are_as_the_api_describes_them(clinic: TestClinic) -> None:
    session = clinic.session()
    report = plant_report(clinic, session.body["id"])
    transcription = plant_transcription(clinic, session.body["id"])
    upload = {"content_type": "audio/flac", "size_bytes": 9}

    assert conforms(session, "Session")
    assert conforms(clinic.doctor.get(f"/patients/{session.body['patient_id']}"), "PatientWithAge")
    assert conforms(clinic.receptionist.get(f"/patients/{session.body['patient_id']}"), "PatientWithAge")
    assert conforms(clinic.doctor.get("/profile"), "UserProfileWithHasLogo")
    assert conforms(clinic.doctor.get(f"/transcriptions/{transcription}"), "TranscriptionWithSegments")
    assert conforms(clinic.doctor.post(f"/sessions/{session.body['id']}/recordings", upload), "RecordingWithUpload")
    assert conforms(clinic.doctor.post(f"/reports/{report}/sign", {}, etag='"1"').ok(), "ReportWithBody")
    assert conforms(clinic.doctor.post("/patients", {"first_name": ""}), "ProblemDetails")


# The audit trail


def test_reads_writes_replays_and_refusals_leave_one_entry_each(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    session = clinic.doctor.post("/sessions", {"patient_id": patient}).ok(201).body["id"]
    change = {"session_notes": "Fernandes is calm"}
    of_patient, of_session = f"/patients/{patient}", f"/sessions/{session}"
    asked: list[tuple[str, str, str, Callable[..., Reply]]] = [
        ("doctor", "patient.read", "done", lambda **h: clinic.doctor.get(of_patient, **h)),
        ("receptionist", "patient.read", "done", lambda **h: clinic.receptionist.get(of_patient, **h)),
        ("other-doctor", "patient.read", "not-found", lambda **h: clinic.other_doctor.get(of_patient, **h)),
        ("receptionist", "session.read", "forbidden", lambda **h: clinic.receptionist.get(of_session, **h)),
        ("doctor", "session.change", "done", lambda **h: clinic.doctor.put(of_session, change, etag='"1"', **h)),
        ("doctor", "session.change", "stale", lambda **h: clinic.doctor.put(of_session, change, etag='"1"', **h)),
        ("admin", "transcription.read", "not-found", lambda **h: clinic.admin.get(f"{of_session}/transcription", **h)),
        ("doctor", "report.read", "not-found", lambda **h: clinic.doctor.get(f"/reports/{session}-r1", **h)),
    ]

    for name, action, outcome, ask in asked:
        trace, headers = new_trace()
        ask(**headers)
        (entry,) = audit_of(clinic, trace)

        verify(clinic, entry)
        assert (entry["actor_id"], entry["action"], entry["outcome"]) == (f"{clinic.id}-{name}", action, outcome)
        assert entry["patient_ids"] == [patient]
        assert entry["roles"] == [name.removeprefix("other-")]
        assert abs(datetime.now(UTC) - entry["at"]) < timedelta(minutes=1)
        assert "Fernandes" not in repr(entry)


def test_a_creation_and_its_replay_are_both_in_the_audit_trail(clinic: TestClinic) -> None:
    traces = [new_trace(), new_trace()]

    replies = [clinic.doctor.post("/patients", PATIENT, key="zoe-is-registered", **h).ok(201) for _, h in traces]

    (created,), (replayed,) = (audit_of(clinic, trace) for trace, _ in traces)
    assert (created["action"], created["outcome"]) == ("patient.create", "done")
    assert created["patient_ids"] == [replies[0].body["id"]]
    assert f"patients/{replies[0].body['id']}" in created["documents"]
    assert (replayed["outcome"], replayed["patient_ids"]) == ("replayed", created["patient_ids"])


def test_writers_who_lose_leave_entries_too(clinic: TestClinic) -> None:
    trace, headers = new_trace()

    replies = [clinic.doctor.put("/profile", PROFILE, etag='"1"', **headers) for _ in range(5)]

    outcomes = sorted(entry["outcome"] for entry in audit_of(clinic, trace))
    assert statuses(replies) == {200: 1, 412: 4}
    assert outcomes == ["done", "stale", "stale", "stale", "stale"]


def test_an_entry_that_was_tampered_with_is_found_out(shared_clinic: TestClinic) -> None:
    trace, headers = new_trace()
    shared_clinic.doctor.get(f"/patients/{shared_clinic.patient().body['id']}", **headers).ok()
    (entry,) = audit_of(shared_clinic, trace)
    tampered: dict[str, Any] = {
        "actor_id": shared_clinic.admin.user_id,
        "action": "patient.export",
        "outcome": "not-found",
        "patient_ids": [],
        "documents": [],
        "granted": [f"{shared_clinic.doctor.user_id} admin"],
        "roles": ["admin"],
        "at": entry["at"] - timedelta(microseconds=1),
        "origin": {**entry["origin"], "address": "192.0.2.1"},
        "id": new_id(),
        "clinic_id": new_id(12),
        "attempt": 1,
        "note": "added",
    }

    verify(shared_clinic, entry)
    assert entry.keys() - tampered.keys() == {"mac"}
    for name, value in tampered.items():
        with pytest.raises(TinkError):
            verify(shared_clinic, {**entry, name: value})


def test_an_entry_of_another_clinic_does_not_pass(shared_clinic: TestClinic, other_clinic: TestClinic) -> None:
    trace, headers = new_trace()
    shared_clinic.doctor.get("/profile", **headers).ok()
    (entry,) = audit_of(shared_clinic, trace)

    with pytest.raises(TinkError):
        verify(other_clinic, entry)


def test_an_entry_says_where_the_request_came_from(shared_clinic: TestClinic) -> None:
    trace, headers = new_trace()

    shared_clinic.doctor.get("/profile", Origin=ORIGIN, **{"User-Agent": "synapse-app/7"}, **headers).ok()

    (entry,) = audit_of(shared_clinic, trace)
    assert entry["origin"]["agent"] == "synapse-app/7"
    assert entry["origin"]["web_origin"] == ORIGIN
    assert entry["origin"]["address"] == "127.0.0.1"


def test_an_entry_has_the_address_of_the_connection_and_none_that_the_client_claims(shared_clinic: TestClinic) -> None:
    trace, headers = new_trace()
    claims = {"X-Forwarded-For": "203.0.113.9, 203.0.113.10", "Authorization": f"Bearer {shared_clinic.doctor.token}"}

    with urllib3.PoolManager(source_address=("127.0.0.9", 0)) as foreign_clinic:
        answer = foreign_clinic.request("GET", f"{shared_clinic.doctor.base}/profile", headers={**claims, **headers})

    (entry,) = audit_of(shared_clinic, trace)
    assert answer.status == 200
    assert entry["origin"]["address"] == "127.0.0.9"


# Failures


def _damages(patient: dict[str, Any], stored: dict[str, Any]) -> list[dict[str, Any]]:
    """Ways in which a patient's document can be broken, each undone by the next."""
    whole = stored["sealed"]
    return [
        {"sealed": {**whole, "first_name": bytes(40)}},
        {"sealed": {**whole, "first_name": whole["last_name"]}},
        {"sealed": {name: value for name, value in whole.items() if name != "first_name"}},
        {"sealed": whole, "number": f"{patient['last_name']}, born {patient['date_of_birth']}"},
    ]


def test_an_unexpected_failure_says_nothing_and_is_noted(
    clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    patient = clinic.patient().body
    path = f"patients/{patient['id']}"
    stored = database.client().document(f"clinics/{clinic.id}/{path}").get().to_dict()
    assert stored is not None

    for damage in _damages(patient, stored):
        trace, headers = new_trace()
        alter(clinic, path, damage)
        failed = clinic.doctor.get(f"/patients/{patient['id']}", **headers).refused(500, "internal")

        assert without_trace(failed) == {
            "type": "urn:synapseai:problem:internal",
            "title": "Internal error",
            "status": 500,
        }
        (entry,) = audit_of(clinic, trace)
        assert (entry["outcome"], entry["patient_ids"]) == ("failed", [patient["id"]])
        (error,) = [line for line in _log_of(tmp_path_factory, trace) if line["severity"] == "ERROR"]
        assert "error" in error
        assert not any(word in json.dumps(error, ensure_ascii=False) for word in PATIENT.values())


def test_the_log_holds_ids_and_the_digest_of_the_audit_entry_and_no_content(
    shared_clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace, headers = new_trace()

    shared_clinic.doctor.post("/patients", {**NAMESAKE, "notes": "Hears voices"}, **headers).ok(201)

    lines = _log_of(tmp_path_factory, trace)
    audited, answered = (next(line for line in lines if line["message"] == m) for m in ("audit", "request"))
    (entry,) = audit_of(shared_clinic, trace)
    assert (audited["audit_id"], len(audited["digest"])) == (entry["id"], 64)
    assert (answered["operation"], answered["status"]) == ("register", 201)
    words = {*PATIENT.values(), "Hears voices"}
    assert not any(word in json.dumps(lines, ensure_ascii=False) for word in words)


def test_a_change_whose_commit_lost_its_answer_has_its_digest_in_the_log_all_the_same(
    shared_clinic: TestClinic, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace, headers = new_trace()
    lost = shared_clinic.stack.recorder.plant(Fault("firestore", "Commit", "patients", "cut"))

    shared_clinic.doctor.post("/patients", NAMESAKE, **headers).ok(201)

    assert lost.fired.is_set()
    (audited,) = [line for line in _log_of(tmp_path_factory, trace) if line["message"] == "audit"]
    (entry,) = audit_of(shared_clinic, trace)
    assert audited["audit_id"] == entry["id"]
    assert audited["digest"] == hashlib.sha256(canonical_bytes(entry)).hexdigest()


def _log_of(tmp_path_factory: pytest.TempPathFactory, trace: str) -> list[dict[str, Any]]:
    """What the patients function logged while it answered the request of this trace."""
    files = {file.resolve() for file in tmp_path_factory.getbasetemp().glob("state*/logs/patients.log")}
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines() if trace in line]
    return [line for line in lines if line["logging.googleapis.com/trace"].endswith(trace)]
