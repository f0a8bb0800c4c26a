"""English."""

from __future__ import annotations

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import OmissionKind
from shared.records.report_type import ReportType
from shared.records.reports.resolutions import ResolutionKind
from shared.records.reports.signed import Meaning
from shared.records.visits.session import SessionType
from shared.render.words.vocabulary import (
    Counted,
    FactLabels,
    FindingWords,
    LostAudioWords,
    Marks,
    Origin,
    SignatureLabels,
    Words,
)

ENGLISH = Words(
    code="en",
    right_to_left=False,
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    listed=", ",
    titles={
        ReportType.CONSULTATION: "Consultation report",
        ReportType.FOLLOWUP: "Follow-up report",
        ReportType.DIAGNOSTIC: "Diagnostic report",
        ReportType.TREATMENT_PLAN: "Treatment plan report",
        ReportType.DISCHARGE: "Discharge report",
        ReportType.REFERRAL: "Referral report",
    },
    visit_kinds={
        SessionType.NEW_PATIENT: "New patient",
        SessionType.FOLLOWUP: "Follow-up",
        SessionType.CONSULTATION: "Consultation",
        SessionType.EMERGENCY: "Emergency",
    },
    meanings={
        Meaning.AUTHOR: "Author: wrote this report and answers for its content",
        Meaning.REVIEWER: "Reviewer: has read and checked this report",
        Meaning.APPROVER: "Approver: approves this report",
    },
    kinds={
        StatementKind.SAID_BY_PATIENT: "said by the patient",
        StatementKind.SAID_BY_OTHERS: "said by others",
        StatementKind.OBSERVED: "observed",
        StatementKind.ASSESSED: "assessed",
        StatementKind.PLANNED: "planned",
    },
    facts=FactLabels(
        patient="Patient",
        date_of_birth="Date of birth",
        age="Age at the visit",
        gender="Sex / gender",
        visit="Visit",
        visit_kind="Kind of visit",
        visit_length="Length of visit",
        session="Session",
        report="Report",
        patient_number="Patient number",
        allergies="Allergies",
        allergies_to_confirm="Allergies to be confirmed",
        not_confirmed="Reported to the clinic, not confirmed by a clinician.",
        referred_by="Referred by",
        not_recorded="not recorded",
    ),
    signature=SignatureLabels(
        title="Electronically signed",
        cosigned="Co-signed",
        name="Name",
        licence="Licence no.",
        account="Account",
        confirmed="Confirmed",
        confirmation="Name and licence by {admin}, {when}",
        the_signer="the signer, as admin",
        meaning="Meaning",
        signed="Signed",
        key="Key",
        key_version="{key}, version {version}",
        digest="SHA-256",
        signature="Signature",
        to_verify="To verify",
        how_to_verify=(
            "Ask the clinic for the signed bytes (JSON) of this report. Their SHA-256 must be the value above, and the "
            "signature must be valid for them under the key that the clinic publishes. The verifier that comes with "
            "the bytes checks both without a network."
        ),
    ),
    marks=Marks(
        page="Page {number} of {count}",
        born="born {date}",
        died="died {date}",
        psychotherapy_notes="Psychotherapy notes",
        psychotherapy_advice=(
            "Kept apart from the rest of the record (45 CFR 164.501), for their author alone. Not to be passed on."
        ),
        draft="DRAFT",
        not_signed="not signed",
        not_final="NOT FINAL",
        waits_for_cosignature="waits for the co-signature",
        not_final_advice="Signed by its author. It is not final before the supervisor has co-signed it.",
        draft_title="Draft, not signed",
        draft_advice=("This draft has not been reviewed and signed by the practitioner. It is not a medical record."),
        doubts_to_check=Counted(
            one="{count} statement has a doubt to check before signing.",
            other="{count} statements have doubts to check before signing.",
        ),
        superseded="SUPERSEDED",
        superseded_by="Superseded by {report} on {when}. Reason: {reason}",
        superseded_advice="Read the later report. This one is kept as it was signed, and can still be verified.",
        copy_title="This is a copy, not the original",
        copy_advice=(
            "This file can be edited. The original is the signed report (PDF or JSON), which the digest below belongs "
            "to."
        ),
        draft_copy_advice="This file can be edited. It is a copy of a draft that nobody has signed.",
    ),
    origin=Origin(
        written_by="Written by {name}.",
        the_practitioner="the practitioner",
        drafted_by="Drafted by an AI model ({model}).",
        revised_by="Revised by {names}: {changes}.",
        corrected_or_added=Counted(
            one="{count} statement corrected or added (†)", other="{count} statements corrected or added (†)"
        ),
        removed=Counted(one="{count} statement removed", other="{count} statements removed"),
        unchanged="No statement was changed after the draft.",
        measures=(
            "Measures are printed in clinical notation, such as 118/76 mmHg; the report's text has them as spoken."
        ),
        lacking_recordings=Counted(
            one="This draft says nothing of {count} recording of the visit.",
            other="This draft says nothing of {count} recordings of the visit.",
        ),
        transcript_changed="The transcript was corrected after this draft was written.",
        no_transcript="No transcript: compared with the clinic's own record only.",
        noted="noted by the practitioner",
        from_record="from the consent record",
    ),
    lost_audio=LostAudioWords(
        title="Part of the visit was lost",
        advice="This was spoken, and is not in the recording. The report cannot say anything of it.",
        place="At {time} of recording {recording}: {length}.",
        seconds=Counted(one="{count} second is missing", other="{count} seconds are missing"),
        unknown_length="nobody knows how much is missing",
        further=Counted(one="and after that, at {count} place", other="and after that, at {count} places"),
        in_all=Counted(
            one="Audio is missing at {count} place in all: see the transcript of the visit.",
            other="Audio is missing at {count} places in all: see the transcript of the visit.",
        ),
        declared="Declared lost by the doctor of the visit on {when}: {reason}",
        undeclared="The device did not send it.",
    ),
    findings=FindingWords(
        title="What was doubted, and how it was decided",
        none="The checks found nothing to decide.",
        check="Check: {doubts}.",
        left_out="Said, and in none of the statements: {words}",
        risk_answer="the answer is a risk",
        unresolved="Not decided.",
        decided="{how}: {reason} ({author}, {when})",
        how={
            ResolutionKind.CONFIRMED: "Confirmed",
            ResolutionKind.NOT_RELEVANT: "Not relevant to the report",
        },
        doubts={
            DoubtKind.NUMBER_NOT_IN_EVIDENCE: "a number is not in the evidence",
            DoubtKind.DOSE_NOT_OF_DRUG: "the dose was not said of this drug",
            DoubtKind.DRUG_NOT_IN_EVIDENCE: "nobody named the drug there",
            DoubtKind.SIDE_NOT_IN_EVIDENCE: "the side is not in the evidence",
            DoubtKind.NEGATION_DIFFERS: "stated and denied differ",
            DoubtKind.SPEAKER_DIFFERS: "another person said it",
            DoubtKind.TERM_NOT_SAID: "nobody said the term",
            DoubtKind.WORDS_NOT_IN_EVIDENCE: "its words are not in the evidence",
            DoubtKind.TOO_MANY_CITATIONS: "it cites too many segments",
            DoubtKind.HEARD_UNCERTAINLY: "heard uncertainly",
            DoubtKind.OTHER_NAME_HEARD: "the name of another person was heard",
            DoubtKind.NORMAL_NOT_IN_EVIDENCE: "nobody said that this is normal",
            DoubtKind.CONSENT_NOT_IN_RECORD: "no consent record says so",
            DoubtKind.ALLERGY_IN_RECORD: "the chart has an allergy",
            DoubtKind.MEDICATION_NOT_AS_IN_RECORD: "the chart has another dose",
            DoubtKind.SCORE_NOT_AS_RECORDED: "the total is another one",
        },
        omissions={
            OmissionKind.DRUG: "a medicine",
            OmissionKind.DOSE: "a dose",
            OmissionKind.ALLERGY: "an allergy",
            OmissionKind.RISK: "a risk",
            OmissionKind.DIAGNOSIS: "a diagnosis",
            OmissionKind.FOLLOW_UP: "a follow-up",
            OmissionKind.ORDER: "an order",
        },
    ),
    report_version="{number}, version {version}",
    about="about {age}",
    either="{least} or {most}",
    between="{least} to {most}",
    years=Counted(one="{count} year", other="{count} years"),
    age_months=Counted(one="{count} month", other="{count} months"),
    days=Counted(one="{count} day", other="{count} days"),
    minutes=Counted(one="{count} minute", other="{count} minutes"),
    more_in_chart=Counted(one="and {count} more in the chart", other="and {count} more in the chart"),
    more=Counted(one="and {count} more", other="and {count} more"),
    item="Item",
    answer="Answer",
    total="Total",
    points="{total} of {highest}",
    unanswered=Counted(one="unknown, {count} item without an answer", other="unknown, {count} items without an answer"),
    addendum="Addendum {number}",
)
