"""Reviews, signatures, co-signatures and addenda in any order: what was signed stays, and who must sign does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Relation
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.reports.addenda import MOST_ADDENDA, ReportAddenda
from shared.records.reports.cosignature import MOST_RETURNS
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.reviews import MOST_REVIEWS
from shared.records.reports.signed import AuthoredReport, SignedBytes
from tests.support.factories import BY_DOCTOR, DOCTOR, NOON, after, report
from tests.support.thorough import examples

SUPERVISOR = "supervisor"
BY_SUPERVISOR = Stamp(SUPERVISOR, after(minutes=5))
people = st.sampled_from([DOCTOR, SUPERVISOR, "colleague"])
DRAFT = report(status=ReportStatus.COMPLETED)
WAITING = DRAFT.signed(BY_DOCTOR, cosigner_id=SUPERVISOR)


class Signing(RuleBasedStateMachine):
    """A report between its draft and its last addendum."""

    report: Report

    @initialize(trainee=st.booleans())
    def begin(self, trainee: bool) -> None:
        self.report, self.at = DRAFT, NOON
        self.cosigner = SUPERVISOR if trainee else None
        self.signed_versions: list[int] = []

    def stamp(self, by: str) -> Stamp:
        self.at += timedelta(minutes=1)
        return Stamp(by, self.at)

    @precondition(lambda self: self.report.status == ReportStatus.COMPLETED)
    @rule(by=people)
    def review(self, by: str) -> None:
        before, stamp = self.report, self.stamp(by)
        self.report = before.reviewed(stamp)
        others = [one for one in before.reviews if one.reviewer_id != by]
        assert self.report.reviews[:-1] == others
        assert self.report.version == before.version

    @precondition(lambda self: self.report.status == ReportStatus.COMPLETED)
    @rule(by=people)
    def correct(self, by: str) -> None:
        before = self.report
        self.report = before.corrected(None, self.stamp(by))
        assert (self.report.version, self.report.reviews) == (before.version + 1, [])

    @precondition(lambda self: self.report.status == ReportStatus.COMPLETED)
    @rule()
    def sign(self) -> None:
        before = self.report
        self.report = before.signed(self.stamp(DOCTOR), cosigner_id=self.cosigner)
        self.signed_versions.append(before.version)
        assert self.report.status == (ReportStatus.COSIGNATURE_PENDING if self.cosigner else ReportStatus.SIGNED)
        assert self.report.reviews == before.reviews or not before.reviews
        assert self.report.reviews, "signing counts as review"

    @precondition(lambda self: self.report.awaits_cosignature)
    @rule()
    def cosign(self) -> None:
        before = self.report
        self.report = before.cosigned(self.stamp(SUPERVISOR))
        assert (self.report.signed_by, self.report.signed_at) == (before.signed_by, before.signed_at)

    @precondition(lambda self: self.report.awaits_cosignature and len(self.report.returns) < MOST_RETURNS)
    @rule(by=st.sampled_from([DOCTOR, SUPERVISOR]))
    def give_back(self, by: str) -> None:
        before = self.report
        self.report = before.returned("the dose is of the visit before", self.stamp(by))
        assert self.report.returns[-1].version == before.version

    @precondition(lambda self: self.report.status == ReportStatus.SIGNED and self.report.addenda_count < MOST_ADDENDA)
    @rule(by=people)
    def add(self, by: str) -> None:
        before = self.report
        self.report = before.with_addendum(self.stamp(by))
        assert self.report.addenda_count == before.addenda_count + 1

    @invariant()
    def the_latest_review_is_repeated(self) -> None:
        latest = self.report.reviews[-1] if self.report.reviews else None
        assert (self.report.reviewed_by, self.report.reviewed_at) == (
            (latest.reviewer_id, latest.at) if latest else (None, None)
        )
        assert all(one.version == self.report.version for one in self.report.reviews)
        reviewers = [one.reviewer_id for one in self.report.reviews]
        assert len(set(reviewers)) == len(reviewers)

    @invariant()
    def no_version_is_signed_twice(self) -> None:
        assert len(set(self.signed_versions)) == len(self.signed_versions)
        returned = [one.version for one in self.report.returns]
        frozen = [self.report.version] if self.report.signed_at else []
        assert returned + frozen == self.signed_versions, "each signature is in force, or was returned"

    @invariant()
    def only_a_cosignature_makes_a_trainees_report_final(self) -> None:
        one = self.report
        is_final = one.status == ReportStatus.SIGNED
        assert is_final == (one.signed_at is not None and (self.cosigner is None or one.cosigned_at is not None))
        assert (one.cosigned_at is not None) <= (one.cosigner_id == SUPERVISOR)
        assert (one.addenda_count > 0) <= is_final

    @invariant()
    def signed_work_is_readable_to_those_who_sign_it(self) -> None:
        relations = self.report.relations_of(SUPERVISOR)
        assert (Relation.COSIGNER in relations) == (self.report.cosigner_id == SUPERVISOR)
        assert Report.admits(SUPERVISOR, self.report.model_dump()) == (Relation.COSIGNER in relations)


Signing.TestCase.settings = settings(max_examples=examples(40), stateful_step_count=15, deadline=None)
TestSigning = Signing.TestCase


def code_of(move: object) -> ConflictCode:
    with pytest.raises(Conflict) as refused:
        move()  # type: ignore[operator]
    code = refused.value.code
    assert isinstance(code, ConflictCode)
    return code


def test_a_report_that_waits_for_the_cosignature_is_frozen() -> None:
    stamp = Stamp(DOCTOR, after(minutes=9))

    for change in (
        lambda: WAITING.corrected(None, stamp),
        lambda: WAITING.reviewed(stamp),
        lambda: WAITING.resolved(stamp),
        lambda: WAITING.signed(stamp),
        lambda: WAITING.to_be_rewritten([], stamp),
    ):
        assert code_of(change) == ConflictCode.COSIGNATURE_PENDING
    assert code_of(lambda: WAITING.discarded("session_cancelled", stamp)) == ConflictCode.REPORT_SIGNED


@pytest.mark.parametrize(
    "one", [DRAFT, DRAFT.signed(BY_DOCTOR), WAITING.cosigned(BY_SUPERVISOR)], ids=["draft", "signed", "co-signed"]
)
def test_nothing_else_is_cosigned_or_returned(one: Report) -> None:
    assert code_of(lambda: one.cosigned(BY_SUPERVISOR)) == ConflictCode.NO_COSIGNATURE_PENDING
    assert code_of(lambda: one.returned("no", BY_SUPERVISOR)) == ConflictCode.NO_COSIGNATURE_PENDING


def test_the_numbers_of_reviews_returns_and_addenda_are_bounded() -> None:
    reviewed, one = DRAFT, WAITING
    for number in range(MOST_REVIEWS):
        reviewed = reviewed.reviewed(Stamp(f"doctor{number}", NOON))
    for _ in range(MOST_RETURNS):
        one = one.returned("again", BY_SUPERVISOR).signed(BY_DOCTOR, cosigner_id=SUPERVISOR)
    signed = SignedBytes(canonical="{}", signature="c2ln")
    addenda = ReportAddenda.new(DRAFT.id, BY_DOCTOR)
    for _ in range(MOST_ADDENDA):
        addenda = addenda.with_one(signed, BY_DOCTOR)

    assert code_of(lambda: reviewed.reviewed(BY_DOCTOR)) == ConflictCode.TOO_MANY_REVIEWS
    assert len(reviewed.reviewed(Stamp("doctor3", NOON)).reviews) == MOST_REVIEWS, "one more by the same person"
    assert code_of(lambda: one.returned("again", BY_SUPERVISOR)) == ConflictCode.TOO_MANY_RETURNS
    assert code_of(lambda: addenda.with_one(signed, BY_DOCTOR)) == ConflictCode.TOO_MANY_ADDENDA


def test_each_signed_version_has_a_document_of_its_own() -> None:
    ids = [AuthoredReport.id_of(DRAFT.id, version) for version in (1, 2, 11)]

    assert [AuthoredReport.path_of(id) for id in ids] == [
        f"reports/{DRAFT.id}/bodies/authored-{version}" for version in (1, 2, 11)
    ]
