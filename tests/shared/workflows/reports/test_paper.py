"""Reports on paper: what is printed of a snapshot, and how a draft differs from a signed report."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.records.claims.doubt import DoubtKind
from shared.records.letterhead import Letterhead
from shared.records.record import Stamp
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Corrections, Edit
from shared.records.reports.signed_payload import ReportSnapshot
from shared.records.reports.statements import Statement
from shared.records.templates.fixed_texts import NOT_ASSESSED
from shared.records.templates.shipped import default_sections
from shared.records.visits.lost_audio import LostAudio
from shared.render.blocks import Box, Heading, Tone
from shared.render.documents import ReportDocument, ReportSection
from shared.render.report_blocks import printed_report
from shared.render.words.languages import words_of
from shared.workflows.reports import paper
from shared.workflows.reports.plain_text import plain_text
from tests.support import factories
from tests.support.factories import BY_SYSTEM, DOCTOR, NOON, after, content, doubt, report, session, statement
from tools.openapi import factories as plain_factories

PRESSURE = statement(1, "physical_examination.vital_signs", "BP today is 118 over 76.")
SLEEP = statement(2, "history_present_illness", "Sleeps five hours.")
PLAN = statement(3, "plan.follow_up", "Review in two weeks.")


def snapshot(
    held: ReportContent, *, model: str | None = "gemini-3.5-flash-lite", patient: Any = None, **changes: Any
) -> ReportSnapshot:
    written = report().revised(BY_SYSTEM, ai_model=model, generation_completed_at=after(minutes=5) if model else None)
    whole = ReportSnapshot.of(
        written,
        held,
        session().completed(Stamp(DOCTOR, after(minutes=34))),
        patient or factories.patient(date_of_birth=date(1989, 9, 15)),
        clinic_id="aster",
        issuer=Letterhead.of(factories.profile(), factories.settings()),
        revised_by=["Meera Iyer"] if held.corrections else [],
        zone="Asia/Kolkata",
    )
    return whole.model_copy(update=changes)


def draft(*statements: Statement, edits: tuple[Edit, ...] = (), **changes: Any) -> ReportDocument:
    held = content(*statements)
    if edits:
        held = held.corrected(Corrections(edits=list(edits)), Stamp(DOCTOR, NOON))
    return paper.draft_document(snapshot(held, **changes), NOON)


def titles(sections: tuple[ReportSection, ...]) -> list[str]:
    return [section.title for section in sections]


def test_the_banner_has_age_kind_length_and_allergies() -> None:
    patient = factories.patient(date_of_birth=date(1989, 9, 15), allergies=["penicillin", "latex"])

    document = draft(SLEEP, patient=patient)

    assert (document.age, document.visit_kind, document.visit_minutes) == ("36 years", "Follow-up", 34)
    assert document.allergies == "penicillin, latex"
    assert document.report_number == "REP-20260001"
    assert draft(SLEEP).allergies == "", "none recorded is not none"


def test_a_referrer_is_printed_where_there_is_one() -> None:
    assert draft(SLEEP, referred_by="Dr. Ravi Menon").referred_by == "Dr. Ravi Menon"
    assert draft(SLEEP).referred_by == ""


def test_allergies_beyond_the_room_are_counted() -> None:
    patient = factories.patient(allergies=[f"{number} " + "x" * 490 for number in range(10)])

    assert draft(SLEEP, patient=patient).allergies.endswith("and 4 more in the chart")


def test_empty_optional_sections_take_one_line_and_examinations_read_not_assessed() -> None:
    document = draft(PRESSURE, PLAN)

    assert titles(document.sections) == [
        "Chief Complaint",
        "History of Present Illness",
        "Physical Examination",
        "Assessment",
        "Plan",
    ]
    assert [section.nothing for section in document.sections] == [
        "Not discussed",
        "Not discussed",
        "",
        "Not discussed",
        "",
    ]
    examined = [(part.title, part.nothing) for part in document.sections[2].parts]
    assert examined == [("Vital Signs", ""), ("General Appearance", NOT_ASSESSED), ("Systems Review", NOT_ASSESSED)]
    assert document.no_entry == ("Plan (Medications, Patient Education)",)
    assert (draft(SLEEP).sections[2].title, draft(SLEEP).sections[2].nothing) == ("Physical Examination", NOT_ASSESSED)


@pytest.mark.parametrize(
    ("language", "nothing_said", "not_examined"),
    [
        ("en-IN", "Not discussed", "Not assessed"),
        ("hi-IN", "चर्चा नहीं हुई", "आकलन नहीं किया गया"),
        ("ta", "பேசப்படவில்லை", "மதிப்பிடப்படவில்லை"),
        ("de", "Not discussed", "Not assessed"),
        (None, "Not discussed", "Not assessed"),
    ],
)
def test_what_nobody_spoke_of_reads_so_in_the_language_of_the_report(
    language: str | None, nothing_said: str, not_examined: str
) -> None:
    lines = plain_text(default_sections(), [PLAN], language).split("\n")

    assert lines[1] == nothing_said
    assert f"Vital Signs: {not_examined}" in lines


def test_sections_that_are_printed_first_come_first() -> None:
    sections = [s.model_copy(update={"print_first": s.id in ("assessment", "plan")}) for s in default_sections()]

    document = draft(SLEEP, PLAN, sections=sections)

    assert titles(document.sections)[:2] == ["Assessment", "Plan"]
    assert plain_text(sections, [PLAN]).startswith("ASSESSMENT\nNot discussed\n\nPLAN")


def test_certain_measures_are_printed_in_clinical_notation_and_said_to_be() -> None:
    part = draft(PRESSURE).sections[2].parts[0]

    assert part.statements[0].text == "BP today is 118/76 mmHg."
    assert "clinical notation" in draft(PRESSURE).origin
    assert "clinical notation" not in draft(SLEEP).origin


@pytest.mark.parametrize("changes", [{"doubts": [doubt()]}, {"author_id": DOCTOR, "segments": []}])
def test_doubtful_measures_and_those_a_person_wrote_stay_as_they_are(changes: dict[str, Any]) -> None:
    part = draft(PRESSURE.model_copy(update=changes)).sections[2].parts[0]

    assert part.statements[0].text == PRESSURE.text


def test_a_draft_shows_its_doubts_beside_each_statement_and_a_signed_report_does_not() -> None:
    doubtful = PLAN.model_copy(update={"doubts": [doubt(DoubtKind.NUMBER_NOT_IN_EVIDENCE, "50 mg"), doubt()]})
    whole = snapshot(content(doubtful))
    signature = plain_factories.signature(Stamp(DOCTOR, after(hours=1)))

    drafted, signed = paper.draft_document(whole, NOON), paper.signed_document(whole, signature)

    (said,) = drafted.sections[-1].parts[0].statements
    assert said.doubts == ("a number is not in the evidence (50 mg)", "heard uncertainly")
    assert signed.sections[-1].parts[0].statements[0].doubts == ()
    assert (drafted.at, signed.at) == (NOON, after(hours=1))


def test_every_doubt_has_a_text() -> None:
    for kind in DoubtKind:
        (said,) = draft(PLAN.model_copy(update={"doubts": [doubt(kind)]})).sections[-1].parts[0].statements
        assert said.doubts[0]


def test_corrections_are_marked_and_removals_are_counted() -> None:
    document = draft(
        PRESSURE,
        SLEEP,
        PLAN,
        edits=(
            Edit(statement_id="s2", text="Sleeps four hours.", reason="misheard"),
            Edit(section="assessment", text="Mild depression.", reason="added"),
            Edit(statement_id="s1", text=None, reason="not relevant"),
        ),
    )

    printed = [statement for section in document.sections for statement in section.statements]
    assert [(statement.text, statement.is_revised) for statement in printed] == [
        ("Sleeps four hours.", True),
        ("Mild depression.", True),
    ]
    assert not document.sections[-1].parts[0].statements[0].is_revised
    assert document.origin == (
        "Drafted by an AI model (gemini-3.5-flash-lite, 14 September 2026). "
        "Revised by Meera Iyer: 2 statements corrected or added (†), 1 statement removed."
    )


def test_what_was_added_and_removed_again_is_no_removal() -> None:
    held = content(SLEEP).corrected(
        Corrections(edits=[Edit(section="assessment", text="Mild.", reason="r")]), Stamp(DOCTOR, NOON)
    )
    held = held.corrected(Corrections(edits=[Edit(statement_id="c1", text=None, reason="r")]), Stamp(DOCTOR, NOON))

    assert "No statement was changed after the draft." in paper.draft_document(snapshot(held), NOON).origin


def test_a_report_without_a_draft_names_its_author_and_marks_nothing() -> None:
    by_hand = SLEEP.model_copy(update={"author_id": DOCTOR, "segments": []})

    document = draft(by_hand, model=None)

    assert document.origin == "Written by Meera Iyer."
    assert not document.sections[1].statements[0].is_revised


def test_file_names_have_the_number_and_the_day_of_the_signature_at_the_clinic() -> None:
    whole = snapshot(content(SLEEP))

    assert paper.filename(whole, None) == "REP-20260001.pdf"
    assert paper.filename(whole, NOON.replace(hour=20)) == "REP-20260001-2026-09-15.pdf"


def test_reported_allergies_are_to_be_confirmed_and_never_among_the_allergies() -> None:
    waiting = [
        {"id": f"a{number}", "text": text, "noted_by": "desk", "noted_at": NOON}
        for number, text in enumerate(["latex", "nuts"])
    ]
    patient = factories.patient(allergies=["penicillin"], reported_allergies=waiting)

    document = draft(SLEEP, patient=patient)

    assert (document.allergies, document.allergies_to_confirm) == ("penicillin", "latex, nuts")
    assert draft(SLEEP).allergies_to_confirm == ""


def test_confirmed_allergies_come_first_where_there_is_no_room_for_all() -> None:
    waiting = [{"id": "a1", "text": "latex " * 40, "noted_by": "desk", "noted_at": NOON}]
    patient = factories.patient(allergies=[f"{number} " + "x" * 490 for number in range(6)], reported_allergies=waiting)

    document = draft(SLEEP, patient=patient)

    assert "more" not in document.allergies
    assert document.allergies_to_confirm == "and 1 more"


LOST = [
    LostAudio(
        recording_id="patient-visit-a2",
        start_ms=3_723_900,
        seconds=20.0,
        reason="The tablet fell into the sink.",
        declared_by=DOCTOR,
        declared_at=NOON,
    ),
    LostAudio(recording_id="patient-visit-a2", start_ms=3_800_000, seconds=None, places=3),
]


@pytest.mark.parametrize("language", ["en", "hi", "ta", "ar"])
def test_lost_audio_stands_before_everything_and_is_no_statement(language: str) -> None:
    held = content(PRESSURE).model_copy(update={"language": language})
    lacking = snapshot(held, lost_audio=LOST)
    printed = printed_report(paper.draft_document(lacking, NOON))

    title, advice = words_of(language).lost_audio.title, words_of(language).lost_audio.advice
    heading, box = printed.blocks[:2]
    assert isinstance(heading, Heading)
    assert isinstance(box, Box)
    assert (box.title, box.lines[0], box.tone) == (title, advice, Tone.WARNING)
    assert "1:02:03" in box.lines[1]
    assert "The tablet fell into the sink." in box.lines[1]
    assert len(box.lines) == 4
    assert box.lines[-1] == words_of(language).lost_audio.in_all.of(4)
    text = plain_text(held.sections, held.statements, language, LOST)
    assert text.startswith(f"{title.upper()}\n{advice}\n")
    assert title not in [block.title for block in printed_report(draft(PRESSURE)).blocks if isinstance(block, Box)]


def test_lost_audio_is_said_in_words() -> None:
    first, second, last = paper.draft_document(snapshot(content(), lost_audio=LOST), NOON).lost_audio

    assert first == (
        "At 1:02:03 of recording 2: 20 seconds are missing. Declared lost by the doctor of the visit on "
        "14 September 2026, 17:30 IST: The tablet fell into the sink."
    )
    assert second == (
        "At 1:03:20 of recording 2: nobody knows how much is missing, and after that, at 2 places. "
        "The device did not send it."
    )
    assert last == "Audio is missing at 4 places in all: see the transcript of the visit."


def test_places_that_are_all_named_need_no_sum() -> None:
    [line] = paper.draft_document(snapshot(content(), lost_audio=LOST[:1]), NOON).lost_audio

    assert "in all" not in line
