"""The signed payload: one canonical form, and a digest that covers every field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.claims.omission import Omission, OmissionKind
from shared.records.letterhead import Letterhead
from shared.records.record import Stamp
from shared.records.reports.notes import notes_of
from shared.records.reports.signed_payload import ReportSnapshot, SignedPayload, digest_of
from shared.records.types import STORED
from tests.support.factories import DOCTOR, NOON, after, content, patient, profile, report, session, settings, statement
from tests.support.resolutions import with_resolutions

Path = tuple[str | int, ...]


REPORTED = {"id": "allergy-1", "text": "latex", "noted_by": "desk", "noted_at": NOON}


def declaration(text: str = "Sleeps five hours.", **values: Any) -> SignedPayload:
    clinic = settings(
        address="12 Residency Road", phone="+918041234567", email="desk@clinic.example", gst_number="29AAGCB7383J1Z4"
    )
    issuer = Letterhead.of(profile(licence_number="KMC 45821", specialization="Psychiatry"), clinic)
    statements = [statement(1, text=text), statement(2, author_id=DOCTOR, segments=[], reason="misheard")]
    omitted = Omission.of(OmissionKind.DRUG, 3, "melatonin")
    checked = {"omissions": [omitted], "claim_check": "done", "checks_version": 1}
    said = content(*statements).model_copy(update={"notes": notes_of(session(chief_complaint="Sleep")), **checked})
    face = ReportSnapshot.of(
        report(),
        with_resolutions(said, Stamp(DOCTOR, NOON)),
        session(),
        patient(gender="female", allergies=["penicillin"], reported_allergies=[REPORTED]),
        clinic_id="aster",
        issuer=issuer.model_copy(update={"logo": "aGVsbG8="}),
        revised_by=["Meera Iyer"],
        zone="Asia/Kolkata",
    )
    usual = {
        "report": face,
        "signer_id": DOCTOR,
        "signer_name": "Meera Iyer",
        "licence_number": "KMC 45821",
        "identity_confirmed_by": "admin-1",
        "identity_confirmed_at": NOON,
        "meaning": "approver",
        "signed_at": NOON,
        "key_version": "projects/p/cryptoKeyVersions/1",
    }
    return SignedPayload.model_validate(usual | values)


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every leaf of a JSON value; an empty list or object is a leaf."""
    if isinstance(value, dict | list) and value:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def changed(value: Any, path: Path) -> Any:
    """A copy with another value at this path."""
    if not path:
        return "changed" if value != "changed" else "again"
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:])
    return copy


def test_the_canonical_bytes_are_json_as_rfc_8785_writes_it() -> None:
    canonical = declaration(text="Says “कैसे” \u2028 <b> \x07 ü 𝄞").canonical()

    plain = json.loads(canonical)
    written = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical == written, "keys in order, no white space, no needless escapes"
    assert b"\\u0007" in canonical


def test_a_declaration_reads_back_from_its_bytes_as_the_same_bytes() -> None:
    fixed = declaration()

    again = SignedPayload.model_validate_json(fixed.canonical(), context=STORED)

    assert again == fixed
    assert again.canonical() == fixed.canonical()
    assert sorted(json.loads(fixed.canonical())) == [
        "cosigner_id", "format", "identity_confirmed_at", "identity_confirmed_by", "key_version", "licence_number",
        "meaning", "report",
        "signed_at", "signer_id", "signer_name",
    ]  # fmt: skip


def test_a_change_of_any_field_changes_the_digest() -> None:
    import rfc8785

    plain = declaration().model_dump(mode="json")
    before = digest_of(declaration().canonical())

    digests = {path: digest_of(rfc8785.dumps(changed(plain, path))) for path in leaves(plain)}

    assert before not in digests.values()
    assert len(set(digests.values())) == len(digests)


def test_what_a_reader_sees_is_covered() -> None:
    covered = {path[-1] for path in leaves(declaration().model_dump(mode="json"))}

    face = {"version", "report_type", "session_number", "visit_started", "time_zone", "title", "text", "reason"}
    assert face | {"name", "date_of_birth", "practitioner_name", "licence_number", "logo", "gst_number"} <= covered
    assert {
        "clinic_id",
        "patient_id",
        "session_id",
        "report_id",
        "doctor_id",
        "corrections",
        "source",
        "kind",
    } <= covered
    assert {"claim_check", "checks_version", "finding_id", "how", "author_id", "lapsed_at"} <= covered
    assert {"signer_id", "signer_name", "meaning", "signed_at", "key_version"} <= covered
    assert {"identity_confirmed_by", "identity_confirmed_at"} <= covered


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("signer_id", "doctor-2"),
        ("signer_name", "Another Name"),
        ("licence_number", "KMC 45822"),
        ("meaning", "reviewer"),
        ("identity_confirmed_by", "admin-2"),
        ("identity_confirmed_at", after(days=-1)),
        ("signed_at", after(seconds=1)),
        ("key_version", "projects/p/cryptoKeyVersions/2"),
    ],
)
def test_another_signer_time_meaning_or_key_is_another_digest(field: str, value: Any) -> None:
    assert digest_of(declaration(**{field: value}).canonical()) != digest_of(declaration().canonical())


def test_the_same_moment_in_another_zone_is_the_same_declaration() -> None:
    in_india = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert declaration(signed_at=in_india).canonical() == declaration().canonical()


@given(st.text(max_size=60), st.text(max_size=60))
def test_other_words_are_another_digest_and_the_same_words_the_same(one: str, other: str) -> None:
    first, second = declaration(text=one), declaration(text=other)

    same = first.report.statements[0].text == second.report.statements[0].text
    assert (digest_of(first.canonical()) == digest_of(second.canonical())) == same
    assert SignedPayload.model_validate_json(first.canonical(), context=STORED) == first


def test_the_letterhead_is_the_practitioners_own_else_the_clinics() -> None:
    clinic = settings(name="Aster Clinic", phone="+918041234567", email="desk@clinic.example", address="12 Road")

    own = Letterhead.of(profile(clinic_name="Iyer Practice", phone="+919845012345"), clinic)
    none = Letterhead.of(None, clinic)

    assert (own.practitioner_name, own.clinic_name, own.phone) == ("Meera Iyer", "Iyer Practice", "+919845012345")
    assert (own.clinic_address, own.email) == ("12 Road", "desk@clinic.example")
    assert (none.practitioner_name, none.clinic_name, none.licence_number) == ("", "Aster Clinic", "")


def test_a_report_that_was_signed_before_doubts_were_resolved_reads_as_it_was() -> None:
    plain = json.loads(declaration().canonical())
    for later in ("omissions", "omissions_left_out", "resolutions", "claim_check", "checks_version"):
        del plain["report"][later]
    for one in plain["report"]["statements"]:
        del one["claim_check"]

    read = SignedPayload.model_validate_json(json.dumps(plain), context=STORED).report

    assert (read.omissions, read.resolutions, read.claim_check, read.checks_version) == ([], [], "not_done", None)
    assert (read.omissions_left_out, {one.claim_check for one in read.statements}) == (0, {None})
