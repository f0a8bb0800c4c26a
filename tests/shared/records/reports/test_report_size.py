"""A report that was accepted can be stored, signed and answered: limits where it is edited imply the later ones."""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Iterator
from itertools import count

import pytest

from shared.records.letterhead import Letterhead
from shared.records.problems import Invalid
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Corrections, Edit
from shared.records.reports.signed import Meaning
from shared.records.reports.signed_payload import MOST_REVISERS, ReportSnapshot, SignedPayload
from shared.records.size import LARGEST_DOCUMENT, document_bytes, json_bytes, quoted_bytes
from shared.records.types import new_id
from shared.records.visits.lost_audio import MOST_IN_REPORT, LostAudio
from shared.workflows.reports.plain_text import plain_text
from tests.support.factories import BY_DOCTOR, NOON, content, patient, profile, report, session, settings, statement

ALPHABETS = {"letters": "x", "emoji": "😀", "quotes": '"', "backslashes": "\\", "lines": "a\n", "Tamil": "தூ"}
LONGEST_TEXT = 20_000


def edited(start: ReportContent, letters: str, *, size: int, fresh: bool) -> Iterator[ReportContent]:
    """The content after each of as many edits as are accepted."""
    current = start
    for number in count():
        target = {"section": "assessment"} if fresh else {"statement_id": current.statements[-1].id}
        text = (letters * size)[: size - 1] + "ab"[number % 2]  # an edit to the same text changes nothing
        edit = Edit(text=text, reason="r" * 500, **target)
        try:
            current = current.corrected(Corrections(edits=[edit]), BY_DOCTOR)
        except Invalid as refused:
            (error,) = refused.errors
            assert error.pointer == "/edits"
            assert "at most" in error.detail
            return
        yield current


@pytest.mark.parametrize("fresh", [True, False], ids=["added", "changed"])
@pytest.mark.parametrize("size", [LONGEST_TEXT, 50])
@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_what_was_accepted_is_stored_signed_and_answered_within_the_limit(
    alphabet: str, size: int, fresh: bool
) -> None:
    letters = ALPHABETS[alphabet]
    start = content(statement(1, section="assessment"))
    if size == 50:
        start = many_small(letters)
    *_, last = [start, *edited(start, letters, size=size, fresh=fresh)]

    assert stored_bytes(last) < LARGEST_DOCUMENT
    assert signed_bytes(last) < LARGEST_DOCUMENT
    assert answered_bytes(last) < LARGEST_DOCUMENT


def test_three_requests_of_twelve_long_statements_are_refused_with_the_limit() -> None:
    edits = [Edit(section="assessment", text="x" * LONGEST_TEXT, reason="r") for _ in range(12)]

    with pytest.raises(Invalid) as refused:
        content(statement(1, section="assessment")).corrected(Corrections(edits=edits), BY_DOCTOR)

    assert "at most 240000 are possible" in refused.value.errors[0].detail


def test_five_long_statements_are_accepted() -> None:
    edits = [Edit(section="assessment", text="x" * LONGEST_TEXT, reason="r") for _ in range(5)]

    assert content(statement(1, section="assessment")).corrected(Corrections(edits=edits), BY_DOCTOR).excess() is None


@pytest.mark.parametrize("value", ["", 'a"b', "\\", "😀\n", [1, {"a": "é"}], None])
def test_sizes_are_those_of_the_encoded_json(value: object) -> None:
    encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert json_bytes(value) == len(encoded.encode())
    assert quoted_bytes(value) == len(json.dumps(encoded, ensure_ascii=False).encode())


def test_a_document_is_as_large_as_its_names_and_values() -> None:
    assert document_bytes({"ab": "é", "list": [b"xyz", 5], "map": {"c": None}}) == 3 + 3 + 5 + 3 + 8 + 4 + 2 + 8


def many_small(letters: str) -> ReportContent:
    """A content with as many small statements as are possible."""

    def of(count: int) -> ReportContent:
        return content(*(statement(number, text=letters * 3) for number in range(1, count + 1)))

    return of(bisect(range(1, 5_000), 0, key=lambda count: of(count).excess() is not None))


def stored_bytes(held: ReportContent) -> int:
    dumped = held.model_dump(mode="json")
    return sum(map(json_bytes, dumped.values()))


WAITING = [
    {"id": f"allergy-{number}", "text": "😀" * 500, "noted_by": "desk", "noted_at": NOON} for number in range(20)
]
"""As many reported allergies as possible."""


LOST = [
    LostAudio(
        recording_id=f"{new_id()}-{new_id()}-a100",
        start_ms=10**8,
        seconds=10.0**5,
        places=10**4,
        reason='"' * 500,
        declared_by=new_id(),
        declared_at=NOON,
    )
] * MOST_IN_REPORT


def signed_bytes(held: ReportContent) -> int:
    """The stored size of the signed bytes, with the largest letterhead."""
    clinic = settings(address='"' * LONGEST_TEXT, email="desk@clinic.example", gst_number="29AAGCB7383J1Z4")
    issuer = Letterhead.of(profile(licence_number="😀" * 500, specialization="😀" * 500), clinic)
    snapshot = ReportSnapshot.of(
        report(correction_notes="\\" * LONGEST_TEXT, lost_audio=LOST),
        held,
        session(),
        patient(
            first_name="😀" * 200,
            last_name="😀" * 200,
            gender="😀" * 500,
            allergies=["😀" * 500] * 100,
            reported_allergies=WAITING,
        ),
        clinic_id="aster",
        issuer=issuer.model_copy(update={"logo": "A" * 266_668}),
        revised_by=["😀" * 401] * MOST_REVISERS,
        zone="Asia/Kolkata",
    )
    payload = SignedPayload(
        report=snapshot,
        signer_id=new_id(),
        signer_name="😀" * 401,
        licence_number="😀" * 500,
        identity_confirmed_by=new_id(),
        identity_confirmed_at=NOON,
        meaning=Meaning.APPROVER,
        signed_at=NOON,
        key_version="k" * 500,
    )
    return json_bytes(payload.canonical().decode()) + 4_000  # the signature


def answered_bytes(held: ReportContent) -> int:
    """The stored size of the response to signing, with the longest notes."""
    shown = held.model_dump(mode="json", include={"sections", "statements", "notes", "corrections"})
    text = plain_text(held.sections, held.statements, lost=LOST)
    lost = [one.model_dump(mode="json") for one in LOST]
    shown |= {"lost_audio": lost, "generated_content": text}
    return quoted_bytes(shown | {"correction_notes": "\\" * LONGEST_TEXT}) + 4_000
