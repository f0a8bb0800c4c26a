"""Comparing who is registered, changed or restored with the patients that the caller may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from shared.records import numbering
from shared.records.patients.likeness import IDENTITY, SAME, Likeness, likeness_of
from shared.records.patients.likeness_terms import LikenessTerms, terms_of
from shared.records.patients.name_likeness import Person
from shared.records.patients.patient import Patient
from shared.records.patients.similar import MOST_TOLD, SimilarPatient
from shared.records.patients.terms import Term
from shared.records.patients.update import PatientUpdate
from shared.records.problems import Duplicate, FieldError
from shared.store import search
from shared.store.patient_tokens import TOKENS
from shared.store.queries import Whole
from shared.store.unit_of_work import UnitOfWork

MOST_COMPARED = 30
"""Patients that one query reads, the newest ones."""
_SAME, _SIMILAR = "a patient has the same", "a patient has a similar one"
Found = tuple[Patient, Likeness]
Records = Sequence[Patient]
"""The records of another person: the patient, and those that are merged into it."""


def of_registration(work: UnitOfWork, new: PatientUpdate) -> list[SimilarPatient]:
    """The patients who may be this person, the most similar first. Those that the caller may not see are not read.

    Who another registration of this instance has just written is among them. With one of another instance this one
    conflicts on the counter, which was read before, runs again, and then finds the patient.

    Raises Duplicate if somebody seems to be the same person.
    """
    work.await_turn(numbering.PATIENTS)
    return _similar(work, new, "", lambda _: 0)


def of_change(work: UnitOfWork, before: Patient, after: Patient, *, allowed: bool) -> list[SimilarPatient]:
    """As `of_registration`, of those to whom a change makes the patient more similar, so that who was allowed once
    beside a twin stays editable. Nobody if the identity stays, or the client insists (`allowed`)."""
    if all(getattr(before, field) == getattr(after, field) for field in IDENTITY):
        return []
    _let_others_see(work)
    return [] if allowed else _similar(work, after, after.id, lambda others: _closest(before, others).score)


def of_restoration(work: UnitOfWork, deleted: Patient, *, allowed: bool) -> list[SimilarPatient]:
    """As `of_registration`, of those who were registered or changed after the patient was deleted: the others stood
    beside the patient before, and still do. Nobody if the client insists (`allowed`)."""
    _let_others_see(work)
    return [] if allowed else _similar(work, deleted, deleted.id, lambda others: _until_deleted(deleted, others))


def _until_deleted(deleted: Patient, others: Records) -> int:
    """The score when the patient was deleted, as far as the other one is known to be as it was."""
    return _closest(deleted, others).score if all(one.updated_at <= deleted.updated_at for one in others) else 0


def _closest(person: Person, records: Records) -> Likeness:
    """The likeness to the most similar record of another person."""
    return max((likeness_of(person, record) for record in records), key=lambda one: one.score)


def _let_others_see(work: UnitOfWork) -> None:
    """Of concurrent changes that make one person of two records, let the second conflict, run again and find the first.

    The counter of patients, which every registration writes too, is read before the query and written in the commit.
    """
    work.take_turn(numbering.PATIENTS)


def _similar(work: UnitOfWork, person: Person, own_id: str, earlier: Callable[[Records], int]) -> list[SimilarPatient]:
    """Raises Duplicate. `earlier` is the score of another person before the change."""
    terms = terms_of(person)
    suspects = _Suspects(work, terms, {own_id})
    others: list[Found] = []
    asked = [lists for lists in (terms.by_person, terms.by_name) if lists]
    widest = search.newest_with_any(work, [lists[0] for lists in asked], MOST_COMPARED)
    for lists, snapshots in zip(asked, widest, strict=True):
        found = ((records, _closest(person, records)) for records in suspects.opened(lists, snapshots))
        others += [(records[0], now) for records, now in found if now.told and now.score > earlier(records)]
        others = sorted(others, key=lambda one: (one[1].score, one[0].created_at), reverse=True)[:MOST_TOLD]
        if any(likeness.exact for _, likeness in others):
            shown = [SimilarPatient.of(*other).model_dump(mode="json", exclude={"code"}) for other in others]
            raise Duplicate(shown, [*_errors(others)])
    return [SimilarPatient.of(*other) for other in others]


class _Suspects:
    """The patients who may be a person, each opened once."""

    def __init__(self, work: UnitOfWork, terms: LikenessTerms, opened: set[str]) -> None:
        """Who is in `opened` is left out."""
        self._work, self._terms, self._opened = work, terms, opened

    def opened(self, lists: Sequence[Sequence[Term]], snapshots: Sequence[Whole]) -> Iterator[Records]:
        """The patients that the queries find, without those who cannot be alike: their tokens tell, so nobody opens
        them. `snapshots` are what the widest query found.

        A narrower query follows only where one was full, so that many with one telephone number, birthday or common
        name do not hide who has all of them.
        """
        for narrower in (*lists[1:], None):
            for snapshot in snapshots:
                if snapshot.id not in self._opened and self._may_be_alike(frozenset(snapshot.get(TOKENS))):
                    self._opened.add(snapshot.id)
                    yield self._work.identified(snapshot)
            if narrower is None or len(snapshots) < MOST_COMPARED:
                return
            [snapshots] = search.newest_with_any(self._work, [narrower], MOST_COMPARED)

    def _may_be_alike(self, tokens: frozenset[bytes]) -> bool:
        if not tokens.isdisjoint(self._certain):
            return True
        return not tokens.isdisjoint(self._names) and not tokens.isdisjoint(self._births)

    @cached_property
    def _certain(self) -> frozenset[bytes]:
        return self._tokens_of(self._terms.certain)

    @cached_property
    def _names(self) -> frozenset[bytes]:
        return self._tokens_of(self._terms.names)

    @cached_property
    def _births(self) -> frozenset[bytes]:
        return self._tokens_of(self._terms.births)

    def _tokens_of(self, terms: Iterable[Term]) -> frozenset[bytes]:
        return search.tokens_of(self._work, self._work.scope, terms)


def _errors(alike: Sequence[Found]) -> Iterator[FieldError]:
    """The fields in which the person seems to be one of the patients, each once."""
    codes = {
        field: reason.code
        for _, one in reversed(alike)
        if one.exact
        for reason in one.reasons
        for field in reason.fields
    }
    yield from (FieldError(f"/{field}", _SAME if code in SAME else _SIMILAR) for field, code in codes.items())
