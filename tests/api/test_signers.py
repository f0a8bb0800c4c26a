"""Who signs: a confirmed name and licence number, a fresh sign-in, and a second factor where the clinic wants one."""

from __future__ import annotations

import base64
import io
import json

import pytest
from pypdf import PdfReader

from local.demo.people import PROFILE
from local.demo.seed import SETTINGS
from local.services.auth.client import create_account
from local.stack.stack import Stack
from shared import cli
from shared.records.types import Role, new_id
from shared.workflows.clinic import opening, operator_settings
from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic, confirm_identity
from tests.support.database import end_session, plant_report
from tests.support.proofs import sign, signed_report
from tests.support.scenarios import signed_in_earlier

FIVE_MINUTES = 300
IDENTITY = {"full_name": "Meera Iyer", "licence_number": PROFILE["licence_number"]}
STEP_UP = 'Bearer error="insufficient_user_authentication"'


@pytest.fixture
def report(own_clinic: TestClinic) -> str:
    """A drafted report of the doctor, whose identity is confirmed."""
    session_id = str(own_clinic.session().body["id"])
    end_session(own_clinic, session_id)
    return plant_report(own_clinic, session_id)


def try_to_sign(clinic: TestClinic, report: str, **body: str) -> Reply:
    return clinic.doctor.post(f"/reports/{report}/sign", body, etag='"1"')


def assert_draft(clinic: TestClinic, report: str) -> None:
    read = clinic.doctor.get(f"/reports/{report}").ok()
    assert (read.body["status"], read.body["signature"], read.etag) == ("completed", None, '"1"')


def write_profile(user: ApiClient, **changes: str | None) -> None:
    known = user.get("/profile")
    body = {name: value for name, value in {**PROFILE, **changes}.items() if value is not None}
    user.put("/profile", body, etag=known.etag if known.status == 200 else "").ok()


def confirm(clinic: TestClinic, by: ApiClient, user: ApiClient, etag: str = "", **changes: str) -> Reply:
    path = f"/users/{user.user_id}"
    etag = etag or clinic.admin.get(path).ok().etag
    return by.post(f"{path}/confirm-identity", {**IDENTITY, **changes}, key="", etag=etag)


# Confirmed name and licence number


def test_a_signature_shows_account_and_confirmation_in_json_bytes_and_print(
    own_clinic: TestClinic, report: str
) -> None:
    confirmed = own_clinic.admin.get(f"/users/{own_clinic.doctor.user_id}").ok().body["identity_confirmation"]

    signature = try_to_sign(own_clinic, report).ok().body["signature"]

    canonical = json.loads(base64.b64decode(own_clinic.doctor.get(f"/reports/{report}/signed").ok().body["canonical"]))
    expected = {
        "signer_id": own_clinic.doctor.user_id,
        "signer_name": "Meera Iyer",
        "licence_number": PROFILE["licence_number"],
        "identity_confirmed_by": own_clinic.admin.user_id,
        "identity_confirmed_at": confirmed["confirmed_at"],
        "meaning": "author",
    }
    assert expected.items() <= signature.items()
    assert expected.items() <= canonical.items()
    printed = "".join(text_of(own_clinic.doctor.pdf(f"/reports/{report}/pdf")).split())
    assert {own_clinic.doctor.user_id, own_clinic.admin.user_id, "MeeraIyer", "Author:wrotethisreport"} == {
        piece
        for piece in (own_clinic.doctor.user_id, own_clinic.admin.user_id, "MeeraIyer", "Author:wrotethisreport")
        if piece in printed
    }


@pytest.mark.parametrize("meaning", ["author", "reviewer", "approver"])
def test_a_signature_has_one_of_three_meanings(own_clinic: TestClinic, report: str, meaning: str) -> None:
    assert try_to_sign(own_clinic, report, meaning=meaning).ok().body["signature"]["meaning"] == meaning


@pytest.mark.parametrize(
    "meaning", ["", "Author", "I have not read this and do not approve it.", "I agree\n" * 60, "author\n"]
)
def test_another_meaning_is_invalid(own_clinic: TestClinic, report: str, meaning: str) -> None:
    try_to_sign(own_clinic, report, meaning=meaning).refused(422, "invalid")

    assert_draft(own_clinic, report)


