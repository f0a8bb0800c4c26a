"""What every language has to say on a printed report. Pure.

A text with slots, such as `{number}`, has the same slots in every language (a test checks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import OmissionKind
from shared.records.partial_date import PartialDate
from shared.records.patients.age import AgeSpan, AgeUnit
from shared.records.report_type import ReportType
from shared.records.reports.resolutions import ResolutionKind
from shared.records.reports.signed import Meaning
from shared.records.visits.session import SessionType


@dataclass(frozen=True, slots=True)
class Counted:
    """A text with a count. A form that a language does not have is that of `other`."""

    one: str
    other: str
    two: str = ""
    few: str = ""
    """Arabic: 3 to 10, also of each hundred."""

    def of(self, count: int) -> str:
        """The text with this count."""
        form = self.one if count == 1 else self.two if count == 2 else self.few if 3 <= count % 100 <= 10 else ""
        return (form or self.other).format(count=count)


@dataclass(frozen=True, slots=True)
class FactLabels:
    """The labels of the facts below the title."""

    patient: str
    date_of_birth: str
    age: str
    gender: str
    visit: str
    visit_kind: str
    visit_length: str
    session: str
    report: str
    patient_number: str
    allergies: str
    allergies_to_confirm: str
    not_confirmed: str
    """Below allergies that no clinician confirmed."""
    referred_by: str
    not_recorded: str


@dataclass(frozen=True, slots=True)
class SignatureLabels:
    """The labels of a signature."""

    title: str
    cosigned: str
    """The title of a supervisor's signature."""
    name: str
    licence: str
    account: str
    confirmed: str
    confirmation: str
    """Slots: `admin`, `when`."""
    the_signer: str
    """The admin who is the signer."""
    meaning: str
    signed: str
    key: str
    key_version: str
    """Slots: `key`, `version`."""
    digest: str
    signature: str
    to_verify: str
    how_to_verify: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on every page, and what a report is that is not valid as it stands."""

    page: str
    """Slots: `number`, `count`."""
    born: str
    """Slot: `date`."""
    died: str
    """Slot: `date`."""
    psychotherapy_notes: str
    psychotherapy_advice: str
    draft: str
    not_signed: str
    not_final: str
    waits_for_cosignature: str
    not_final_advice: str
    draft_title: str
    draft_advice: str
    doubts_to_check: Counted
    superseded: str
    superseded_by: str
    """Slots: `report`, `when`, `reason`."""
    superseded_advice: str
    copy_title: str
    copy_advice: str
    """On a copy that can be edited, of a signed report."""
    draft_copy_advice: str
    """On a copy that can be edited, of a draft."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the text comes from."""

    written_by: str
    """Slot: `name`."""
    the_practitioner: str
    drafted_by: str
    """Slot: `model`, with the day."""
    revised_by: str
    """Slots: `names`, `changes`."""
    corrected_or_added: Counted
    removed: Counted
    unchanged: str
    measures: str
    lacking_recordings: Counted
    transcript_changed: str
    no_transcript: str
    noted: str
    """After a statement that rests on typed notes."""
    from_record: str
    """After a statement that code made from a consent record."""


@dataclass(frozen=True, slots=True)
class LostAudioWords:
    """What was spoken and is in no recording."""

    title: str
    advice: str
    place: str
    """Slots: `time`, `recording`, `length`."""
    seconds: Counted
    unknown_length: str
    further: Counted
    """Places that one line stands for."""
    in_all: Counted
    """All places, where not each has a line of its own, and where they are named."""
    declared: str
    """Slots: `when`, `reason`."""
    undeclared: str


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What was doubted or left out, and how it was decided."""

    title: str
    none: str
    check: str
    """Before the doubts of a statement in a draft. Slot: `doubts`."""
    left_out: str
    """Slot: `words`."""
    risk_answer: str
    unresolved: str
    decided: str
    """Slots: `how`, `reason`, `author`, `when`."""
    how: Mapping[ResolutionKind, str]
    doubts: Mapping[DoubtKind, str]
    omissions: Mapping[OmissionKind, str]


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of a printed report in one language."""

    code: str
    """BCP 47, such as `hi`."""
    right_to_left: bool
    months: tuple[str, ...]
    listed: str
    """Between the members of a list: a comma with a space."""
    titles: Mapping[ReportType, str]
    visit_kinds: Mapping[SessionType, str]
    meanings: Mapping[Meaning, str]
    kinds: Mapping[StatementKind, str]
    facts: FactLabels
    signature: SignatureLabels
    marks: Marks
    origin: Origin
    findings: FindingWords
    lost_audio: LostAudioWords
    report_version: str
    """Slots: `number`, `version`."""
    about: str
    """Slot: `age`, as somebody judged it."""
    either: str
    """Slots: `least`, `most`: two numbers, the second with the unit."""
    between: str
    """As `either`, for numbers that are further apart."""
    years: Counted
    age_months: Counted
    days: Counted
    minutes: Counted
    more_in_chart: Counted
    more: Counted
    item: str
    answer: str
    total: str
    points: str
    """Slots: `total`, `highest`."""
    unanswered: Counted
    addendum: str
    """Slot: `number`."""

    def long_date(self, day: date) -> str:
        """`4 November 2026`."""
        return f"{day.day} {self.months[day.month - 1]} {day.year}"

    def partial_date(self, known: PartialDate | None) -> str:
        """As much as is known: `8 June 1950`, `June 1950`, `1950`; empty if nothing is."""
        if known is None:
            return ""
        if known.exact:
            return self.long_date(known.exact)
        return f"{self.months[known.month - 1]} {known.year}" if known.month else str(known.year)

    def death(self, died: PartialDate | None) -> str:
        """`died 2 October 2026`; empty for a patient whose death is not recorded."""
        return self.marks.died.format(date=self.partial_date(died)) if died else ""

    def age(self, span: AgeSpan | None) -> str:
        """`3 months`, `75 or 76 years`, `about 76 years`; empty for an unknown age."""
        if span is None:
            return ""
        unit = {AgeUnit.YEARS: self.years, AgeUnit.MONTHS: self.age_months, AgeUnit.DAYS: self.days}[span.unit]
        if span.estimated:
            return self.about.format(age=unit.of(span.most))
        if span.least == span.most:
            return unit.of(span.most)
        between = self.either if span.most == span.least + 1 else self.between
        return between.format(least=span.least, most=unit.of(span.most))
