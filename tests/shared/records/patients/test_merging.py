"""Merging two records of one person, and undoing it: who sees what, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from local.demo.consent import CONSENT
from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.conflict_codes import ConflictCode
from shared.records.messages.kinds import Channel
from shared.records.partial_date import PartialDate
from shared.records.patients import merging
from shared.records.patients.consent import PatientConsents
from shared.records.patients.contact import Choice, ContactChoices, Said, contact_id, strictest
from shared.records.patients.death import Death
from shared.records.patients.new_consent import NewConsent, NewWithdrawal
from shared.records.patients.patient import MOST_DOCTORS, Patient
from shared.records.patients.terms import ANY, desk_terms_of, terms_of, terms_together
from shared.records.permissions import ShareLevel
from shared.records.problems import Conflict
from shared.records.record import Stamp
from tools.openapi import factories

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
STAMP = Stamp("admin", NOW)
DOCTORS = [f"doctor{number}" for number in range(5)]
LEVELS: dict[ShareLevel | None, int] = {None: 0, ShareLevel.READ: 1, ShareLevel.WRITE: 2}


def patient(id: str, owner: str = "doctor0", **values: Any) -> Patient:
    return factories.patient(owner, STAMP, id=id, number=f"PAT-2026{ord(id[0]):04}", **values)


def level(record: Patient, doctor: str) -> int:
    """What a doctor may do: nothing, read, write, or, as the owner, more."""
    return 3 if doctor == record.owner_id else LEVELS[record.level_of(doctor)]


def code(survivor: Patient, other: Patient) -> ConflictCode:
    with pytest.raises(Conflict) as refused:
        merging.merged(survivor, other, STAMP)
    assert isinstance(refused.value.code, ConflictCode)
    return refused.value.code


def died(date: str) -> Death:
    return Death(date=PartialDate(date), recorded_on=NOW.date())


def test_both_have_the_doctors_of_both_at_the_higher_level() -> None:
    mine = patient("a", shared_with=["doctor1", "doctor2"], writers=["doctor2"])
    theirs = patient("b", "doctor3", shared_with=["doctor1", "doctor2", "doctor4"], writers=["doctor1"])

    one, absorbed = merging.merged(mine, theirs, STAMP)

    assert [level(one, doctor) for doctor in DOCTORS] == [3, 2, 2, 2, 1]
    assert [level(absorbed, doctor) for doctor in DOCTORS] == [3, 2, 2, 2, 1]
    assert (one.revision, absorbed.revision) == (mine.revision + 1, theirs.revision + 1)
    own, separate = merging.unmerged(one, absorbed, [], STAMP)
    kept = {"owner_id", "shared_with", "writers", "merge", "joined", "raised", "merged_patient_ids"}
    assert own.model_dump(include=kept) == mine.model_dump(include=kept)
    assert separate.model_dump(include=kept) == theirs.model_dump(include=kept)


def test_what_cannot_be_merged() -> None:
    mine, theirs, third = patient("a"), patient("b"), patient("c")
    one, absorbed = merging.merged(mine, theirs, STAMP)

    assert code(one, absorbed) == ConflictCode.ALREADY_MERGED
    assert code(third, absorbed) == ConflictCode.ALREADY_MERGED
    assert code(third, one) == ConflictCode.HAS_MERGED_RECORDS
    many = one.amended(merged_patient_ids=[*"bdefg"])
    assert code(many, third) == ConflictCode.TOO_MANY_MERGED
    crowded = mine.amended(shared_with=[f"other{number}" for number in range(MOST_DOCTORS)])
    assert code(crowded, patient("d", "doctor4")) == ConflictCode.TOO_MANY_DOCTORS
    with pytest.raises(Conflict):
        merging.unmerged(third, absorbed, [], STAMP)


@pytest.mark.parametrize(
    ("mine", "theirs", "refused", "after"),
    [
        (None, "2026-10-02", False, "2026-10-02"),
        ("2026-10-02", None, False, "2026-10-02"),
        ("2026-10", "2026-10-02", False, "2026-10"),
        ("2026-10-02", "2026", False, "2026-10-02"),
        ("2026-10-02", "2026-10-03", True, ""),
        ("2025", "2026-10-03", True, ""),
    ],
)
def test_the_death_of_the_person(mine: str | None, theirs: str | None, refused: bool, after: str) -> None:
    first = patient("a", deceased=died(mine) if mine else None)
    second = patient("b", deceased=died(theirs) if theirs else None)
    if refused:
        assert code(first, second) == ConflictCode.DEATHS_DIFFER
        return
    one, absorbed = merging.merged(first, second, STAMP)
    assert one.deceased and str(one.deceased.date) == after
    own, separate = merging.unmerged(one, absorbed, [], STAMP)
    assert (own.deceased, separate.deceased) == (first.deceased, second.deceased)
    corrected = one.died(died("2026-10-01"), STAMP)
    assert merging.unmerged(corrected, absorbed, [], STAMP)[0].deceased == corrected.deceased


def test_charts_are_read_together() -> None:
    mine = patient("a", allergies=["latex"], notes="Calm.")
    others = [patient("b", allergies=["latex", "aspirin"]), patient("c", current_medications=["lithium"])]

    read = merging.with_charts_of(mine, others)

    assert (read.allergies, read.current_medications, read.notes) == (["latex", "aspirin"], ["lithium"], "Calm.")
    assert merging.with_charts_of(mine, []) is mine


def test_terms_of_merged_records_are_bounded_and_the_surest_stay() -> None:
    mine = patient("a", first_name="Zoë", last_name="Fernandes")
    long_names = ["Alpha Bravo Charlie Delta Echo", "Golf Hotel India Juliett Kilo", "Mike November Oscar Papa Quebec"]
    others = [
        patient(id, first_name=name, last_name=name[::-1].title(), primary_phone=f"+9198450{number}2345")
        for number, (id, name) in enumerate(zip("bcd", long_names, strict=True))
    ]
    everything = set().union(*map(terms_of, (mine, *others)))

    assert set().union(*terms_together(mine, others, 10_000)) == everything
    most = len(terms_of(mine)) + 60
    desk, clinical = terms_together(mine, others, most)
    assert len(desk | clinical) == most < len(everything)
    assert terms_of(mine) <= desk | clinical
    for other in others:
        assert {("number", other.number), ("phone", other.primary_phone)} <= desk
        assert {term for term in desk_terms_of(other) if term[0] == "name"} <= desk
    assert ANY in desk


SAID = {"said": Said.IN_PERSON, "recorded_by": "desk"}


def choices(id: str, *, sms: bool | None, hours: int) -> ContactChoices:
    choice = None if sms is None else Choice(allowed=sms, recorded_at=NOW + timedelta(hours=hours), **SAID)
    return ContactChoices.new(contact_id(id), STAMP, sms=choice)


@pytest.mark.parametrize(
    ("own", "own_hours", "other", "expected"),
    [
        (None, 0, False, False),
        (None, 0, True, True),
        (True, 0, False, False),
        (True, 2, False, True),
        (False, 2, True, False),
        (None, 0, None, None),
    ],
)
def test_a_refusal_counts_until_messages_are_allowed_after_the_merge(
    own: bool | None, own_hours: int, other: bool | None, expected: bool | None
) -> None:
    merged_at = NOW + timedelta(hours=1)

    found = strictest(choices("a", sms=own, hours=own_hours), [(choices("b", sms=other, hours=0), merged_at)])

    choice = found.of(Channel.SMS) if found else None
    assert (choice.allowed if choice else None) is expected
    assert strictest(None, []) is None


PURPOSES = [ConsentPurpose.RECORDING]


def consents(id: str, *given_hours: int, withdrawn: int | None = None) -> PatientConsents:
    """The consents to recording that were given at these hours; the first one withdrawn at an hour."""
    found = PatientConsents.new(id, STAMP)
    for hour in given_hours:
        at = NOW + timedelta(hours=hour)
        new = NewConsent.model_validate({**CONSENT, "purposes": PURPOSES, "given_at": at})
        found = found.with_consent(new, f"{id}{hour}", Stamp("desk", at))
    if withdrawn is not None:
        stamp = Stamp("desk", NOW + timedelta(hours=withdrawn))
        found = found.with_withdrawal(found.given[0].id, NewWithdrawal(), stamp)
    return found


@pytest.mark.parametrize(
    ("own", "other", "live"),
    [
        (consents("a", 0), consents("b"), True),
        (consents("a"), consents("b", 0), True),
        (consents("a", 0), consents("b", 0, withdrawn=1), False),
        (consents("a", 0, withdrawn=1), consents("b", 0), False),
        (consents("a", 2), consents("b", 0, withdrawn=1), True),
        (consents("a", 0, withdrawn=1), consents("b", 2), True),
    ],
)
def test_a_withdrawal_at_either_ends_earlier_consents_at_both(
    own: PatientConsents, other: PatientConsents, live: bool
) -> None:
    for one, two in ((own, other), (other, own)):
        together = one.together_with([two])

        assert bool(together.live_by_purpose(None, NOW + timedelta(hours=3))) is live
        assert len(together.given) == len(own.given) + len(other.given)
    assert own.together_with([]) is own


class Records(RuleBasedStateMachine):
    """Five records of one person, merged and undone in any order, and shared, withdrawn and transferred meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.records = {id: patient(id, owner=DOCTORS[number]) for number, id in enumerate("abcde")}
        self.before: dict[str, tuple[str, set[str], set[str]]] = {}
        self.touched = False

    def _save(self, *records: Patient) -> None:
        """As `UnitOfWork.save` lets merged records follow."""
        for record in records:
            self.records[record.id] = record
            for id in record.merged_patient_ids:
                self.records[id] = self.records[id].amended(**merging.followed(record))

    @rule(one=st.sampled_from("abcde"), doctor=st.sampled_from(DOCTORS), wanted=st.sampled_from([*ShareLevel]))
    def share(self, one: str, doctor: str, wanted: ShareLevel) -> None:
        record = self.records[one]
        if record.merge is None and doctor != record.owner_id and record.level_of(doctor) != wanted:
            self.touched = self.touched or bool(record.merged_patient_ids)
            self._save(record.shared(doctor, STAMP, wanted))

    @rule(one=st.sampled_from("abcde"), doctor=st.sampled_from(DOCTORS))
    def withdraw(self, one: str, doctor: str) -> None:
        record = self.records[one]
        if record.merge is None and doctor in record.shared_with:
            self.touched = self.touched or bool(record.merged_patient_ids)
            self._save(record.withdrawn(doctor, STAMP))

    @rule(one=st.sampled_from("abcde"), doctor=st.sampled_from(DOCTORS))
    def transfer(self, one: str, doctor: str) -> None:
        record = self.records[one]
        if record.merge is None and doctor != record.owner_id:
            self.touched = self.touched or bool(record.merged_patient_ids)
            self._save(record.transferred(doctor, STAMP))

    @rule(one=st.sampled_from("abcde"), two=st.sampled_from("abcde"))
    def merge(self, one: str, two: str) -> None:
        survivor, other = self.records[one], self.records[two]
        if one == two or survivor.merge is not None:
            return
        try:
            after, absorbed = merging.merged(survivor, other, STAMP)
        except Conflict:
            return
        for record in (survivor, other):
            if not record.merged_patient_ids:
                self.before[record.id] = _access(record)
        assert all(level(after, doctor) >= min(2, level(other, doctor)) for doctor in DOCTORS)
        assert all(level(after, doctor) >= level(survivor, doctor) for doctor in DOCTORS)
        self._save(absorbed, after)

    @precondition(lambda self: any(record.merge for record in self.records.values()))
    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        other = self.records[data.draw(st.sampled_from([id for id, one in self.records.items() if one.merge]))]
        assert other.merge is not None
        survivor = self.records[other.merge.into]
        remaining = [self.records[id] for id in survivor.merged_patient_ids if id != other.id]
        own, separate = merging.unmerged(survivor, other, remaining, STAMP)
        assert all(level(own, doctor) <= level(survivor, doctor) for doctor in DOCTORS)
        self._save(separate, own)
        if not self.touched:
            assert _access(separate) == self.before[other.id]
            if not own.merged_patient_ids:
                assert _access(own) == self.before[own.id]

    @invariant()
    def each_names_the_other(self) -> None:
        for id, record in self.records.items():
            assert set(record.joined) <= set(record.shared_with)
            assert set(record.raised) <= set(record.writers) <= set(record.shared_with)
            assert record.owner_id not in record.shared_with
            if record.merge is not None:
                survivor = self.records[record.merge.into]
                assert id in survivor.merged_patient_ids
                assert merging.followed(record) == merging.followed(survivor)
                assert not record.merged_patient_ids
            for other in record.merged_patient_ids:
                merge = self.records[other].merge
                assert merge is not None
                assert merge.into == id
            if not record.merged_patient_ids:
                assert record.joined == record.raised == []


def _access(record: Patient) -> tuple[str, set[str], set[str]]:
    return record.owner_id, set(record.shared_with), set(record.writers)


TestRecords = Records.TestCase