def test_without_a_confirmation_nobody_signs(own_clinic: TestClinic) -> None:
    # The other doctor copies the first doctor's name and licence number into a profile of their own.
    write_profile(own_clinic.other_doctor)
    patient = own_clinic.other_doctor.post(
        "/patients", {"first_name": "A", "last_name": "B", "date_of_birth": "1990-01-01"}
    )
    session = own_clinic.other_doctor.post("/sessions", {"patient_id": patient.ok(201).body["id"], "type": "followup"})
    report = plant_report(own_clinic, str(session.ok(201).body["id"]))
    end_session(own_clinic, session.body["id"])

    refused = own_clinic.other_doctor.post(f"/reports/{report}/sign", {}, etag='"1"').refused(
        409, "identity-unconfirmed"
    )

    assert refused.body["detail"] == "an admin of the clinic must confirm your name and licence number"


@pytest.mark.parametrize(
    "changes",
    [{"first_name": "Myra"}, {"last_name": "Ayer"}, {"licence_number": "KMC 45822"}, {"licence_number": None}],
    ids=str,
)
def test_another_name_or_licence_number_voids_the_confirmation(
    own_clinic: TestClinic, report: str, changes: dict[str, str | None]
) -> None:
    write_profile(own_clinic.doctor, **changes)
    try_to_sign(own_clinic, report).refused(409, "identity-unconfirmed")
    assert own_clinic.admin.get(f"/users/{own_clinic.doctor.user_id}").ok().body["identity_confirmation"] is None
    write_profile(own_clinic.doctor)

    # The earlier name alone does not bring the confirmation back.
    try_to_sign(own_clinic, report).refused(409, "identity-unconfirmed")
    assert_draft(own_clinic, report)
    confirm_identity(own_clinic, own_clinic.doctor)
    try_to_sign(own_clinic, report).ok()


def test_other_changes_of_the_profile_keep_the_confirmation(own_clinic: TestClinic, report: str) -> None:
    write_profile(own_clinic.doctor, specialization="MD", phone="+918041234567")

    try_to_sign(own_clinic, report).ok()


@pytest.mark.parametrize("invisible", ["\u200b", "\u2060\u200d", "\u3164", "\u00ad", "\u2800", "\u202e", "."])
def test_a_name_or_licence_number_without_a_visible_sign_is_none(
    own_clinic: TestClinic, report: str, invisible: str
) -> None:
    names = {"first_name": invisible, "last_name": invisible, "licence_number": PROFILE["licence_number"]}
    for body in (names, {**PROFILE, "licence_number": invisible}):
        etag = own_clinic.doctor.get("/profile").ok().etag
        written = own_clinic.doctor.put("/profile", body, etag=etag)
        if written.status == 422:  # the profile itself refuses it
            continue
        refused = try_to_sign(own_clinic, report).refused(409, "identity-unconfirmed")
        assert refused.body["detail"] == "write your name and licence number into your profile"
        confirm(own_clinic, own_clinic.admin, own_clinic.doctor).refused(409, "conflict")

    for changed in ({"full_name": f"{invisible} {invisible}"}, {"licence_number": invisible}):
        confirm(own_clinic, own_clinic.admin, own_clinic.doctor, **changed).refused(422, "invalid")


def test_an_admin_confirms_only_what_the_profile_says(own_clinic: TestClinic) -> None:
    changed = {"full_name": "Meera Ayer", "licence_number": "KMC 45822"}

    refused = confirm(own_clinic, own_clinic.admin, own_clinic.doctor, **changed).refused(409, "conflict")

    assert {error["pointer"] for error in refused.body["errors"]} == {"/full_name", "/licence_number"}
    assert "Iyer" not in refused.content.decode()


def test_a_user_without_a_profile_is_not_confirmed(own_clinic: TestClinic) -> None:
    seen = own_clinic.admin.get(f"/users/{own_clinic.other_doctor.user_id}/identity").ok().body

    assert (seen["full_name"], seen["licence_number"], seen["identity_confirmed"]) == (None, None, False)
    confirm(own_clinic, own_clinic.admin, own_clinic.other_doctor).refused(409, "conflict")


def test_only_admins_of_the_clinic_confirm(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    etag = own_clinic.admin.get(f"/users/{own_clinic.doctor.user_id}").ok().etag

    for user in (own_clinic.doctor, own_clinic.other_doctor, own_clinic.receptionist):
        confirm(own_clinic, user, own_clinic.doctor, etag).refused(403, "forbidden")
    confirm(own_clinic, other_clinic.admin, own_clinic.doctor, etag).refused(404, "not-found")
    confirm(own_clinic, own_clinic.admin, own_clinic.doctor, '"7"').refused(412, "stale")


def test_a_confirmation_names_admin_and_time_and_is_audited(own_clinic: TestClinic) -> None:
    write_profile(own_clinic.other_doctor, first_name="Ravi", last_name="Menon")
    etag, (trace, header) = own_clinic.admin.get(f"/users/{own_clinic.other_doctor.user_id}").ok().etag, new_trace()
    identity = {**IDENTITY, "full_name": "Ravi Menon"}

    path = f"/users/{own_clinic.other_doctor.user_id}/confirm-identity"
    confirmed = own_clinic.admin.post(path, identity, key="", etag=etag, **header).ok()

    confirmation = confirmed.body["identity_confirmation"]
    assert {**identity, "confirmed_by": own_clinic.admin.user_id}.items() <= confirmation.items()
    assert confirmed.body["identity_confirmed"]
    (entry,) = audit_of(own_clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("identity.confirm", "done")
    assert f"users/{own_clinic.other_doctor.user_id}" in entry["documents"]


def test_call_counts_of_identities(own_clinic: TestClinic) -> None:
    path = f"/users/{own_clinic.doctor.user_id}"
    own_clinic.admin.get(f"{path}/identity").ok()
    etags = (f'"{revision}"' for revision in range(1, 9))

    shown = calls_during(own_clinic, "users", lambda: own_clinic.admin.get(f"{path}/identity").ok())
    confirmed = calls_during(
        own_clinic, "users", lambda: confirm(own_clinic, own_clinic.admin, own_clinic.doctor, next(etags)).ok()
    )
    moved = {**PROFILE, "organization": "Banyan South"}
    same = calls_during(own_clinic, "profile", lambda: own_clinic.doctor.put("/profile", moved, etag='"1"').ok())
    renamed = {**PROFILE, "last_name": "Ayer"}
    voided = calls_during(own_clinic, "profile", lambda: own_clinic.doctor.put("/profile", renamed, etag='"2"').ok())

    # Caller, user and profile; user, guard of the profile and audit entry.
    assert (shown, confirmed) == ([reads(3), commit(1)], [reads(3), commit(3)])
    # The confirmation is in the caller's own record, which every request reads.
    assert (same, voided) == ([reads(2), commit(2)], [reads(2), commit(3)])


# A doctor who is the admin


def solo_practice(stack: Stack) -> TestClinic:
    """A clinic of one person, who is doctor and admin."""
    clinic_id = new_id(12)
    user_id = f"{clinic_id}-solo"
    opening.open_clinic(clinic_id, SETTINGS, {user_id: ("solo@clinic.example", [Role.ADMIN, Role.DOCTOR])})
    create_account(stack.url, user_id, clinic_id)
    solo = ApiClient(stack.url, user_id, clinic_id)
    return TestClinic(clinic_id, stack, solo, solo, solo, solo)


def test_a_solo_doctor_confirms_their_own_identity_only_after_a_fresh_sign_in(stack: Stack) -> None:
    clinic = solo_practice(stack)
    write_profile(clinic.doctor)
    signed_in_earlier(clinic, clinic.doctor, seconds_ago=FIVE_MINUTES + 30)
    refused = confirm(clinic, clinic.admin, clinic.doctor).refused(401, "fresh-sign-in-required")
    assert refused.headers["WWW-Authenticate"].startswith(STEP_UP)
    clinic.doctor.sign_in()
    trace, header = new_trace()

    path = f"/users/{clinic.doctor.user_id}"
    etag = clinic.admin.get(path).ok().etag
    clinic.admin.post(f"{path}/confirm-identity", IDENTITY, key="", etag=etag, **header).ok()

    (entry,) = audit_of(clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("identity.confirm_own", "done")
    report = signed_report(clinic)
    assert (
        clinic.doctor.get(f"/reports/{report}").ok().body["signature"]["identity_confirmed_by"] == clinic.doctor.user_id
    )
    assert "the signer, as admin" in text_of(clinic.doctor.pdf(f"/reports/{report}/pdf")).replace("\n", " ")


def test_an_admin_confirms_others_without_a_fresh_sign_in(own_clinic: TestClinic) -> None:
    signed_in_earlier(own_clinic, own_clinic.admin, seconds_ago=FIVE_MINUTES * 12)

    confirm(own_clinic, own_clinic.admin, own_clinic.doctor).ok()


# A fresh sign-in


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (FIVE_MINUTES - 60, True), (FIVE_MINUTES + 10, False)])
def test_signing_wants_a_sign_in_of_the_last_five_minutes(
    own_clinic: TestClinic, report: str, age: int, fresh: bool
) -> None:
    signed_in_earlier(own_clinic, own_clinic.doctor, seconds_ago=age)

    reply = try_to_sign(own_clinic, report)

    if fresh:
        reply.ok()
    else:
        refused = reply.refused(401, "fresh-sign-in-required")
        assert refused.headers["WWW-Authenticate"] == f"{STEP_UP}, max_age=300"
        assert_draft(own_clinic, report)
        sign(own_clinic, report)


def test_a_stale_sign_in_still_reads_and_corrects(own_clinic: TestClinic, report: str) -> None:
    signed_in_earlier(own_clinic, own_clinic.doctor, seconds_ago=FIVE_MINUTES * 12)
    edit = {"statement_id": "s1", "text": "Sleeps well.", "reason": "Misheard"}

    own_clinic.doctor.put(f"/reports/{report}", {"edits": [edit]}, etag='"1"').ok()


def test_a_refused_signing_is_audited(own_clinic: TestClinic, report: str) -> None:
    signed_in_earlier(own_clinic, own_clinic.doctor, seconds_ago=FIVE_MINUTES * 2)
    trace, header = new_trace()

    own_clinic.doctor.post(f"/reports/{report}/sign", {}, key="", etag='"1"', **header).refused(
        401, "fresh-sign-in-required"
    )

    (entry,) = audit_of(own_clinic, trace)
    assert (entry["action"], entry["outcome"]) == ("report.sign", "fresh-sign-in-required")


# A second factor


def test_signing_wants_a_second_factor_where_the_clinic_wants_one(own_clinic: TestClinic, report: str) -> None:
    operator_settings.set_second_factor(own_clinic.id, required=True)
    own_clinic.doctor.sign_in()

    refused = try_to_sign(own_clinic, report).refused(401, "second-factor-required")

    assert refused.headers["WWW-Authenticate"] == f'{STEP_UP}, acr_values="second_factor"'
    assert_draft(own_clinic, report)
    signed_in_earlier(own_clinic, own_clinic.doctor, second_factor="totp", seconds_ago=FIVE_MINUTES * 2)
    try_to_sign(own_clinic, report).refused(401, "fresh-sign-in-required")
    own_clinic.doctor.sign_in(second_factor="totp")
    try_to_sign(own_clinic, report).ok()


def test_the_operator_may_do_without_the_second_factor_again(own_clinic: TestClinic, report: str) -> None:
    assert operator_settings.set_second_factor(own_clinic.id, required=True)
    assert not operator_settings.set_second_factor(own_clinic.id, required=True), "as it was"
    assert operator_settings.set_second_factor(own_clinic.id, required=False)

    try_to_sign(own_clinic, report).ok()


def test_the_operators_command_sets_the_second_factor(
    own_clinic: TestClinic, report: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["second-factor", own_clinic.id, "required"]) == 0
    try_to_sign(own_clinic, report).refused(401, "second-factor-required")
    assert cli.main(["second-factor", own_clinic.id, "required"]) == 0
    assert cli.main(["second-factor", own_clinic.id, "optional"]) == 0
    try_to_sign(own_clinic, report).ok()

    outputs = capsys.readouterr().out.splitlines()
    assert [line.split()[6] for line in outputs] == ["now", "already", "now"]
    assert cli.main(["second-factor", "nowhere", "required"]) == 2
    assert capsys.readouterr().err == "there is no clinic nowhere\n"


def text_of(reply: Reply) -> str:
    """The text of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(reply.ok().content)).pages)
